// SPDX-License-Identifier: MIT
#pragma once

#include <napi.h>

#include <memory>

#include "../control_device.h"

namespace relayscope::addon {

// CpuStats of index.d.ts.
Napi::Object to_js(Napi::Env env, const relayscope_stats& stats);

class Recorder : public Napi::ObjectWrap<Recorder> {
public:
	static Napi::Function define(Napi::Env env);
	explicit Recorder(const Napi::CallbackInfo& info);

	// Throws a TypeError for anything that is not a Recorder, an ErrnoError(EBADF) for a closed one.
	static std::shared_ptr<ControlDevice> device_of(const Napi::Value& value);

private:
	Napi::Value info(const Napi::CallbackInfo& info);
	Napi::Value sources(const Napi::CallbackInfo& info);
	Napi::Value create_channel(const Napi::CallbackInfo& info);
	void attach_source(const Napi::CallbackInfo& info);
	void make_files(const Napi::CallbackInfo& info);
	void flush(const Napi::CallbackInfo& info);
	Napi::Value reset(const Napi::CallbackInfo& info);
	Napi::Value adopt_boot(const Napi::CallbackInfo& info);
	Napi::Value source_schema(const Napi::CallbackInfo& info);
	Napi::Value load_program(const Napi::CallbackInfo& info);
	Napi::Value triggered(const Napi::CallbackInfo& info);
	void add_process(const Napi::CallbackInfo& info);
	void tell_lives(const Napi::CallbackInfo& info);
	void start(const Napi::CallbackInfo& info);
	void stop(const Napi::CallbackInfo& info);
	Napi::Value stats(const Napi::CallbackInfo& info);
	void close(const Napi::CallbackInfo& info);

	ControlDevice& device() const;

	// Shared with the channel readers, which must be able to acknowledge until they end.
	std::shared_ptr<ControlDevice> device_;
};

} // namespace relayscope::addon
