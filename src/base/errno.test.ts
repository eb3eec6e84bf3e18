import { constants } from "node:os";
import { expect, test } from "vitest";
import { ERRNO_NAMES } from "./errno.js";

test.skipIf(process.arch !== "x64")("names are those of the C library", () => {
	// Two numbers have two names; the kernel's headers prefer these.
	const others = new Set(["ENOTSUP", "EWOULDBLOCK"]);
	for (const [name, code] of Object.entries(constants.errno)) {
		if (!others.has(name)) expect(ERRNO_NAMES.get(code), name).toBe(name);
	}
});

test("numbers that nobody has have no name", () => {
	for (const code of [0, 41, 58, 134, 511, 4095]) expect(ERRNO_NAMES.has(code)).toBe(false);
	expect(ERRNO_NAMES.get(133)).toBe("EHWPOISON");
	expect(ERRNO_NAMES.get(512)).toBe("ERESTARTSYS");
});
