// SPDX-License-Identifier: MIT
//
// The one place where a failure of the core becomes a JavaScript Error.
#pragma once

#include <napi.h>

#include <new>
#include <optional>

#include "../errno_error.h"

namespace relayscope::addon {

// NativeError of index.d.ts.
Napi::Error native_error(Napi::Env env, const ErrnoError& error);
// undefined when there is none.
Napi::Value native_error_or_undefined(Napi::Env env, const std::optional<ErrnoError>& error);

template <typename Body>
auto at_edge(Napi::Env env, Body&& body) -> decltype(body())
{
	try {
		return body();
	} catch (const ErrnoError& error) {
		throw native_error(env, error);
	} catch (const std::bad_alloc&) {
		throw native_error(env, ErrnoError(ENOMEM, "allocate"));
	}
}

} // namespace relayscope::addon
