// SPDX-License-Identifier: MIT
#pragma once

#include <napi.h>

#include <memory>
#include <optional>

#include "../bufflink_drain.h"
#include "environment_hook.h"
#include "error_delivery.h"

namespace relayscope::addon {

class BufflinkReader : public Napi::ObjectWrap<BufflinkReader> {
public:
	static Napi::Function define(Napi::Env env);
	explicit BufflinkReader(const Napi::CallbackInfo& info);
	~BufflinkReader() override;

private:
	void on_error(const Napi::CallbackInfo& info);
	Napi::Value finish(const Napi::CallbackInfo& info);
	Napi::Value copy_to(const Napi::CallbackInfo& info);
	void close(const Napi::CallbackInfo& info);

	void end();

	std::shared_ptr<ErrorDelivery> errors_;
	// Null once ended: the device is let go at once, not when this is collected.
	std::shared_ptr<BufflinkDrain> drain_;
	BufflinkDrain::Result result_{};
	// Last, and made after errors_: it must run before the environment closes that one.
	std::unique_ptr<EnvironmentHook> hook_;
};

} // namespace relayscope::addon
