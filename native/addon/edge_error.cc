// SPDX-License-Identifier: MIT
#include "edge_error.h"

#include <string.h>

namespace relayscope::addon {

Napi::Error native_error(Napi::Env env, const ErrnoError& error)
{
	const char* name = strerrorname_np(error.error());
	const std::string code = name != nullptr ? name : std::to_string(error.error());
	std::string message = code;
	message.append(": ").append(error.code().message()).append(", ").append(error.call());
	Napi::Error result = Napi::Error::New(env, message);
	result.Set("code", Napi::String::New(env, code));
	result.Set("errno", Napi::Number::New(env, error.error()));
	result.Set("syscall", Napi::String::New(env, error.call()));
	return result;
}

Napi::Value native_error_or_undefined(Napi::Env env, const std::optional<ErrnoError>& error)
{
	return error ? native_error(env, *error).Value() : env.Undefined();
}

} // namespace relayscope::addon
