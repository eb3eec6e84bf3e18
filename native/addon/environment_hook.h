// SPDX-License-Identifier: MIT
#pragma once

#include <napi.h>

#include <functional>
#include <utility>

namespace relayscope::addon {

// Runs when the environment (process or worker) ends, unless it is destroyed before. Hooks run in
// reverse order: made after a thread-safe function, it runs while that one can still be called.
class EnvironmentHook {
public:
	EnvironmentHook(Napi::Env env, std::function<void()> body) : env_(env), body_(std::move(body))
	{
		napi_add_env_cleanup_hook(env_, &EnvironmentHook::run, this);
	}
	~EnvironmentHook() { napi_remove_env_cleanup_hook(env_, &EnvironmentHook::run, this); }
	EnvironmentHook(const EnvironmentHook&) = delete;
	EnvironmentHook& operator=(const EnvironmentHook&) = delete;

private:
	static void run(void* self) { static_cast<EnvironmentHook*>(self)->body_(); }

	napi_env env_;
	std::function<void()> body_;
};

} // namespace relayscope::addon
