// SPDX-License-Identifier: MIT
#include "block_trace.h"

#include "arguments.h"
#include "edge_error.h"

namespace relayscope::addon {

Napi::Function BlockTrace::define(Napi::Env env)
{
	return DefineClass(env, "BlockTrace",
			   {InstanceAccessor<&BlockTrace::name>("name"),
			    InstanceAccessor<&BlockTrace::version>("version"),
			    InstanceAccessor<&BlockTrace::device>("device"),
			    InstanceAccessor<&BlockTrace::mask>("mask"), InstanceMethod<&BlockTrace::start>("start"),
			    InstanceMethod<&BlockTrace::stop>("stop"), InstanceMethod<&BlockTrace::close>("close")});
}

BlockTrace::BlockTrace(const Napi::CallbackInfo& info) : Napi::ObjectWrap<BlockTrace>(info)
{
	const Napi::Env env = info.Env();
	const std::string device = to_text(info[0], "device");
	const Napi::Object options = to_object(info[1], "options");
	const relayscope::BlockTrace::Buffers buffers{
		.size = to_uint32(options.Get("bufferSize"), "bufferSize"),
		.count = to_uint32(options.Get("bufferCount"), "bufferCount"),
	};
	at_edge(env, [&] {
		trace_ = std::make_unique<relayscope::BlockTrace>(device, buffers);
		hook_ = std::make_unique<EnvironmentHook>(env, [this] { trace_->close(); });
	});
}

Napi::Value BlockTrace::name(const Napi::CallbackInfo& info)
{
	return Napi::String::New(info.Env(), trace_->name());
}

Napi::Value BlockTrace::version(const Napi::CallbackInfo& info)
{
	return Napi::Number::New(info.Env(), trace_->version());
}

Napi::Value BlockTrace::device(const Napi::CallbackInfo& info)
{
	return Napi::Number::New(info.Env(), trace_->device());
}

Napi::Value BlockTrace::mask(const Napi::CallbackInfo& info)
{
	return Napi::BigInt::New(info.Env(), trace_->mask());
}

void BlockTrace::start(const Napi::CallbackInfo& info)
{
	at_edge(info.Env(), [this] { trace_->start(); });
}

void BlockTrace::stop(const Napi::CallbackInfo& info)
{
	at_edge(info.Env(), [this] { trace_->stop(); });
}

void BlockTrace::close(const Napi::CallbackInfo&)
{
	trace_->close();
}

} // namespace relayscope::addon
