// SPDX-License-Identifier: MIT
#include "error_delivery.h"

#include <memory>
#include <utility>

#include "edge_error.h"

namespace relayscope::addon {

namespace {

Napi::Symbol callback_key(Napi::Env env)
{
	return Napi::Symbol::For(env, "relayscope.onError").As<Napi::Symbol>();
}

} // namespace

ErrorDelivery::ErrorDelivery(Napi::Env env, Napi::Object owner, const char* name) : owner_(Napi::Weak(owner))
{
	const napi_status status =
		napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, name), 0, 1, nullptr,
						nullptr, this, &ErrorDelivery::deliver, &function_);
	if (status != napi_ok)
		throw Napi::Error::New(env);
	// A recording alone does not keep the process alive, as its files do not.
	napi_unref_threadsafe_function(env, function_);
}

ErrorDelivery::~ErrorDelivery()
{
	shut();
}

void ErrorDelivery::report(const ErrnoError& error, std::uint32_t cpu)
{
	auto report = std::make_unique<Report>(Report{error, cpu});
	const std::lock_guard lock(mutex_);
	if (function_ != nullptr &&
	    napi_call_threadsafe_function(function_, report.get(), napi_tsfn_nonblocking) == napi_ok)
		static_cast<void>(report.release()); // deliver() owns it
}

void ErrorDelivery::deliver(napi_env env, napi_value, void* context, void* data)
{
	std::unique_ptr<Report> report(static_cast<Report*>(data));
	// Aborted: this object may be gone.
	if (env == nullptr)
		return;
	try {
		static_cast<ErrorDelivery*>(context)->deliver(env, std::move(*report));
	} catch (const Napi::Error& thrown) {
		napi_fatal_exception(env, thrown.Value());
	}
}

void ErrorDelivery::deliver(Napi::Env env, Report report)
{
	const Napi::Object owner = owner_.Value();
	if (owner.IsEmpty())
		return;
	const Napi::Value callback = owner.Get(callback_key(env));
	if (!callback.IsFunction()) {
		undelivered_.push_back(std::move(report));
		return;
	}
	callback.As<Napi::Function>().MakeCallback(
		owner, {native_error(env, report.error).Value(), Napi::Number::New(env, report.cpu)});
}

void ErrorDelivery::set_callback(Napi::Function callback)
{
	owner_.Value().DefineProperty(
		Napi::PropertyDescriptor::Value(callback_key(callback.Env()), callback, napi_writable));
	for (const Report& report : std::exchange(undelivered_, {}))
		this->report(report.error, report.cpu);
}

void ErrorDelivery::shut()
{
	const std::lock_guard lock(mutex_);
	if (function_ != nullptr)
		napi_release_threadsafe_function(std::exchange(function_, nullptr), napi_tsfn_abort);
}

} // namespace relayscope::addon
