// SPDX-License-Identifier: MIT
#include "arguments.h"

#include <cmath>

namespace relayscope::addon {

namespace {

[[noreturn]] void wrong_type(const Napi::Value& value, const char* name, const char* expected)
{
	throw Napi::TypeError::New(value.Env(), std::string(name) + " must be " + expected);
}

} // namespace

std::uint32_t to_uint32(const Napi::Value& value, const char* name)
{
	if (!value.IsNumber())
		wrong_type(value, name, "a number");
	const double number = value.As<Napi::Number>().DoubleValue();
	if (!(number >= 0 && number <= UINT32_MAX) || std::floor(number) != number)
		throw Napi::RangeError::New(value.Env(),
					    std::string(name) + " must be a whole number from 0 to 4294967295");
	return static_cast<std::uint32_t>(number);
}

std::uint64_t to_uint64(const Napi::Value& value, const char* name)
{
	bool lossless = false;
	const std::uint64_t number = value.IsBigInt() ? value.As<Napi::BigInt>().Uint64Value(&lossless) : 0;
	if (!lossless)
		wrong_type(value, name, "a bigint from 0 to 2^64 - 1");
	return number;
}

std::string to_text(const Napi::Value& value, const char* name)
{
	if (!value.IsString())
		wrong_type(value, name, "a string");
	std::string text = value.As<Napi::String>().Utf8Value();
	if (text.find('\0') != std::string::npos)
		wrong_type(value, name, "a string without null bytes");
	return text;
}

bool to_boolean(const Napi::Value& value, const char* name)
{
	if (!value.IsBoolean())
		wrong_type(value, name, "a boolean");
	return value.As<Napi::Boolean>().Value();
}

std::vector<std::string> to_texts(const Napi::Value& value, const char* name)
{
	if (!value.IsArray())
		wrong_type(value, name, "an array of strings");
	const Napi::Array array = value.As<Napi::Array>();
	std::vector<std::string> texts;
	texts.reserve(array.Length());
	for (std::uint32_t i = 0; i < array.Length(); ++i)
		texts.push_back(to_text(array.Get(i), name));
	return texts;
}

std::span<const std::uint8_t> to_bytes(const Napi::Value& value, const char* name)
{
	if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
		wrong_type(value, name, "a Uint8Array");
	const Napi::Uint8Array bytes = value.As<Napi::Uint8Array>();
	return {bytes.Data(), bytes.ByteLength()};
}

Napi::Object to_object(const Napi::Value& value, const char* name)
{
	if (!value.IsObject())
		wrong_type(value, name, "an object");
	return value.As<Napi::Object>();
}

Napi::Function to_function(const Napi::Value& value, const char* name)
{
	if (!value.IsFunction())
		wrong_type(value, name, "a function");
	return value.As<Napi::Function>();
}

} // namespace relayscope::addon
