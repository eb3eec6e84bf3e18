// SPDX-License-Identifier: MIT
#pragma once

#include <napi.h>

#include <memory>

#include "../relay_file_drain.h"
#include "environment_hook.h"
#include "error_delivery.h"

namespace relayscope::addon {

class RelayFileReader : public Napi::ObjectWrap<RelayFileReader> {
public:
	static Napi::Function define(Napi::Env env);
	explicit RelayFileReader(const Napi::CallbackInfo& info);
	~RelayFileReader() override;

private:
	Napi::Value progress(const Napi::CallbackInfo& info);
	void on_error(const Napi::CallbackInfo& info);
	Napi::Value finish(const Napi::CallbackInfo& info);
	void close(const Napi::CallbackInfo& info);

	void end();

	std::shared_ptr<ErrorDelivery> errors_;
	std::shared_ptr<RelayFileDrain> drain_;
	// Last, and made after errors_: it must run before the environment closes that one.
	std::unique_ptr<EnvironmentHook> hook_;
};

} // namespace relayscope::addon
