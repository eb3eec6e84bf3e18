// SPDX-License-Identifier: MIT
//
// A promise settled by work on a thread of its own. Not AsyncWorker: waiting for a command or for a
// drain may take long, would occupy libuv's pool, and a worker's end would wait for it.
#pragma once

#include <napi.h>

#include <functional>

namespace relayscope::addon {

// Makes the promise's value, on the JavaScript thread; what it throws rejects the promise.
using Settle = std::function<Napi::Value(Napi::Env)>;

struct PromiseWork {
	const char* name;
	// On the thread. An ErrnoError it throws rejects the promise.
	std::function<Settle()> work;
	// On the JavaScript thread when the environment ends first; makes work return soon.
	std::function<void()> cancel;
	// Not collected before the promise is settled.
	Napi::Object keep;
};

Napi::Promise run_on_thread(Napi::Env env, PromiseWork work);

} // namespace relayscope::addon
