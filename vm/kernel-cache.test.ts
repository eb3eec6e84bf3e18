import { expect, test } from "vitest";
import { newestRelease } from "./kernel-cache.js";

test("the newest plain kernel of a version, of all that a suite offers", () => {
	const offered = [
		"linux-image-7.2.9+deb13-amd64",
		"linux-image-7.2.12+deb13-amd64",
		"linux-image-7.2.12+deb13-cloud-amd64",
		"linux-image-7.2.12+deb13-rt-amd64",
		"linux-image-7.2.12+deb13-amd64-unsigned",
		"linux-image-7.2.13+deb13-amd64-dbg",
		"linux-image-7.20.1+deb13-amd64",
		"linux-image-7.3.4+deb13-amd64",
	];
	expect(newestRelease(offered, "7.2")).toBe("7.2.12+deb13-amd64");
	expect(newestRelease(["linux-image-6.1.0-9-amd64", "linux-image-6.1.0-56-amd64"], "6.1")).toBe(
		"6.1.0-56-amd64",
	);
	expect(newestRelease(offered, "6.12")).toBeUndefined();
});
