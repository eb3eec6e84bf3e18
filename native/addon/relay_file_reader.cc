// SPDX-License-Identifier: MIT
#include "relay_file_reader.h"

#include "arguments.h"
#include "edge_error.h"
#include "promise_thread.h"

namespace relayscope::addon {

namespace {

RelayFileDrain::Origin origin_of(const Napi::Value& value)
{
	const Napi::Object origin = to_object(value, "origin");
	return {
		.channel_id = to_uint32(origin.Get("channelId"), "channelId"),
		.epoch = to_uint32(origin.Get("epoch"), "epoch"),
		.cpu = to_uint32(origin.Get("cpu"), "cpu"),
		.channel_path = to_text(origin.Get("channelPath"), "channelPath"),
	};
}

Napi::Object to_js(Napi::Env env, const RelayFileDrain::Progress& progress)
{
	Napi::Object result = Napi::Object::New(env);
	result.Set("cpu", progress.cpu);
	result.Set("bytes", Napi::BigInt::New(env, progress.bytes));
	result.Set("subbufs", Napi::BigInt::New(env, progress.subbufs));
	result.Set("records", Napi::BigInt::New(env, progress.records));
	result.Set("error", native_error_or_undefined(env, progress.error));
	return result;
}

} // namespace

Napi::Function RelayFileReader::define(Napi::Env env)
{
	return DefineClass(env, "RelayFileReader",
			   {InstanceMethod<&RelayFileReader::progress>("progress"),
			    InstanceMethod<&RelayFileReader::on_error>("onError"),
			    InstanceMethod<&RelayFileReader::finish>("finish"),
			    InstanceMethod<&RelayFileReader::close>("close"),
			    StaticValue("subbufSize", Napi::Number::New(env, RelayFileDrain::kSubbufSize))});
}

RelayFileReader::RelayFileReader(const Napi::CallbackInfo& info) : Napi::ObjectWrap<RelayFileReader>(info)
{
	const Napi::Env env = info.Env();
	RelayFileDrain::Origin origin = origin_of(info[0]);
	const std::string input = to_text(info[1], "input");
	const std::string output = to_text(info[2], "output");
	at_edge(env, [&] {
		errors_ = std::make_shared<ErrorDelivery>(env, info.This().As<Napi::Object>(),
							  "relayscope.RelayFileReader");
		drain_ = std::make_shared<RelayFileDrain>(
			std::move(origin), input, output,
			[errors = errors_](const ErrnoError& error, std::uint32_t cpu) { errors->report(error, cpu); });
		hook_ = std::make_unique<EnvironmentHook>(env, [this] { end(); });
		drain_->start();
	});
}

RelayFileReader::~RelayFileReader()
{
	end();
}

Napi::Value RelayFileReader::progress(const Napi::CallbackInfo& info)
{
	return to_js(info.Env(), drain_->progress());
}

void RelayFileReader::on_error(const Napi::CallbackInfo& info)
{
	errors_->set_callback(to_function(info[0], "callback"));
}

Napi::Value RelayFileReader::finish(const Napi::CallbackInfo& info)
{
	return run_on_thread(info.Env(), {
		.name = "relayscope.RelayFileReader.finish",
		.work = [drain = drain_]() -> Settle {
			drain->finish();
			return [drain](Napi::Env env) -> Napi::Value { return to_js(env, drain->progress()); };
		},
		.cancel = [drain = drain_] { drain->close(); },
		.keep = info.This().As<Napi::Object>(),
	});
}

void RelayFileReader::close(const Napi::CallbackInfo&)
{
	end();
}

void RelayFileReader::end()
{
	if (drain_)
		drain_->close();
	if (errors_)
		errors_->shut();
}

} // namespace relayscope::addon
