// SPDX-License-Identifier: MIT
#include <napi.h>
#include <unistd.h>

#include "../../include/uapi/relayscope.h"
#include "../clocks.h"
#include "../module_loader.h"
#include "arguments.h"
#include "block_trace.h"
#include "bufflink_reader.h"
#include "channel_reader.h"
#include "edge_error.h"
#include "held_command.h"
#include "recorder.h"
#include "relay_file_reader.h"
#include "snapshot_reader.h"

namespace relayscope::addon {

namespace {

Napi::Value read_clocks_js(const Napi::CallbackInfo& info)
{
	const Napi::Env env = info.Env();
	const Clocks clocks = at_edge(env, [] { return read_clocks(); });
	Napi::Object result = Napi::Object::New(env);
	result.Set("monotonic", Napi::BigInt::New(env, clocks.monotonic));
	result.Set("boottime", Napi::BigInt::New(env, clocks.boottime));
	result.Set("realtime", Napi::BigInt::New(env, clocks.realtime));
	return result;
}

void load_module_js(const Napi::CallbackInfo& info)
{
	const std::string path = to_text(info[0], "path");
	at_edge(info.Env(), [&path] { load_module(path); });
}

Napi::Object abi(Napi::Env env)
{
	Napi::Object abi = Napi::Object::New(env);
	abi.Set("version", RELAYSCOPE_ABI_VERSION);
	abi.Set("subbufHeaderLength", Napi::Number::New(env, sizeof(relayscope_subbuf_header)));
	abi.Set("recordHeaderLength", Napi::Number::New(env, sizeof(relayscope_record_header)));
	abi.Set("messageHeaderLength", Napi::Number::New(env, sizeof(relayscope_message_header)));
	abi.Freeze();
	return abi;
}

// Keeps nothing outside the environment: every worker that loads the addon gets its own classes.
Napi::Object init(Napi::Env env, Napi::Object exports)
{
	exports.Set("readClocks", Napi::Function::New<read_clocks_js>(env, "readClocks"));
	exports.Set("clockTicksPerSecond", Napi::Number::New(env, ::sysconf(_SC_CLK_TCK)));
	exports.Set("loadModule", Napi::Function::New<load_module_js>(env, "loadModule"));
	exports.Set("abi", abi(env));
	exports.Set("Recorder", Recorder::define(env));
	exports.Set("ChannelReader", ChannelReader::define(env));
	exports.Set("SnapshotReader", SnapshotReader::define(env));
	exports.Set("BufflinkReader", BufflinkReader::define(env));
	exports.Set("RelayFileReader", RelayFileReader::define(env));
	exports.Set("BlockTrace", BlockTrace::define(env));
	exports.Set("HeldCommand", HeldCommand::define(env));
	return exports;
}

} // namespace

} // namespace relayscope::addon

static Napi::Object init_addon(Napi::Env env, Napi::Object exports)
{
	return relayscope::addon::init(env, exports);
}

NODE_API_MODULE(relayscope_native, init_addon)
