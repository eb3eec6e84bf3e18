// SPDX-License-Identifier: MIT
//
// A channel as its readers map it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control_device.h"
#include "mapping.h"
#include "ring_view.h"

namespace relayscope {

// What the kernel said of a channel; throws ErrnoError(EINVAL) when it has another geometry.
relayscope_channel_create channel_with_geometry(const ControlDevice& device, std::uint32_t channel_id,
						const RingGeometry& geometry);

// What its buffers go by: the numbers below cpu_ids, or RELAYSCOPE_CPU_ALL alone.
std::vector<std::uint32_t> buffers_of(const relayscope_channel_create& channel, std::uint32_t cpu_ids);
// A buffer's raw file: the prefix has the name of a global one.
std::string output_path(const std::string& prefix, std::uint32_t cpu, const std::string& suffix);

// The control pages of all its CPUs.
Mapping map_control(const ControlDevice& device, const relayscope_channel_create& channel, std::uint32_t cpu_ids);
const relayscope_cpu_control& control_of(const Mapping& control, std::uint32_t cpu) noexcept;

} // namespace relayscope
