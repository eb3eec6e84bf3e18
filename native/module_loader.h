// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace relayscope {

// Loads the kernel module in a .ko file, as insmod does. Throws ErrnoError.
void load_module(const std::string& path);

} // namespace relayscope
