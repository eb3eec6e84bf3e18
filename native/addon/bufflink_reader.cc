// SPDX-License-Identifier: MIT
#include "bufflink_reader.h"

#include "arguments.h"
#include "edge_error.h"
#include "promise_thread.h"

namespace relayscope::addon {

namespace {

Napi::Value to_js(Napi::Env env, const BufflinkDrain::Result& drained)
{
	Napi::Object result = Napi::Object::New(env);
	result.Set("bytes", Napi::BigInt::New(env, drained.bytes));
	result.Set("refused", Napi::BigInt::New(env, drained.refused));
	result.Set("error", native_error_or_undefined(env, drained.error));
	return result;
}

} // namespace

Napi::Function BufflinkReader::define(Napi::Env env)
{
	return DefineClass(env, "BufflinkReader",
			   {InstanceMethod<&BufflinkReader::on_error>("onError"),
			    InstanceMethod<&BufflinkReader::finish>("finish"),
			    InstanceMethod<&BufflinkReader::copy_to>("copyTo"),
			    InstanceMethod<&BufflinkReader::close>("close")});
}

BufflinkReader::BufflinkReader(const Napi::CallbackInfo& info) : Napi::ObjectWrap<BufflinkReader>(info)
{
	const Napi::Env env = info.Env();
	const std::string device = to_text(info[0], "device");
	const std::string output = to_text(info[1], "output");
	at_edge(env, [&] {
		errors_ = std::make_shared<ErrorDelivery>(env, info.This().As<Napi::Object>(),
							  "relayscope.BufflinkReader");
		drain_ = std::make_shared<BufflinkDrain>(
			device, output, [errors = errors_](const ErrnoError& error) { errors->report(error, 0); });
		hook_ = std::make_unique<EnvironmentHook>(env, [this] { end(); });
	});
}

BufflinkReader::~BufflinkReader()
{
	end();
}

void BufflinkReader::on_error(const Napi::CallbackInfo& info)
{
	errors_->set_callback(to_function(info[0], "callback"));
}

Napi::Value BufflinkReader::finish(const Napi::CallbackInfo& info)
{
	return run_on_thread(info.Env(), {
		.name = "relayscope.BufflinkReader.finish",
		.work = [this, drain = drain_]() -> Settle {
			if (!drain)
				return [this](Napi::Env env) { return to_js(env, result_); };
			return [this, result = drain->finish()](Napi::Env env) {
				result_ = result;
				drain_.reset();
				return to_js(env, result);
			};
		},
		.cancel = [drain = drain_] {
			if (drain)
				drain->close();
		},
		.keep = info.This().As<Napi::Object>(),
	});
}

Napi::Value BufflinkReader::copy_to(const Napi::CallbackInfo& info)
{
	const std::string path = to_text(info[0], "path");
	return run_on_thread(info.Env(), {
		.name = "relayscope.BufflinkReader.copyTo",
		.work = [drain = drain_, path]() -> Settle {
			if (!drain)
				throw ErrnoError(EBADF, "copy the bufflink");
			return [result = drain->copy(path)](Napi::Env env) { return to_js(env, result); };
		},
		.cancel = [] {},
		.keep = info.This().As<Napi::Object>(),
	});
}

void BufflinkReader::close(const Napi::CallbackInfo&)
{
	end();
}

void BufflinkReader::end()
{
	if (drain_) {
		drain_->close();
		result_ = drain_->result();
		drain_.reset();
	}
	if (errors_)
		errors_->shut();
}

} // namespace relayscope::addon
