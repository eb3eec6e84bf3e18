// SPDX-License-Identifier: MIT
#include "snapshot_reader.h"

#include <algorithm>
#include <numeric>

#include "channel_mapping.h"
#include "reader_thread.h"

namespace relayscope {

SnapshotReader::SnapshotReader(std::shared_ptr<ControlDevice> device, Options options)
	: device_(std::move(device)), options_(std::move(options)), cpu_ids_(device_->info().cpu_ids)
{
	const relayscope_channel_create channel =
		channel_with_geometry(*device_, options_.channel_id, options_.geometry);
	epoch_ = channel.epoch;
	buffers_ = buffers_of(channel, cpu_ids_);
	control_ = map_control(*device_, channel, cpu_ids_);
	adopt_cpus();
	if (rings_.empty())
		throw ErrnoError(ENOENT, "open " + options_.data_directory + "/*");
}

// A CPU that comes online later gets its buffer then.
void SnapshotReader::adopt_cpus()
{
	for (const std::uint32_t cpu : buffers_) {
		const auto& control = control_of(control_, cpu);
		if (ring_of(cpu) != nullptr || !cpu_has_buffer(control))
			continue;
		auto data = RingData::open(options_.data_directory, cpu, options_.geometry.bytes());
		if (data == nullptr)
			continue; // it is being made
		RingView view(options_.geometry, options_.channel_id, cpu, std::move(data), &control);
		rings_.push_back(std::make_unique<Ring>(Ring{cpu, std::move(view)}));
	}
}

const SnapshotReader::Ring* SnapshotReader::ring_of(std::uint32_t cpu) const noexcept
{
	const auto found = std::ranges::find(rings_, cpu, [](const auto& ring) { return ring->cpu; });
	return found == rings_.end() ? nullptr : found->get();
}

std::optional<SnapshotReader::Moment> SnapshotReader::moment(std::uint32_t cpu) const
{
	std::vector<std::uint32_t> held(options_.geometry.subbuf_count);
	try {
		const relayscope_snapshot snapshot = device_->snapshot(options_.channel_id, cpu, held);
		return Moment{snapshot, std::move(held)};
	} catch (const ErrnoError& error) {
		if (error.error() != EINVAL)
			throw;
		return std::nullopt;
	}
}

// On the CPU's thread. From its moment on the writer is at the reader's heels: file and memory are
// there before, and nothing is written to the file until all has been copied.
SnapshotReader::CpuSnapshot SnapshotReader::copy(const Ring& ring, const Request& request,
						 std::latch& prepared) const
{
	std::optional<RawFile> output;
	std::optional<HeldCopy> copy;
	try {
		output.emplace(output_path(request.output_prefix, ring.cpu, request.output_suffix));
		copy.emplace(ring.view);
	} catch (...) {
		prepared.count_down();
		throw;
	}
	// All CPUs at about the same time.
	prepared.arrive_and_wait();
	const std::optional<Moment> moment = this->moment(ring.cpu);
	if (!moment)
		throw ErrnoError(EINVAL, "snapshot " + buffer_name(ring.cpu));
	const std::uint64_t now = moment->snapshot.ts;
	const std::uint64_t since = request.keep_ns == 0 || request.keep_ns > now ? 0 : now - request.keep_ns;
	const HeldSubbufs held{epoch_, moment->snapshot.stats.sealed, moment->held_records};
	const HeldCounts counts = copy->take(held, since, abandoned_);
	copy->write(*output);
	output->close();
	return {ring.cpu, moment->snapshot, counts, output->size()};
}

std::uint64_t SnapshotReader::held_by(const Moment& moment)
{
	return std::accumulate(moment.held_records.begin(), moment.held_records.end(), std::uint64_t{0});
}

std::vector<SnapshotReader::CpuSnapshot> SnapshotReader::snapshot(const Request& request)
{
	struct Part {
		CpuSnapshot snapshot{};
		std::optional<ErrnoError> error;
		ReaderThread thread;
	};
	const std::lock_guard lock(mutex_);
	adopt_cpus();
	std::latch prepared(static_cast<std::ptrdiff_t>(rings_.size()));
	std::vector<std::unique_ptr<Part>> parts;
	for (const auto& ring : rings_) {
		auto part = std::make_unique<Part>();
		const auto body = [this, part = part.get(), ring = ring.get(), &request, &prepared] {
			try {
				part->snapshot = copy(*ring, request, prepared);
			} catch (const ErrnoError& error) {
				part->error = error;
			} catch (const std::exception&) {
				// All that is left is an allocation that failed.
				part->error = ErrnoError(ENOMEM, "snapshot " + buffer_name(ring->cpu));
			}
		};
		try {
			part->thread.start("rs-snap/" + buffer_name(ring->cpu), body);
		} catch (const std::system_error& error) {
			part->error = ErrnoError(error.code().value(), "pthread_create");
			prepared.count_down();
		}
		parts.push_back(std::move(part));
	}
	for (const auto& part : parts)
		part->thread.join();

	std::vector<CpuSnapshot> snapshots;
	for (const auto& part : parts) {
		if (part->error)
			throw *part->error;
		snapshots.push_back(part->snapshot);
	}
	// What a CPU without a buffer has counted belongs to the account, too; one that has come online
	// since has records that nobody took.
	for (const std::uint32_t cpu : buffers_) {
		if (ring_of(cpu) != nullptr)
			continue;
		if (const auto moment = this->moment(cpu)) {
			HeldCounts counts;
			counts.unread = held_by(*moment);
			snapshots.push_back({cpu, moment->snapshot, counts, 0});
		}
	}
	std::ranges::sort(snapshots, {}, &CpuSnapshot::cpu);
	return snapshots;
}

std::vector<SnapshotReader::Held> SnapshotReader::held()
{
	const std::lock_guard lock(mutex_);
	std::vector<Held> held;
	for (const std::uint32_t cpu : buffers_)
		if (const auto moment = this->moment(cpu))
			held.push_back({cpu, held_by(*moment)});
	return held;
}

} // namespace relayscope
