// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "../include/uapi/relayscope.h"
#include "file_descriptor.h"

namespace relayscope {

// What the events of a module's source look like: a JSON list, numbered from first_event_id.
struct SourceSchema {
	std::uint32_t first_event_id;
	std::string json;
};

// An open /dev/relayscope. The kernel ends the recording and frees the channels when the last
// reference to the open file goes: readers share this object, and a mapping of it counts too.
class ControlDevice {
public:
	explicit ControlDevice(std::string path);
	ControlDevice(const ControlDevice&) = delete;
	ControlDevice& operator=(const ControlDevice&) = delete;

	int fd() const noexcept { return fd_.get(); }
	const std::string& path() const noexcept { return path_; }

	relayscope_info info() const;
	// Nothing past the end.
	std::optional<relayscope_source_info> source(std::uint32_t index) const;
	// What the kernel filled in is also kept, for channel().
	relayscope_channel_create create_channel(const relayscope_channel_create& wanted);
	// Throws ErrnoError(ENOENT) for a channel this object did not create.
	relayscope_channel_create channel(std::uint32_t channel_id) const;
	void attach_source(const relayscope_source_attach& source) const;
	// Nothing for a source of Relayscope's own.
	std::optional<SourceSchema> source_schema(std::uint32_t channel_id, const std::string& source) const;
	// The files of a buffer-only channel.
	void make_files(std::uint32_t channel_id) const;
	// Seals what is open on every CPU.
	void flush(std::uint32_t channel_id) const;
	// Drops what its buffers hold; the new epoch.
	std::uint32_t reset(std::uint32_t channel_id);
	// The recording that began with the module becomes this one's; its channel is known to channel().
	relayscope_boot_adopt adopt_boot();
	// The index of the instruction that the kernel refuses; ~0: something else of the program is
	// wrong. Nothing when it was loaded. `request` is one of SOURCE_FILTER and SOURCE_TRIGGER.
	std::optional<std::uint32_t> load_program(unsigned long request,
						  const relayscope_source_program& program) const;
	// How many triggers have fired since the last call.
	std::uint32_t triggered() const;
	void add_process(std::uint32_t pid, bool follow) const;
	void tell_lives() const;
	void start() const;
	void stop() const;
	void consume(std::uint32_t channel_id, std::uint32_t cpu, std::uint64_t subbufs) const;
	relayscope_stats stats(std::uint32_t channel_id, std::uint32_t cpu) const;
	// held_records: one for each of the channel's sub-buffers.
	relayscope_snapshot snapshot(std::uint32_t channel_id, std::uint32_t cpu,
				     std::span<std::uint32_t> held_records) const;

private:
	void call(unsigned long request, void* argument, const char* name) const;
	void call(unsigned long request, unsigned long argument, const char* name) const;
	void keep(const relayscope_channel_create& channel);

	std::string path_;
	FileDescriptor fd_;
	mutable std::mutex mutex_;
	std::map<std::uint32_t, relayscope_channel_create> channels_;
};

} // namespace relayscope
