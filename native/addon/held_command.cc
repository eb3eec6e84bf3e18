// SPDX-License-Identifier: MIT
#include "held_command.h"

#include "arguments.h"
#include "edge_error.h"
#include "promise_thread.h"

namespace relayscope::addon {

Napi::Function HeldCommand::define(Napi::Env env)
{
	return DefineClass(env, "HeldCommand",
			   {InstanceAccessor<&HeldCommand::pid>("pid"),
			    InstanceMethod<&HeldCommand::release>("release"),
			    InstanceMethod<&HeldCommand::wait>("wait"), InstanceMethod<&HeldCommand::kill>("kill")});
}

HeldCommand::HeldCommand(const Napi::CallbackInfo& info) : Napi::ObjectWrap<HeldCommand>(info)
{
	const Napi::Object options = to_object(info[0], "options");
	const HeldProcess::Options process{
		.file = to_text(options.Get("file"), "file"),
		.argv = to_texts(options.Get("argv"), "argv"),
		.env = to_texts(options.Get("env"), "env"),
		.cwd = to_text(options.Get("cwd"), "cwd"),
	};
	process_ = at_edge(info.Env(), [&] { return std::make_shared<HeldProcess>(process); });
}

Napi::Value HeldCommand::pid(const Napi::CallbackInfo& info)
{
	return Napi::Number::New(info.Env(), process_->pid());
}

void HeldCommand::release(const Napi::CallbackInfo&)
{
	process_->release();
}

Napi::Value HeldCommand::wait(const Napi::CallbackInfo& info)
{
	return run_on_thread(info.Env(), {
		.name = "relayscope.HeldCommand.wait",
		.work = [process = process_]() -> Settle {
			return [ended = process->wait()](Napi::Env env) -> Napi::Value {
				// Cancelled: the environment ends and nobody will see this.
				if (!ended)
					return env.Undefined();
				Napi::Object result = Napi::Object::New(env);
				result.Set("status", ended->status);
				result.Set("signal", ended->signal);
				result.Set("execErrno", ended->exec_errno);
				return result;
			};
		},
		.cancel = [process = process_] { process->cancel_waits(); },
		.keep = info.This().As<Napi::Object>(),
	});
}

void HeldCommand::kill(const Napi::CallbackInfo& info)
{
	const auto signal = static_cast<int>(to_uint32(info[0], "signal"));
	at_edge(info.Env(), [&] { process_->kill(signal); });
}

} // namespace relayscope::addon
