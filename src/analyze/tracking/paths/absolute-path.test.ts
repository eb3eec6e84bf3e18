import { describe, expect, test } from "vitest";
import { absolutePath } from "./absolute-path.js";

describe("a path", () => {
	test.each([
		["/etc/passwd", null, "/etc/passwd"],
		["passwd", "/etc", "/etc/passwd"],
		["./a//b/.", "/srv", "/srv/a/b"],
		["../b", "/srv/a", "/srv/b"],
		["../../../b", "/srv/a", "/b"],
		["..", "/srv", "/"],
		["/", null, "/"],
		["//", null, "/"],
		["/a/", null, "/a"],
		["a", "/", "/a"],
		["", "/srv/a", "/srv/a"],
		[".", "/", "/"],
		["...", "/srv", "/srv/..."],
		[".hidden", "/srv", "/srv/.hidden"],
		["/a/..b/c..", null, "/a/..b/c.."],
		["a", null, null],
	])("%s in %s is %s", (given, base, expected) => {
		expect(absolutePath(given, base, "/")).toBe(expected);
	});

	test.each([
		["/etc/passwd", null, "/jail/etc/passwd"],
		["/", null, "/jail"],
		["/../../etc", null, "/jail/etc"],
		["../../etc", "/jail/a", "/jail/etc"],
		["..", "/jail", "/jail"],
		["a", "/jail", "/jail/a"],
		["../x", "/outside/a", "/outside/x"],
		["a", "/jailhouse", "/jailhouse/a"],
	])("%s in %s, with the root in /jail, is %s", (given, base, expected) => {
		expect(absolutePath(given, base, "/jail")).toBe(expected);
	});
});
