// SPDX-License-Identifier: MIT
#include "channel_reader.h"

#include "arguments.h"
#include "edge_error.h"
#include "promise_thread.h"
#include "recorder.h"

namespace relayscope::addon {

namespace {

ChannelDrain::Options options_of(const Napi::Value& channel_value, const Napi::Value& reader_value)
{
	const Napi::Object channel = to_object(channel_value, "channel");
	const Napi::Object reader = to_object(reader_value, "options");
	return {
		.channel_id = to_uint32(reader.Get("channelId"), "channelId"),
		.geometry = {.subbuf_size = to_uint32(channel.Get("subbufSize"), "subbufSize"),
			     .subbuf_count = to_uint32(channel.Get("subbufCount"), "subbufCount")},
		.data_directory = to_text(reader.Get("dataDirectory"), "dataDirectory"),
		.output_prefix = to_text(reader.Get("outputPrefix"), "outputPrefix"),
		.output_suffix = to_text(reader.Get("outputSuffix"), "outputSuffix"),
	};
}

Napi::Object to_js(Napi::Env env, const CpuReader::Progress& progress)
{
	Napi::Object result = Napi::Object::New(env);
	result.Set("cpu", progress.cpu);
	result.Set("bytes", Napi::BigInt::New(env, progress.bytes));
	result.Set("subbufs", Napi::BigInt::New(env, progress.subbufs));
	result.Set("records", Napi::BigInt::New(env, progress.records));
	result.Set("lost", Napi::BigInt::New(env, progress.lost));
	result.Set("faults", Napi::BigInt::New(env, progress.faults));
	result.Set("waiting", progress.waiting);
	result.Set("timeFloor", Napi::BigInt::New(env, progress.time_floor));
	result.Set("error", native_error_or_undefined(env, progress.error));
	return result;
}

Napi::Array to_js(Napi::Env env, const std::vector<ChannelDrain::Unread>& unread)
{
	Napi::Array result = Napi::Array::New(env, unread.size());
	for (std::uint32_t i = 0; i < unread.size(); ++i) {
		Napi::Object entry = Napi::Object::New(env);
		entry.Set("cpu", unread[i].cpu);
		entry.Set("unread", Napi::BigInt::New(env, unread[i].records));
		result.Set(i, entry);
	}
	return result;
}

} // namespace

Napi::Function ChannelReader::define(Napi::Env env)
{
	return DefineClass(env, "ChannelReader",
			   {InstanceMethod<&ChannelReader::progress>("progress"),
			    InstanceMethod<&ChannelReader::on_error>("onError"),
			    InstanceMethod<&ChannelReader::finish>("finish"),
			    InstanceMethod<&ChannelReader::close>("close")});
}

ChannelReader::ChannelReader(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ChannelReader>(info)
{
	const Napi::Env env = info.Env();
	at_edge(env, [&] {
		std::shared_ptr<ControlDevice> device = Recorder::device_of(info[0]);
		ChannelDrain::Options options = options_of(info[1], info[2]);
		errors_ = std::make_shared<ErrorDelivery>(env, info.This().As<Napi::Object>(),
							  "relayscope.ChannelReader");
		drain_ = std::make_shared<ChannelDrain>(
			std::move(device), std::move(options),
			[errors = errors_](const ErrnoError& error, std::uint32_t cpu) { errors->report(error, cpu); });
		hook_ = std::make_unique<EnvironmentHook>(env, [this] { end(); });
	});
}

ChannelReader::~ChannelReader()
{
	end();
}

Napi::Value ChannelReader::progress(const Napi::CallbackInfo& info)
{
	const Napi::Env env = info.Env();
	const auto progress = drain_ ? drain_->progress() : last_progress_;
	Napi::Array result = Napi::Array::New(env, progress.size());
	for (std::uint32_t i = 0; i < progress.size(); ++i)
		result.Set(i, to_js(env, progress[i]));
	return result;
}

void ChannelReader::on_error(const Napi::CallbackInfo& info)
{
	errors_->set_callback(to_function(info[0], "callback"));
}

Napi::Value ChannelReader::finish(const Napi::CallbackInfo& info)
{
	return run_on_thread(info.Env(), {
		.name = "relayscope.ChannelReader.finish",
		.work = [this, drain = drain_]() -> Settle {
			if (!drain)
				return [this](Napi::Env env) -> Napi::Value { return to_js(env, unread_); };
			return [this, unread = drain->finish()](Napi::Env env) -> Napi::Value {
				settle(unread);
				return to_js(env, unread);
			};
		},
		.cancel = [drain = drain_] {
			if (drain)
				drain->close();
		},
		.keep = info.This().As<Napi::Object>(),
	});
}

void ChannelReader::close(const Napi::CallbackInfo&)
{
	end();
}

void ChannelReader::end()
{
	if (drain_) {
		drain_->close();
		settle(drain_->finish());
	}
	if (errors_)
		errors_->shut();
}

void ChannelReader::settle(std::vector<ChannelDrain::Unread> unread)
{
	if (!drain_)
		return;
	unread_ = std::move(unread);
	last_progress_ = drain_->progress();
	drain_.reset();
}

} // namespace relayscope::addon
