// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace relayscope {

struct Clocks {
	std::uint64_t monotonic; // ns, each
	std::uint64_t boottime;
	std::uint64_t realtime;
};

// The three read together: of several tries the one that took the least time.
Clocks read_clocks();

} // namespace relayscope
