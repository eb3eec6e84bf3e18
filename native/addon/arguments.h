// SPDX-License-Identifier: MIT
//
// JavaScript values as the core wants them, or a TypeError or RangeError that names the argument.
#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace relayscope::addon {

std::uint32_t to_uint32(const Napi::Value& value, const char* name);
std::uint64_t to_uint64(const Napi::Value& value, const char* name);
// Without a NUL inside: the kernel would see another string than the caller.
std::string to_text(const Napi::Value& value, const char* name);
bool to_boolean(const Napi::Value& value, const char* name);
std::vector<std::string> to_texts(const Napi::Value& value, const char* name);
// Valid as long as the value is.
std::span<const std::uint8_t> to_bytes(const Napi::Value& value, const char* name);
Napi::Object to_object(const Napi::Value& value, const char* name);
Napi::Function to_function(const Napi::Value& value, const char* name);

} // namespace relayscope::addon
