// SPDX-License-Identifier: MIT
//
// Carries a reader thread's failure to the `onError` callback of its JavaScript object.
#pragma once

#include <napi.h>

#include <mutex>
#include <vector>

#include "../errno_error.h"

namespace relayscope::addon {

class ErrorDelivery {
public:
	struct Report {
		ErrnoError error;
		std::uint32_t cpu;
	};

	// owner: weak, so that a callback that refers to it does not keep it from being collected. The
	// callback is kept as a hidden property of the owner for the same reason.
	ErrorDelivery(Napi::Env env, Napi::Object owner, const char* name);
	~ErrorDelivery();
	ErrorDelivery(const ErrorDelivery&) = delete;
	ErrorDelivery& operator=(const ErrorDelivery&) = delete;

	// From any thread; nothing after shut().
	void report(const ErrnoError& error, std::uint32_t cpu);

	// On the JavaScript thread, these two. What was reported before is delivered then.
	void set_callback(Napi::Function callback);
	void shut();

private:
	static void deliver(napi_env env, napi_value, void* context, void* data);
	void deliver(Napi::Env env, Report report);

	Napi::ObjectReference owner_;
	std::vector<Report> undelivered_;
	std::mutex mutex_;
	napi_threadsafe_function function_ = nullptr; // null once shut
};

} // namespace relayscope::addon
