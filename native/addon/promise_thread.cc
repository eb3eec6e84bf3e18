// SPDX-License-Identifier: MIT
#include "promise_thread.h"

#include <memory>
#include <thread>

#include "edge_error.h"
#include "environment_hook.h"

namespace relayscope::addon {

namespace {

// Made, settled and deleted on the JavaScript thread: what the closures hold goes there too.
class PromiseThread {
public:
	PromiseThread(Napi::Env env, PromiseWork work)
		: deferred_(env), work_(std::move(work.work)), cancel_(std::move(work.cancel)),
		  keep_(Napi::Persistent(work.keep))
	{
		const napi_status status = napi_create_threadsafe_function(
			env, nullptr, nullptr, Napi::String::New(env, work.name), 0, 1, this,
			&PromiseThread::finalize, this, &PromiseThread::settle, &settled_);
		if (status != napi_ok)
			throw Napi::Error::New(env);
		hook_ = std::make_unique<EnvironmentHook>(env, [this] {
			cancel_();
			join();
		});
	}

	Napi::Promise promise() const { return deferred_.Promise(); }
	void start() { thread_ = std::thread([this] { run(); }); }
	// Instead of start(), when there can be no thread.
	void abandon() { napi_release_threadsafe_function(settled_, napi_tsfn_abort); }

private:
	void run() noexcept
	{
		try {
			result_ = work_();
		} catch (const ErrnoError& error) {
			result_ = [error](Napi::Env env) -> Napi::Value { throw native_error(env, error); };
		} catch (const std::exception& error) {
			result_ = [text = std::string(error.what())](Napi::Env env) -> Napi::Value {
				throw Napi::Error::New(env, text);
			};
		}
		napi_call_threadsafe_function(settled_, nullptr, napi_tsfn_nonblocking);
		napi_release_threadsafe_function(settled_, napi_tsfn_release);
	}

	static void settle(napi_env env, napi_value, void* context, void*)
	{
		if (env == nullptr)
			return;
		auto* self = static_cast<PromiseThread*>(context);
		self->join();
		// What they hold must not wait for the finalizer.
		self->hook_.reset();
		self->work_ = nullptr;
		self->cancel_ = nullptr;
		try {
			try {
				self->deferred_.Resolve(self->result_(env));
			} catch (const Napi::Error& error) {
				self->deferred_.Reject(error.Value());
			}
		} catch (const Napi::Error&) {
			// A worker that is being terminated runs no more JavaScript: nobody waits.
		}
	}

	static void finalize(napi_env, void* data, void*)
	{
		const std::unique_ptr<PromiseThread> self(static_cast<PromiseThread*>(data));
		self->join();
	}

	void join()
	{
		if (thread_.joinable())
			thread_.join();
	}

	Napi::Promise::Deferred deferred_;
	std::function<Settle()> work_;
	std::function<void()> cancel_;
	Napi::ObjectReference keep_;
	napi_threadsafe_function settled_ = nullptr;
	std::unique_ptr<EnvironmentHook> hook_;
	std::thread thread_;
	Settle result_;
};

} // namespace

Napi::Promise run_on_thread(Napi::Env env, PromiseWork work)
{
	// Deletes itself when its thread-safe function is finalized.
	auto* thread = new PromiseThread(env, std::move(work));
	const Napi::Promise promise = thread->promise();
	try {
		thread->start();
	} catch (const std::system_error& error) {
		thread->abandon();
		throw native_error(env, ErrnoError(error.code().value(), "pthread_create"));
	}
	return promise;
}

} // namespace relayscope::addon
