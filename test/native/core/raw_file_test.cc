// SPDX-License-Identifier: MIT
#include <sys/resource.h>
#include <sys/stat.h>

#include "../../../native/raw_file.h"
#include "check.h"
#include "memory_ring.h"

using namespace relayscope;
using namespace relayscope::test;

namespace {

// Every write beyond it fails with EFBIG, half-way when it straddles: a full disk that needs no disk.
class SizeLimit {
public:
	explicit SizeLimit(rlim_t bytes)
	{
		getrlimit(RLIMIT_FSIZE, &before_);
		const rlimit limit{bytes, before_.rlim_max};
		setrlimit(RLIMIT_FSIZE, &limit);
	}
	~SizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

private:
	rlimit before_;
};

} // namespace

TEST(a_raw_file_is_private_and_never_overwrites)
{
	ScratchDirectory scratch;
	const std::string path = scratch.file("a");
	RawFile file(path);
	struct stat status;
	stat(path.c_str(), &status);
	EQUAL(status.st_mode & 07777, 0600u);
	const auto error = error_of([&] { RawFile again(path); });
	EQUAL(error->error(), EEXIST);
	EQUAL(error->call(), "open " + path);
}

TEST(more_blocks_than_one_write_takes_arrive_in_order)
{
	ScratchDirectory scratch;
	RawFile file(scratch.file("a"));
	std::string expected;
	std::vector<std::string> texts;
	for (int i = 0; i < 200; ++i)
		texts.push_back("block " + std::to_string(i) + ";");
	std::vector<iovec> blocks;
	for (auto& text : texts) {
		expected += text;
		blocks.push_back({text.data(), text.size()});
	}
	EQUAL(file.append(blocks).blocks, 200u);
	EQUAL(file.size(), expected.size());
	file.close();
	TRUE(contents(file.path()) == expected);
}

TEST(a_full_disk_leaves_whole_blocks)
{
	ScratchDirectory scratch;
	RawFile file(scratch.file("a"));
	std::string text(1000, 'x');
	const std::vector<iovec> blocks(8, iovec{text.data(), text.size()});
	{
		const SizeLimit limit(3500);
		const RawFile::Appended appended = file.append(blocks);
		EQUAL(appended.blocks, 3u);
		EQUAL(appended.error->error(), EFBIG);
		EQUAL(file.size(), 3000u);
		EQUAL(contents(file.path()).size(), 3000u);
	}
	EQUAL(file.append({blocks.data(), 1}).blocks, 1u);
	EQUAL(contents(file.path()).size(), 4000u);
}

TEST(discard_takes_the_file_back)
{
	ScratchDirectory scratch;
	RawFile file(scratch.file("a"));
	file.discard();
	EQUAL(access(file.path().c_str(), F_OK), -1);
}
