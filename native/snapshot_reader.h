// SPDX-License-Identifier: MIT
//
// Copies of one overwrite channel's buffers, taken again and again while it records.
#pragma once

#include <atomic>
#include <cstdint>
#include <latch>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "control_device.h"
#include "held_copy.h"
#include "mapping.h"

namespace relayscope {

class SnapshotReader {
public:
	struct Options {
		std::uint32_t channel_id;
		RingGeometry geometry;
		std::string data_directory;
	};
	struct Request {
		std::string output_prefix;
		std::string output_suffix;
		// Sub-buffers that end longer ago are left out; 0: none.
		std::uint64_t keep_ns;
	};
	struct CpuSnapshot {
		std::uint32_t cpu;
		relayscope_snapshot moment;
		HeldCounts counts;
		std::uint64_t bytes;
	};
	struct Held {
		std::uint32_t cpu;
		std::uint64_t records;
	};

	// Opens and maps everything, or throws.
	SnapshotReader(std::shared_ptr<ControlDevice> device, Options options);
	SnapshotReader(const SnapshotReader&) = delete;
	SnapshotReader& operator=(const SnapshotReader&) = delete;

	// One at a time; a file for each CPU that has a buffer. Throws what the first CPU's copy threw:
	// the files are then incomplete and the caller's to remove.
	std::vector<CpuSnapshot> snapshot(const Request& request);
	// Records in the buffers now.
	std::vector<Held> held();
	// Makes a snapshot under way, and every later one, throw ErrnoError(ECANCELED).
	void abandon() noexcept { abandoned_.store(true, std::memory_order_relaxed); }

private:
	struct Ring {
		std::uint32_t cpu;
		RingView view;
	};
	// A CPU's moment, and how many records each of its sub-buffers held then.
	struct Moment {
		relayscope_snapshot snapshot;
		std::vector<std::uint32_t> held_records;
	};

	void adopt_cpus();
	const Ring* ring_of(std::uint32_t cpu) const noexcept;
	// Nothing for a number that no CPU has.
	std::optional<Moment> moment(std::uint32_t cpu) const;
	static std::uint64_t held_by(const Moment& moment);
	CpuSnapshot copy(const Ring& ring, const Request& request, std::latch& prepared) const;

	// Outlives the mapping of it.
	std::shared_ptr<ControlDevice> device_;
	Options options_;
	std::uint32_t cpu_ids_;
	std::vector<std::uint32_t> buffers_;
	std::uint32_t epoch_;
	Mapping control_;
	std::atomic<bool> abandoned_{false};

	std::mutex mutex_;
	std::vector<std::unique_ptr<Ring>> rings_;
};

} // namespace relayscope
