// SPDX-License-Identifier: MIT
#pragma once

#include <napi.h>

#include <memory>

#include "../held_process.h"

namespace relayscope::addon {

class HeldCommand : public Napi::ObjectWrap<HeldCommand> {
public:
	static Napi::Function define(Napi::Env env);
	explicit HeldCommand(const Napi::CallbackInfo& info);

private:
	Napi::Value pid(const Napi::CallbackInfo& info);
	void release(const Napi::CallbackInfo& info);
	Napi::Value wait(const Napi::CallbackInfo& info);
	void kill(const Napi::CallbackInfo& info);

	// wait() shares it, and gives its share back on the JavaScript thread: see HeldProcess.
	std::shared_ptr<HeldProcess> process_;
};

} // namespace relayscope::addon
