// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

namespace relayscope {

// A failed call, as the core throws it. Turned into a JavaScript Error in one place, at the edge.
class ErrnoError : public std::system_error {
public:
	ErrnoError(int error, std::string call)
		: std::system_error(error, std::generic_category(), call), call_(std::move(call)) {}

	int error() const noexcept { return code().value(); }
	// With what it was called on, e.g. "open /dev/relayscope".
	const std::string& call() const noexcept { return call_; }

private:
	std::string call_;
};

// Views, so that nothing is allocated (and errno changed) before errno is read.
[[noreturn]] inline void throw_errno(std::string_view call, std::string_view object = {})
{
	const int error = errno;
	std::string text(call);
	if (!object.empty())
		text.append(" ").append(object);
	throw ErrnoError(error, std::move(text));
}

} // namespace relayscope
