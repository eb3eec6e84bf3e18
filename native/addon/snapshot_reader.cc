// SPDX-License-Identifier: MIT
#include "snapshot_reader.h"

#include "arguments.h"
#include "edge_error.h"
#include "promise_thread.h"
#include "recorder.h"

namespace relayscope::addon {

namespace {

using Core = relayscope::SnapshotReader;

Core::Options options_of(const Napi::Value& channel_value, const Napi::Value& reader_value)
{
	const Napi::Object channel = to_object(channel_value, "channel");
	const Napi::Object reader = to_object(reader_value, "options");
	return {
		.channel_id = to_uint32(reader.Get("channelId"), "channelId"),
		.geometry = {.subbuf_size = to_uint32(channel.Get("subbufSize"), "subbufSize"),
			     .subbuf_count = to_uint32(channel.Get("subbufCount"), "subbufCount")},
		.data_directory = to_text(reader.Get("dataDirectory"), "dataDirectory"),
	};
}

Napi::Object to_js(Napi::Env env, const Core::CpuSnapshot& snapshot)
{
	const auto& [cpu, moment, counts, bytes] = snapshot;
	Napi::Object result = Napi::Object::New(env);
	result.Set("cpu", cpu);
	result.Set("ts", Napi::BigInt::New(env, std::uint64_t{moment.ts}));
	result.Set("stats", addon::to_js(env, moment.stats));
	result.Set("bytes", Napi::BigInt::New(env, bytes));
	result.Set("subbufs", Napi::BigInt::New(env, counts.subbufs));
	result.Set("records", Napi::BigInt::New(env, counts.copied));
	result.Set("torn", Napi::BigInt::New(env, counts.torn));
	result.Set("trimmed", Napi::BigInt::New(env, counts.trimmed));
	result.Set("unread", Napi::BigInt::New(env, counts.unread));
	result.Set("tsBegin", counts.ts_begin ? Napi::Value(Napi::BigInt::New(env, *counts.ts_begin)) : env.Undefined());
	return result;
}

} // namespace

Napi::Function SnapshotReader::define(Napi::Env env)
{
	return DefineClass(env, "SnapshotReader",
			   {InstanceMethod<&SnapshotReader::snapshot>("snapshot"),
			    InstanceMethod<&SnapshotReader::held>("held"),
			    InstanceMethod<&SnapshotReader::close>("close")});
}

SnapshotReader::SnapshotReader(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SnapshotReader>(info)
{
	const Napi::Env env = info.Env();
	at_edge(env, [&] {
		reader_ = std::make_shared<Core>(Recorder::device_of(info[0]), options_of(info[1], info[2]));
		hook_ = std::make_unique<EnvironmentHook>(env, [this] { end(); });
	});
}

SnapshotReader::~SnapshotReader()
{
	end();
}

const std::shared_ptr<Core>& SnapshotReader::reader() const
{
	if (!reader_)
		throw ErrnoError(EBADF, "snapshot reader");
	return reader_;
}

Napi::Value SnapshotReader::snapshot(const Napi::CallbackInfo& info)
{
	const Napi::Env env = info.Env();
	const Napi::Object options = to_object(info[0], "request");
	const Core::Request request{
		.output_prefix = to_text(options.Get("outputPrefix"), "outputPrefix"),
		.output_suffix = to_text(options.Get("outputSuffix"), "outputSuffix"),
		.keep_ns = to_uint64(options.Get("keep"), "keep"),
	};
	const std::shared_ptr<Core> reader = at_edge(env, [this] { return this->reader(); });
	return run_on_thread(env, {
		.name = "relayscope.SnapshotReader.snapshot",
		.work = [reader, request]() -> Settle {
			return [snapshots = reader->snapshot(request)](Napi::Env env) -> Napi::Value {
				Napi::Array result = Napi::Array::New(env, snapshots.size());
				for (std::uint32_t i = 0; i < snapshots.size(); ++i)
					result.Set(i, to_js(env, snapshots[i]));
				return result;
			};
		},
		.cancel = [reader] { reader->abandon(); },
		.keep = info.This().As<Napi::Object>(),
	});
}

Napi::Value SnapshotReader::held(const Napi::CallbackInfo& info)
{
	const Napi::Env env = info.Env();
	const auto held = at_edge(env, [this] { return reader()->held(); });
	Napi::Array result = Napi::Array::New(env, held.size());
	for (std::uint32_t i = 0; i < held.size(); ++i) {
		Napi::Object entry = Napi::Object::New(env);
		entry.Set("cpu", held[i].cpu);
		entry.Set("records", Napi::BigInt::New(env, held[i].records));
		result.Set(i, entry);
	}
	return result;
}

void SnapshotReader::close(const Napi::CallbackInfo&)
{
	end();
}

void SnapshotReader::end()
{
	if (reader_)
		reader_->abandon();
	reader_.reset();
}

} // namespace relayscope::addon
