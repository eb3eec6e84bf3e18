import { expect, test } from "vitest";
import { isTrusted } from "./emulator.js";

test.each([
	["QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)", false],
	["QEMU emulator version 8.0.4", false],
	["QEMU emulator version 8.1.0", true],
	["QEMU emulator version 10.0.13 (Debian 1:10.0.13+ds-0+deb13u1)", true],
	["something else", false],
])("%s: %s", (text, trusted) => {
	expect(isTrusted(text)).toBe(trusted);
});
