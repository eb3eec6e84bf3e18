// SPDX-License-Identifier: MIT
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "../channel_drain.h"
#include "environment_hook.h"
#include "error_delivery.h"

namespace relayscope::addon {

class ChannelReader : public Napi::ObjectWrap<ChannelReader> {
public:
	static Napi::Function define(Napi::Env env);
	explicit ChannelReader(const Napi::CallbackInfo& info);
	~ChannelReader() override;

private:
	Napi::Value progress(const Napi::CallbackInfo& info);
	void on_error(const Napi::CallbackInfo& info);
	Napi::Value finish(const Napi::CallbackInfo& info);
	void close(const Napi::CallbackInfo& info);

	void end();
	void settle(std::vector<ChannelDrain::Unread> unread);

	// The drain's threads report to it, also while finish() holds the drain after this is gone.
	std::shared_ptr<ErrorDelivery> errors_;
	// Null once ended: mappings and the recorder are let go at once, not when this is collected.
	std::shared_ptr<ChannelDrain> drain_;
	std::vector<CpuReader::Progress> last_progress_;
	std::vector<ChannelDrain::Unread> unread_;
	// Last, and made after errors_: it must run before the environment closes that one.
	std::unique_ptr<EnvironmentHook> hook_;
};

} // namespace relayscope::addon
