// SPDX-License-Identifier: MIT
#pragma once

#include <napi.h>

#include <memory>

#include "../block_trace.h"
#include "environment_hook.h"

namespace relayscope::addon {

class BlockTrace : public Napi::ObjectWrap<BlockTrace> {
public:
	static Napi::Function define(Napi::Env env);
	explicit BlockTrace(const Napi::CallbackInfo& info);

private:
	Napi::Value name(const Napi::CallbackInfo& info);
	Napi::Value version(const Napi::CallbackInfo& info);
	Napi::Value device(const Napi::CallbackInfo& info);
	Napi::Value mask(const Napi::CallbackInfo& info);
	void start(const Napi::CallbackInfo& info);
	void stop(const Napi::CallbackInfo& info);
	void close(const Napi::CallbackInfo& info);

	std::unique_ptr<relayscope::BlockTrace> trace_;
	std::unique_ptr<EnvironmentHook> hook_;
};

} // namespace relayscope::addon
