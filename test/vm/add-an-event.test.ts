/** Does what docs/add-an-event.md says, command by command. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { packageRoot } from "../../src/base/package-root.js";
import { DEFAULT_KERNEL } from "../../vm/kernel-cache.js";
import { ask, type GuestRun, inGuest } from "./guest.js";
import { moduleBuildEnvironment } from "./sample-module.js";

/** The shell commands of the walk, those for anybody and those for root. */
function commandsOfTheWalk(): { readonly build: string; readonly root: string } {
	const text = readFileSync(join(packageRoot(), "docs", "add-an-event.md"), "utf8");
	const blocks = (kind: string): string =>
		[...text.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))]
			.map((match) => match[1] ?? "")
			.join("");
	return { build: blocks("sh"), root: blocks("sh root") };
}

let guest: GuestRun;

beforeAll(async () => {
	const { build, root } = commandsOfTheWalk();
	const directory = join(packageRoot(), "kmod", "relay", "sample");
	execFileSync("bash", ["-euo", "pipefail", "-c", build], {
		cwd: packageRoot(),
		env: await moduleBuildEnvironment(),
		stdio: "pipe",
	});
	guest = await inGuest(
		"add-an-event",
		`
		# A checkout below /tmp is read-only in the guest.
		mkdir /run/upper /run/work
		mount -t overlay -o lowerdir=${directory},upperdir=/run/upper,workdir=/run/work overlay ${directory}
		cd ${directory}
		${root}
		cp -r session $OUT/
		`,
		// The walk is one on its author's machine, whose compiler fits its kernel.
		{ kernel: DEFAULT_KERNEL },
	);
	expect(guest.status, guest.output).toBe(0);
}, 900_000);

test("the walk's declarations and calls are those of the sample", () => {
	const read = (...path: readonly string[]): string =>
		readFileSync(join(packageRoot(), ...path), "utf8");
	const text = read("docs", "add-an-event.md");
	const block = (kind: string): string =>
		new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(text)?.[1] ?? "none";
	expect(read("kmod", "relay", "sample", "sample.proto")).toContain(block("proto"));
	const source = read("kmod", "relay", "sample", "sample.c");
	for (const line of block("c").split("\n")) expect(source).toContain(line.trim());
});

test("the walk ends where it says: listed, recorded, asked, read", () => {
	expect(guest.stdout).toMatch(/^sample +Requests of the sample module$/m);
	expect(guest.stdout).toMatch(/^sh +1,?000 +100$/m);
	expect(guest.stdout).toMatch(/batch of 1000 done, process context/);
	expect(guest.stdout).toMatch(/requests: 1000, failed: 100, bytes: \d+/);
});

test("the session it made is whole on the host", () => {
	expect(
		ask(join(guest.directory, "session"), "SELECT count(*) AS requests FROM sample_request"),
	).toEqual([{ requests: 1000 }]);
});
