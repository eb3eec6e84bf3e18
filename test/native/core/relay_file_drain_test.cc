// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstring>
#include <thread>

#include "../../../include/relayscope/events.h"
#include "../../../native/relay_file_drain.h"
#include "check.h"
#include "memory_ring.h"

using namespace relayscope;
using namespace relayscope::test;

namespace {

constexpr const char* kPath = "/debug/block/sda/trace";

// A relay file that is read to its end gives nothing until there is more: so does a file.
class Growing {
public:
	explicit Growing(const std::string& path)
		: fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600))
	{
	}
	void add(const std::string& text)
	{
		EQUAL(write(fd_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
	}

private:
	FileDescriptor fd_;
};

struct Walked {
	std::uint32_t subbufs = 0;
	std::uint32_t records = 0;
	std::string data;
};

// Every sub-buffer and record by the ABI, each length and time checked.
Walked walk(const std::string& raw)
{
	Walked walked;
	std::uint64_t latest = 0;
	for (std::size_t at = 0; at < raw.size();) {
		relayscope_subbuf_header header;
		std::memcpy(&header, raw.data() + at, sizeof header);
		EQUAL(header.magic, std::uint32_t{RELAYSCOPE_SUBBUF_MAGIC});
		EQUAL(header.sequence, std::uint64_t{walked.subbufs++});
		EQUAL(header.channel_id, 7u);
		EQUAL(header.epoch, 9u);
		EQUAL(header.cpu, 3u);
		TRUE(header.ts_begin >= latest && header.ts_end >= header.ts_begin);
		TRUE(header.used <= RelayFileDrain::kSubbufSize);
		std::uint32_t records = 0;
		std::size_t from = header.header_length;
		while (from < header.used) {
			relayscope_event_relay_chunks record;
			std::memcpy(&record, raw.data() + at + from, RELAYSCOPE_EVENT_RELAY_CHUNKS_FIXED);
			EQUAL(record.header.event_id, std::uint16_t{RELAYSCOPE_EVENT_RELAY_CHUNKS});
			const char* tails = raw.data() + at + from + RELAYSCOPE_EVENT_RELAY_CHUNKS_FIXED;
			EQUAL(std::string(tails, record.path_length), kPath);
			walked.data.append(tails + record.path_length, record.header.length -
									       RELAYSCOPE_EVENT_RELAY_CHUNKS_FIXED -
									       record.path_length);
			latest = header.ts_begin + record.header.ts_delta;
			TRUE(latest <= header.ts_end);
			++records;
			from = (from + record.header.length + 7) / 8 * 8;
		}
		EQUAL(records, header.record_count);
		walked.records += records;
		at += (header.used + 7) / 8 * 8;
	}
	return walked;
}

RelayFileDrain::Origin origin()
{
	return {.channel_id = 7, .epoch = 9, .cpu = 3, .channel_path = kPath};
}

std::string pattern(std::size_t length, char first)
{
	std::string text(length, '\0');
	for (std::size_t i = 0; i < length; ++i)
		text[i] = static_cast<char>(first + static_cast<char>(i % 61));
	return text;
}

} // namespace

TEST(everything_a_relay_file_gives_is_captured_in_order)
{
	ScratchDirectory scratch;
	const std::string input = scratch.file("trace3");
	const std::string output = scratch.file("out");
	Growing file(input);
	std::string expected = pattern(1'000'003, 'a');
	file.add(expected);
	RelayFileDrain drain(origin(), input, output, [](const ErrnoError&, std::uint32_t) {});
	drain.start();
	std::this_thread::sleep_for(std::chrono::milliseconds(250));
	const std::string more = pattern(77, '0');
	file.add(more);
	expected += more;
	drain.finish();
	const RelayFileDrain::Progress progress = drain.progress();
	const std::string raw = contents(output);
	const Walked walked = walk(raw);
	TRUE(walked.data == expected);
	EQUAL(progress.bytes, raw.size());
	EQUAL(progress.subbufs, walked.subbufs);
	EQUAL(progress.records, walked.records);
	// The first write is more than a sub-buffer holds; the second came after a pause.
	TRUE(walked.subbufs > 4);
	TRUE(!progress.error);
}

TEST(a_relay_file_with_nothing_leaves_an_empty_raw_file)
{
	ScratchDirectory scratch;
	const std::string input = scratch.file("trace3");
	Growing file(input);
	RelayFileDrain drain(origin(), input, scratch.file("out"), [](const ErrnoError&, std::uint32_t) {});
	drain.start();
	drain.finish();
	drain.finish();
	EQUAL(drain.progress().bytes, 0u);
	EQUAL(contents(scratch.file("out")), "");
}

TEST(a_full_disk_leaves_whole_subbufs_of_a_relay_file)
{
	ScratchDirectory scratch;
	const std::string input = scratch.file("trace3");
	Growing file(input);
	file.add(pattern(900'000, 'a'));
	rlimit before;
	getrlimit(RLIMIT_FSIZE, &before);
	const rlimit small{500'000, before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	int reported = 0;
	RelayFileDrain drain(origin(), input, scratch.file("out"),
			     [&](const ErrnoError& error, std::uint32_t) { reported = error.error(); });
	drain.start();
	drain.finish();
	setrlimit(RLIMIT_FSIZE, &before);
	EQUAL(reported, EFBIG);
	EQUAL(drain.progress().error->error(), EFBIG);
	TRUE(walk(contents(scratch.file("out"))).records >= 1);
}

TEST(a_relay_file_that_is_not_there_is_named)
{
	ScratchDirectory scratch;
	const auto error = error_of([&] {
		RelayFileDrain drain(origin(), scratch.file("trace3"), scratch.file("out"),
				     [](const ErrnoError&, std::uint32_t) {});
	});
	EQUAL(error->error(), ENOENT);
	EQUAL(error->call(), "open " + scratch.file("trace3"));
}
