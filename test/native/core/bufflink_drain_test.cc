// SPDX-License-Identifier: MIT
#include <sys/resource.h>
#include <sys/stat.h>

#include <thread>

#include "../../../native/bufflink_drain.h"
#include "check.h"
#include "memory_ring.h"

using namespace relayscope;
using namespace relayscope::test;

namespace {

// A bufflink behaves like a FIFO; the call that a FIFO does not know reads as nothing refused.
FileDescriptor make_fifo(const std::string& path)
{
	if (mkfifo(path.c_str(), 0600) != 0)
		throw_errno("mkfifo", path);
	return FileDescriptor(open(path.c_str(), O_RDWR | O_CLOEXEC));
}

} // namespace

TEST(finish_takes_what_is_left)
{
	ScratchDirectory scratch;
	const std::string fifo = scratch.file("fifo");
	const std::string output = scratch.file("out");
	const FileDescriptor writer = make_fifo(fifo);
	BufflinkDrain drain(fifo, output, [](const ErrnoError&) {});
	std::string expected;
	for (int i = 0; i < 3000; ++i) {
		const std::string text = "message " + std::to_string(i) + "\n";
		expected += text;
		EQUAL(write(writer.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
	}
	const BufflinkDrain::Result result = drain.finish();
	EQUAL(result.bytes, expected.size());
	EQUAL(result.refused, 0u);
	TRUE(!result.error);
	TRUE(contents(output) == expected);
}

TEST(a_fifo_without_writers_ends_and_does_not_spin)
{
	ScratchDirectory scratch;
	const std::string fifo = scratch.file("fifo");
	FileDescriptor writer = make_fifo(fifo);
	BufflinkDrain drain(fifo, scratch.file("out"), [](const ErrnoError&) {});
	EQUAL(write(writer.get(), "x", 1), 1);
	writer.reset();
	timespec before;
	timespec after;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	std::this_thread::sleep_for(std::chrono::milliseconds(300));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	TRUE((after.tv_sec - before.tv_sec) * 1'000'000'000 + after.tv_nsec - before.tv_nsec < 100'000'000);
	EQUAL(drain.finish().bytes, 1u);
}

TEST(a_bufflink_that_cannot_be_stored_is_reported)
{
	ScratchDirectory scratch;
	const std::string fifo = scratch.file("fifo");
	const FileDescriptor writer = make_fifo(fifo);
	rlimit before;
	getrlimit(RLIMIT_FSIZE, &before);
	const rlimit small{4, before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	int reported = 0;
	BufflinkDrain drain(fifo, scratch.file("out"), [&](const ErrnoError& error) { reported = error.error(); });
	EQUAL(write(writer.get(), "too long", 8), 8);
	const BufflinkDrain::Result result = drain.finish();
	setrlimit(RLIMIT_FSIZE, &before);
	EQUAL(reported, EFBIG);
	EQUAL(result.error->error(), EFBIG);
	EQUAL(result.bytes, 0u);
}
