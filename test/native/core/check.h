// SPDX-License-Identifier: MIT
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace relayscope::test {

struct Case {
	const char* name;
	void (*body)();
};

std::vector<Case>& cases();

struct Register {
	Register(const char* name, void (*body)()) { cases().push_back({name, body}); }
};

template <typename A, typename B>
void equal(const A& actual, const B& expected, const char* text, const char* file, int line)
{
	if (actual == expected)
		return;
	std::ostringstream message;
	message << file << ":" << line << ": " << text << " is " << actual << ", not " << expected;
	throw std::runtime_error(message.str());
}

} // namespace relayscope::test

#define TEST(name)                                                                                                     \
	static void name();                                                                                            \
	static const relayscope::test::Register register_##name(#name, name);                                         \
	static void name()
#define EQUAL(actual, expected) relayscope::test::equal((actual), (expected), #actual, __FILE__, __LINE__)
#define TRUE(condition) EQUAL(static_cast<bool>(condition), true)
