// SPDX-License-Identifier: MIT
#include "channel_drain.h"

#include <algorithm>

#include "channel_mapping.h"
#include "errno_error.h"

namespace relayscope {

namespace {

constexpr int kWatchIntervalMs = 500;

} // namespace

ChannelDrain::ChannelDrain(std::shared_ptr<ControlDevice> device, Options options, CpuReader::OnError on_error)
	: device_(std::move(device)), options_(std::move(options)), on_error_(std::move(on_error)),
	  cpu_ids_(device_->info().cpu_ids)
{
	const relayscope_channel_create channel =
		channel_with_geometry(*device_, options_.channel_id, options_.geometry);
	control_ = map_control(*device_, channel, cpu_ids_);

	try {
		for (const std::uint32_t cpu : buffers_of(channel, cpu_ids_)) {
			if (auto reader = open_cpu(cpu))
				readers_.push_back(std::move(reader));
			else
				absent_.push_back(cpu);
		}
		if (readers_.empty())
			throw ErrnoError(ENOENT, "open " + options_.data_directory + "/*");
	} catch (...) {
		for (const auto& reader : readers_)
			reader->discard_output();
		throw;
	}
	for (const auto& reader : readers_)
		reader->start();
	if (!absent_.empty())
		watcher_.start("rs-hotplug", [this] { watch_for_cpus(); });
}

ChannelDrain::~ChannelDrain()
{
	close();
}

// Nothing for a CPU that has no buffer: possible, but not online.
std::unique_ptr<CpuReader> ChannelDrain::open_cpu(std::uint32_t cpu) const
{
	auto data = RingData::open(options_.data_directory, cpu, options_.geometry.bytes());
	if (data == nullptr)
		return nullptr;
	RingView ring(options_.geometry, options_.channel_id, cpu, std::move(data), &control_of(control_, cpu));
	RawFile output(output_path(options_.output_prefix, cpu, options_.output_suffix));
	auto consume = [device = device_, channel = options_.channel_id, cpu](std::uint64_t subbufs) {
		device->consume(channel, cpu, subbufs);
	};
	return std::make_unique<CpuReader>(std::move(ring), std::move(output), std::move(consume), on_error_);
}

// The control page says when a CPU got its buffer, so looking costs no system call: this thread
// would otherwise show up in the recording it serves.
void ChannelDrain::watch_for_cpus()
{
	while (watcher_.requested() == Stop::kNot && adopt_cpus())
		watcher_.wait(-1, 0, kWatchIntervalMs);
}

// False when no CPU is left to wait for.
bool ChannelDrain::adopt_cpus()
{
	const std::lock_guard lock(mutex_);
	std::erase_if(absent_, [this](std::uint32_t cpu) {
		if (!cpu_has_buffer(control_of(control_, cpu)))
			return false;
		try {
			auto reader = open_cpu(cpu);
			if (!reader)
				return false;
			reader->start();
			readers_.push_back(std::move(reader));
		} catch (const ErrnoError& error) {
			on_error_(error, cpu);
		}
		return true;
	});
	return !absent_.empty();
}

std::vector<CpuReader::Progress> ChannelDrain::progress() const
{
	const std::lock_guard lock(mutex_);
	std::vector<CpuReader::Progress> progress;
	progress.reserve(readers_.size());
	for (const auto& reader : readers_)
		progress.push_back(reader->progress());
	std::ranges::sort(progress, {}, &CpuReader::Progress::cpu);
	return progress;
}

void ChannelDrain::end(Stop stop)
{
	// Told before the lock is taken: abandoning must reach threads that another call is draining.
	watcher_.request(stop);
	{
		const std::lock_guard lock(mutex_);
		if (stop == Stop::kAbandon)
			for (const auto& reader : readers_)
				reader->request(stop);
	}
	const std::lock_guard end_lock(end_mutex_);
	watcher_.join();
	if (stop == Stop::kDrain && watcher_.requested() == Stop::kDrain)
		adopt_cpus(); // one that came online since the last look
	for (const auto& reader : readers_)
		reader->request(stop);
	for (const auto& reader : readers_)
		reader->join();
}

std::vector<ChannelDrain::Unread> ChannelDrain::finish()
{
	end(Stop::kDrain);
	const std::lock_guard lock(mutex_);
	std::vector<Unread> unread;
	unread.reserve(readers_.size());
	for (const auto& reader : readers_)
		unread.push_back({reader->cpu(), reader->unread()});
	std::ranges::sort(unread, {}, &Unread::cpu);
	return unread;
}

void ChannelDrain::close() noexcept
{
	try {
		end(Stop::kAbandon);
	} catch (const std::exception&) {
		// Only a lock or a join can fail here, and neither leaves a thread behind that could be ended.
	}
}

} // namespace relayscope
