// SPDX-License-Identifier: MIT
//
// The reader threads of one channel, and the CPUs that get their buffer only when they come online.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "control_device.h"
#include "cpu_reader.h"
#include "mapping.h"
#include "reader_thread.h"

namespace relayscope {

class ChannelDrain {
public:
	struct Options {
		std::uint32_t channel_id;
		RingGeometry geometry;
		std::string data_directory;
		std::string output_prefix;
		std::string output_suffix;
	};
	struct Unread {
		std::uint32_t cpu;
		std::uint64_t records;
	};

	// Opens, maps and creates everything, or throws and leaves no file behind; then the threads run.
	ChannelDrain(std::shared_ptr<ControlDevice> device, Options options, CpuReader::OnError on_error);
	~ChannelDrain();
	ChannelDrain(const ChannelDrain&) = delete;
	ChannelDrain& operator=(const ChannelDrain&) = delete;

	std::vector<CpuReader::Progress> progress() const;
	// After the recorder's stop: takes what is sealed, ends the threads. Any number of times.
	std::vector<Unread> finish();
	// Ends the threads without draining.
	void close() noexcept;

private:
	std::unique_ptr<CpuReader> open_cpu(std::uint32_t cpu) const;
	void watch_for_cpus();
	bool adopt_cpus();
	void end(Stop stop);

	// Outlives the mapping of it and every thread.
	std::shared_ptr<ControlDevice> device_;
	Options options_;
	CpuReader::OnError on_error_;
	std::uint32_t cpu_ids_;
	Mapping control_;

	mutable std::mutex mutex_;
	std::vector<std::unique_ptr<CpuReader>> readers_;
	std::vector<std::uint32_t> absent_;

	std::mutex end_mutex_;
	ReaderThread watcher_;
};

} // namespace relayscope
