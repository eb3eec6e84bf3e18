// SPDX-License-Identifier: MIT
// Runs the cases whose name holds the argument (all without one); TAP on standard output.
#include <signal.h>

#include <cstdio>
#include <cstring>
#include <exception>

#include "check.h"

namespace relayscope::test {

std::vector<Case>& cases()
{
	static std::vector<Case> all;
	return all;
}

} // namespace relayscope::test

int main(int argc, char** argv)
{
	// As in Node: a file that may not grow is an EFBIG, not the end of the process.
	signal(SIGXFSZ, SIG_IGN);
	int failed = 0;
	int number = 0;
	for (const auto& test : relayscope::test::cases()) {
		if (argc > 1 && std::strstr(test.name, argv[1]) == nullptr)
			continue;
		++number;
		try {
			test.body();
			std::printf("ok %d - %s\n", number, test.name);
		} catch (const std::exception& error) {
			++failed;
			std::printf("not ok %d - %s\n  # %s\n", number, test.name, error.what());
		}
		std::fflush(stdout);
	}
	std::printf("1..%d\n", number);
	return failed == 0 && number > 0 ? 0 : 1;
}
