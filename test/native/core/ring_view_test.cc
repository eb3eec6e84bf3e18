// SPDX-License-Identifier: MIT
#include <functional>

#include "check.h"
#include "memory_ring.h"

using namespace relayscope;
using namespace relayscope::test;

TEST(geometry_refuses_what_the_abi_does_not_allow)
{
	RingGeometry{4096, 2}.validate();
	RingGeometry{64u << 20, 4096}.validate();
	for (const RingGeometry bad : {RingGeometry{0, 2}, {2048, 2}, {4097, 2}, {12288, 2}, {128u << 20, 2},
				       {4096, 0}, {4096, 1}, {4096, 3}, {4096, 8192}})
		EQUAL(error_of([&] { bad.validate(); })->error(), EINVAL);
}

TEST(subbufs_wrap_around)
{
	const MemoryRing ring({4096, 4});
	const auto map = ring.mapped();
	const RingView view = ring.view(map);
	EQUAL(view.subbuf(0) - map->bytes(), 0);
	EQUAL(view.subbuf(3) - map->bytes(), 3 * 4096);
	EQUAL(view.subbuf(4) - map->bytes(), 0);
	// Where a 32-bit counter would have wrapped.
	EQUAL(view.subbuf((1ull << 32) + 1) - map->bytes(), 4096);
}

TEST(every_field_of_a_bad_header_is_found)
{
	MemoryRing ring({4096, 2});
	const auto map = ring.mapped();
	const RingView view = ring.view(map);
	const auto fault = [&](const std::function<void(relayscope_subbuf_header&)>& spoil) {
		relayscope_subbuf_header header = ring.fill(128, 4);
		spoil(header);
		std::memcpy(ring.at(0), &header, sizeof(header));
		const auto found = view.fault(0);
		return found ? std::string(header_fault_text(*found)) : "none";
	};
	EQUAL(fault([](auto&) {}), "none");
	EQUAL(fault([](auto& h) { h.magic ^= 1; }), "magic");
	EQUAL(fault([](auto& h) { h.abi_version += 1; }), "ABI version");
	EQUAL(fault([](auto& h) { h.header_length = 56; }), "header length");
	EQUAL(fault([](auto& h) { h.header_length = 68; }), "header length");
	EQUAL(fault([](auto& h) { h.header_length = 72; }), "none");
	EQUAL(fault([](auto& h) { h.channel_id += 1; }), "channel id");
	EQUAL(fault([](auto& h) { h.cpu += 1; }), "cpu");
	EQUAL(fault([](auto& h) { h.sequence = RELAYSCOPE_SEQUENCE_INVALID; }), "sequence");
	EQUAL(fault([](auto& h) { h.sequence = 2; }), "sequence");
	EQUAL(fault([](auto& h) { h.used = 63; }), "used bytes");
	EQUAL(fault([](auto& h) { h.used = 64; }), "none");
	EQUAL(fault([](auto& h) { h.used = 4096; }), "none");
	EQUAL(fault([](auto& h) { h.used = 4097; }), "used bytes");
	EQUAL(fault([](auto& h) { h.record_count = 257; }), "record count");
}

TEST(records_of_a_bad_header_count_only_when_they_can_be_believed)
{
	MemoryRing ring({4096, 2});
	const auto map = ring.mapped();
	relayscope_subbuf_header header = ring.fill(128, 4);
	header.used = 1 << 20;
	ring.seal(header);
	EQUAL(ring.view(map).claimed_records(0), 4u);
	header.record_count = 1 << 20;
	std::memcpy(ring.at(0), &header, sizeof(header));
	EQUAL(ring.view(map).claimed_records(0), 0u);
}

TEST(a_mapping_that_is_refused_says_so)
{
	const auto error = error_of([] { Mapping(-1, 4096, 0, "cpu9"); });
	EQUAL(error->error(), EBADF);
	EQUAL(error->call(), "mmap cpu9");
}
