import { expect, test } from "vitest";
import { decodeSocketAddress } from "./socket-address.js";

function bytes(...parts: readonly (number | string | Buffer)[]): Buffer {
	return Buffer.concat(
		parts.map((part) =>
			typeof part === "number"
				? Buffer.from([part])
				: typeof part === "string"
					? Buffer.from(part)
					: part,
		),
	);
}
const u16 = (value: number) => Buffer.from([value & 0xff, value >> 8]);
const u32 = (value: number) => {
	const four = Buffer.alloc(4);
	four.writeUInt32LE(value);
	return four;
};
const inet6 = (hex: string, scope = 0) =>
	bytes(u16(10), 0x1f, 0x90, u32(0), Buffer.from(hex, "hex"), u32(scope));

test.each([
	["unix", bytes(u16(1), "/run/x.sock\0junk"), "unix", "/run/x.sock", null],
	["unix, to the end", bytes(u16(1), "/run/x"), "unix", "/run/x", null],
	["abstract", bytes(u16(1), "\0a\0b"), "unix", "@a@b", null],
	["unnamed", u16(1), "unix", null, null],
	["inet", bytes(u16(2), 0, 80, 10, 0, 0, 255, u32(0), u32(0)), "inet", "10.0.0.255", 80],
	["inet6", inet6("20010db8000000000000000000000001"), "inet6", "2001:db8::1", 8080],
	["inet6 any", inet6("0".repeat(32)), "inet6", "::", 8080],
	["inet6 loopback", inet6(`${"0".repeat(31)}1`), "inet6", "::1", 8080],
	[
		"one zero stays",
		inet6("20010db8000000010001000100010001"),
		"inet6",
		"2001:db8:0:1:1:1:1:1",
		8080,
	],
	[
		"first of equal runs",
		inet6("20010000000000010000000000010001"),
		"inet6",
		"2001::1:0:0:1:1",
		8080,
	],
	["zeros at the end", inet6("20010db8".padEnd(32, "0")), "inet6", "2001:db8::", 8080],
	["scope", inet6("fe80000000000000000000000000000a", 3), "inet6", "fe80::a%3", 8080],
	["mapped", inet6(`${"0".repeat(20)}ffff7f000001`), "inet6", "::ffff:127.0.0.1", 8080],
	["netlink", bytes(u16(16), u16(0), u32(77), u32(0)), "netlink", null, 77],
	["netlink groups", bytes(u16(16), u16(0), u32(0), u32(5)), "netlink", "groups 0x0005", 0],
	[
		"packet",
		bytes(u16(17), 0x08, 0x06, u32(2), u16(1), 0, 6, Buffer.from("001122aabbcc", "hex"), 0, 0),
		"packet",
		"00:11:22:aa:bb:cc protocol 0x0806 if 2",
		null,
	],
	["vsock", bytes(u16(40), u16(0), u32(1024), u32(2), u32(0)), "vsock", "2", 1024],
	["unspec", u16(0), "unspec", null, null],
	["cut", bytes(u16(2), 0, 80), "inet", "0050", null],
	["any other", bytes(u16(31), 1, 2), "family 31", "0102", null],
])("%s", (_what, from, family, address, port) => {
	expect(decodeSocketAddress(from)).toEqual({ family, address, port });
});

test("less than a family is none", () => {
	expect(decodeSocketAddress(Buffer.from([1]))).toBeUndefined();
});
