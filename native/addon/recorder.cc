// SPDX-License-Identifier: MIT
#include "recorder.h"

#include <array>
#include <span>
#include <string_view>

#include "arguments.h"
#include "edge_error.h"

namespace relayscope::addon {

namespace {

constexpr napi_type_tag kTag{0x2f5d1c0a7e9b4d31, 0x9a64c6e1d2b85f07};

// A fixed field of the ABI: it ends with a NUL unless it is full.
std::string text_of(std::span<const char> field)
{
	const std::string_view all(field.data(), field.size());
	return std::string(all.substr(0, all.find('\0')));
}

void copy_text(std::span<char> field, const std::string& text)
{
	if (text.size() >= field.size())
		throw ErrnoError(ENAMETOOLONG, "name " + text);
	text.copy(field.data(), text.size());
}

struct ChannelFlag {
	std::uint32_t flag;
	const char* name;
};
constexpr std::array kChannelFlags{
	ChannelFlag{RELAYSCOPE_CHANNEL_OVERWRITE, "overwrite"},
	ChannelFlag{RELAYSCOPE_CHANNEL_GLOBAL, "global"},
	ChannelFlag{RELAYSCOPE_CHANNEL_BUFFER_ONLY, "bufferOnly"},
};

// ChannelInfo of index.d.ts.
Napi::Object to_js(Napi::Env env, const relayscope_channel_create& channel)
{
	Napi::Object result = Napi::Object::New(env);
	result.Set("id", channel.channel_id);
	result.Set("epoch", channel.epoch);
	result.Set("directory", text_of(channel.directory));
	return result;
}

} // namespace

Napi::Object to_js(Napi::Env env, const relayscope_stats& stats)
{
	Napi::Array lost = Napi::Array::New(env, RELAYSCOPE_LOST_REASONS);
	for (std::uint32_t reason = 0; reason < RELAYSCOPE_LOST_REASONS; ++reason)
		lost.Set(reason, Napi::BigInt::New(env, std::uint64_t{stats.lost[reason]}));
	Napi::Object result = Napi::Object::New(env);
	result.Set("seen", Napi::BigInt::New(env, std::uint64_t{stats.seen}));
	result.Set("filtered", Napi::BigInt::New(env, std::uint64_t{stats.filtered}));
	result.Set("written", Napi::BigInt::New(env, std::uint64_t{stats.written}));
	result.Set("lost", lost);
	result.Set("sealed", Napi::BigInt::New(env, std::uint64_t{stats.sealed}));
	result.Set("consumed", Napi::BigInt::New(env, std::uint64_t{stats.consumed}));
	result.Set("overwritten", Napi::BigInt::New(env, std::uint64_t{stats.overwritten}));
	result.Set("reset", Napi::BigInt::New(env, std::uint64_t{stats.reset}));
	return result;
}

Napi::Function Recorder::define(Napi::Env env)
{
	return DefineClass(env, "Recorder",
			   {InstanceMethod<&Recorder::info>("info"), InstanceMethod<&Recorder::sources>("sources"),
			    InstanceMethod<&Recorder::create_channel>("createChannel"),
			    InstanceMethod<&Recorder::attach_source>("attachSource"),
			    InstanceMethod<&Recorder::make_files>("makeFiles"),
			    InstanceMethod<&Recorder::flush>("flush"), InstanceMethod<&Recorder::reset>("reset"),
			    InstanceMethod<&Recorder::adopt_boot>("adoptBoot"),
			    InstanceMethod<&Recorder::source_schema>("sourceSchema"),
			    InstanceMethod<&Recorder::load_program>("loadProgram"),
			    InstanceMethod<&Recorder::triggered>("triggered"),
			    InstanceMethod<&Recorder::add_process>("addProcess"),
			    InstanceMethod<&Recorder::tell_lives>("tellLives"),
			    InstanceMethod<&Recorder::start>("start"), InstanceMethod<&Recorder::stop>("stop"),
			    InstanceMethod<&Recorder::stats>("stats"), InstanceMethod<&Recorder::close>("close")});
}

Recorder::Recorder(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Recorder>(info)
{
	const std::string path = info[0].IsUndefined() ? RELAYSCOPE_DEVICE : to_text(info[0], "device");
	device_ = at_edge(info.Env(), [&] { return std::make_shared<ControlDevice>(path); });
	info.This().As<Napi::Object>().TypeTag(&kTag);
}

std::shared_ptr<ControlDevice> Recorder::device_of(const Napi::Value& value)
{
	if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kTag))
		throw Napi::TypeError::New(value.Env(), "recorder must be a Recorder");
	const Recorder* recorder = Unwrap(value.As<Napi::Object>());
	recorder->device();
	return recorder->device_;
}

ControlDevice& Recorder::device() const
{
	if (!device_)
		throw ErrnoError(EBADF, "use a closed recorder");
	return *device_;
}

Napi::Value Recorder::info(const Napi::CallbackInfo& info)
{
	const Napi::Env env = info.Env();
	const relayscope_info answer = at_edge(env, [&] { return device().info(); });
	Napi::Object result = Napi::Object::New(env);
	result.Set("abiVersion", answer.abi_version);
	result.Set("cpuIds", answer.cpu_ids);
	result.Set("bufflinkMinor", answer.bufflink_minor);
	result.Set("recorderId", answer.recorder_id);
	return result;
}

Napi::Value Recorder::sources(const Napi::CallbackInfo& info)
{
	const Napi::Env env = info.Env();
	Napi::Array result = Napi::Array::New(env);
	for (std::uint32_t index = 0;; ++index) {
		const auto source = at_edge(env, [&] { return device().source(index); });
		if (!source)
			return result;
		Napi::Object entry = Napi::Object::New(env);
		entry.Set("name", text_of(source->name));
		entry.Set("description", text_of(source->description));
		entry.Set("tracepoints", source->tracepoints);
		entry.Set("missing", source->missing);
		result.Set(index, entry);
	}
}

Napi::Value Recorder::create_channel(const Napi::CallbackInfo& info)
{
	const Napi::Env env = info.Env();
	const Napi::Object options = to_object(info[0], "options");
	const std::string name = to_text(options.Get("name"), "name");
	relayscope_channel_create wanted{};
	wanted.subbuf_size = to_uint32(options.Get("subbufSize"), "subbufSize");
	wanted.subbuf_count = to_uint32(options.Get("subbufCount"), "subbufCount");
	wanted.flush_interval_ms = to_uint32(options.Get("flushIntervalMs"), "flushIntervalMs");
	for (const auto& [flag, name] : kChannelFlags) {
		const Napi::Value value = options.Get(name);
		if (!value.IsUndefined() && to_boolean(value, name))
			wanted.flags |= flag;
	}
	const relayscope_channel_create channel = at_edge(env, [&] {
		copy_text(wanted.name, name);
		return device().create_channel(wanted);
	});
	return to_js(env, channel);
}

void Recorder::make_files(const Napi::CallbackInfo& info)
{
	const std::uint32_t channel = to_uint32(info[0], "channelId");
	at_edge(info.Env(), [&] { device().make_files(channel); });
}

void Recorder::flush(const Napi::CallbackInfo& info)
{
	const std::uint32_t channel = to_uint32(info[0], "channelId");
	at_edge(info.Env(), [&] { device().flush(channel); });
}

Napi::Value Recorder::reset(const Napi::CallbackInfo& info)
{
	const std::uint32_t channel = to_uint32(info[0], "channelId");
	return Napi::Number::New(info.Env(), at_edge(info.Env(), [&] { return device().reset(channel); }));
}

Napi::Value Recorder::adopt_boot(const Napi::CallbackInfo& info)
{
	const Napi::Env env = info.Env();
	const relayscope_boot_adopt adopt = at_edge(env, [&] { return device().adopt_boot(); });
	Napi::Object channel = to_js(env, adopt.channel);
	channel.Set("name", text_of(adopt.channel.name));
	channel.Set("subbufSize", adopt.channel.subbuf_size);
	channel.Set("subbufCount", adopt.channel.subbuf_count);
	channel.Set("flushIntervalMs", adopt.channel.flush_interval_ms);
	for (const auto& [flag, name] : kChannelFlags)
		channel.Set(name, (adopt.channel.flags & flag) != 0);
	Napi::Array sources = Napi::Array::New(env, adopt.source_count);
	for (std::uint32_t index = 0; index < adopt.source_count; ++index)
		sources.Set(index, text_of(adopt.sources[index]));
	Napi::Object start = Napi::Object::New(env);
	start.Set("monotonic", Napi::BigInt::New(env, std::uint64_t{adopt.monotonic}));
	start.Set("boottime", Napi::BigInt::New(env, std::uint64_t{adopt.boottime}));
	start.Set("realtime", Napi::BigInt::New(env, std::uint64_t{adopt.realtime}));
	Napi::Object result = Napi::Object::New(env);
	result.Set("channel", channel);
	result.Set("sources", sources);
	result.Set("start", start);
	return result;
}

namespace {

std::uint16_t to_context(const Napi::Value& value)
{
	const std::uint32_t context = to_uint32(value, "context");
	if (context > UINT16_MAX)
		throw Napi::RangeError::New(value.Env(), "context must be a whole number from 0 to 65535");
	return static_cast<std::uint16_t>(context);
}

} // namespace

void Recorder::attach_source(const Napi::CallbackInfo& info)
{
	relayscope_source_attach attach{};
	attach.channel_id = to_uint32(info[0], "channelId");
	const std::string name = to_text(info[1], "source");
	if (!info[2].IsUndefined())
		attach.context = to_context(info[2]);
	if (!info[3].IsUndefined() && to_boolean(info[3], "strings"))
		attach.options |= RELAYSCOPE_ATTACH_STRINGS;
	at_edge(info.Env(), [&] {
		copy_text(attach.source, name);
		device().attach_source(attach);
	});
}

Napi::Value Recorder::source_schema(const Napi::CallbackInfo& info)
{
	const Napi::Env env = info.Env();
	const std::uint32_t channel = to_uint32(info[0], "channelId");
	const std::string source = to_text(info[1], "source");
	const auto schema = at_edge(env, [&] { return device().source_schema(channel, source); });
	if (!schema)
		return env.Undefined();
	Napi::Object result = Napi::Object::New(env);
	result.Set("firstEventId", schema->first_event_id);
	result.Set("json", schema->json);
	return result;
}

Napi::Value Recorder::load_program(const Napi::CallbackInfo& info)
{
	const Napi::Env env = info.Env();
	const std::string kind = to_text(info[2], "kind");
	const std::span<const std::uint8_t> instructions = to_bytes(info[3], "instructions");
	const std::span<const std::uint8_t> text = to_bytes(info[4], "text");
	const std::string source = to_text(info[1], "source");
	relayscope_source_program program{};
	program.channel_id = to_uint32(info[0], "channelId");
	program.kind = kind == "whole" ? RELAYSCOPE_FILTER_WHOLE : RELAYSCOPE_FILTER_EARLY;
	program.instruction_count =
		static_cast<std::uint32_t>(instructions.size() / sizeof(relayscope_instruction));
	program.text_size = static_cast<std::uint32_t>(text.size());
	program.instructions = reinterpret_cast<std::uintptr_t>(instructions.data());
	program.text = reinterpret_cast<std::uintptr_t>(text.data());
	const unsigned long request =
		kind == "trigger" ? RELAYSCOPE_IOC_SOURCE_TRIGGER : RELAYSCOPE_IOC_SOURCE_FILTER;
	const auto refused = at_edge(env, [&] {
		copy_text(program.source, source);
		return device().load_program(request, program);
	});
	return refused ? Napi::Number::New(env, *refused) : env.Undefined();
}

Napi::Value Recorder::triggered(const Napi::CallbackInfo& info)
{
	const std::uint32_t fired = at_edge(info.Env(), [&] { return device().triggered(); });
	return Napi::Number::New(info.Env(), fired);
}

void Recorder::add_process(const Napi::CallbackInfo& info)
{
	const std::uint32_t pid = to_uint32(info[0], "pid");
	const bool follow = to_boolean(info[1], "follow");
	at_edge(info.Env(), [&] { device().add_process(pid, follow); });
}

void Recorder::tell_lives(const Napi::CallbackInfo& info)
{
	at_edge(info.Env(), [&] { device().tell_lives(); });
}

void Recorder::start(const Napi::CallbackInfo& info)
{
	at_edge(info.Env(), [&] { device().start(); });
}

void Recorder::stop(const Napi::CallbackInfo& info)
{
	at_edge(info.Env(), [&] { device().stop(); });
}

Napi::Value Recorder::stats(const Napi::CallbackInfo& info)
{
	const Napi::Env env = info.Env();
	const std::uint32_t channel = to_uint32(info[0], "channelId");
	const std::uint32_t cpu = to_uint32(info[1], "cpu");
	const relayscope_stats stats = at_edge(env, [&] { return device().stats(channel, cpu); });
	return to_js(env, stats);
}

void Recorder::close(const Napi::CallbackInfo&)
{
	device_.reset();
}

} // namespace relayscope::addon
