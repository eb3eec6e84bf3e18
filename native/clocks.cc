// SPDX-License-Identifier: MIT
#include "clocks.h"

#include <time.h>

#include "errno_error.h"

namespace relayscope {

namespace {

constexpr int kTries = 16;

std::uint64_t nanoseconds(clockid_t clock)
{
	timespec now;
	if (clock_gettime(clock, &now) != 0)
		throw_errno("clock_gettime");
	return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

} // namespace

Clocks read_clocks()
{
	Clocks best{};
	std::uint64_t narrowest = UINT64_MAX;
	for (int i = 0; i < kTries; ++i) {
		const std::uint64_t before = nanoseconds(CLOCK_MONOTONIC);
		const std::uint64_t boottime = nanoseconds(CLOCK_BOOTTIME);
		const std::uint64_t realtime = nanoseconds(CLOCK_REALTIME);
		const std::uint64_t took = nanoseconds(CLOCK_MONOTONIC) - before;
		if (took >= narrowest)
			continue;
		narrowest = took;
		best = {before + took / 2, boottime, realtime};
	}
	return best;
}

} // namespace relayscope
