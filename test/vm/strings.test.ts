import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type DecodedRecord, readRecords } from "../../src/records.js";
import { BUILTIN_EVENTS } from "../../src/schema/generated/builtin-events.js";
import { ask, type GuestRun, inGuest } from "./guest.js";

const PATH_TRUNCATED = 1;
const PATH_UNREAD = 2;
const PATH2_UNREAD = 8;
const DETAILS_TRUNCATED = 16;
const DETAILS_UNREAD = 32;
const CLOSE_ON_EXEC = 4;
const DELETED = 2;

const RECORD_HEADER = 12;
/** Of channels alone: messages are in other books. */
const CHANNEL_EVENTS = BUILTIN_EVENTS.filter(
	({ headerLength }) => headerLength === RECORD_HEADER,
).map(({ name }) => name);

let guest: GuestRun;

beforeAll(async () => {
	guest = await inGuest(
		"strings",
		`
		nasty() { mkdir -p /tmp/nasty; rm -rf /tmp/nasty/*; "$@" $PROGRAMS/texts /tmp/nasty; }
		nasty relayscope record -q --strings -o $OUT/nasty -- >$OUT/printed
		nasty relayscope record -q --strings --context stack,ustack,cgroup,ns -o $OUT/context -- >/dev/null
		nasty relayscope record -q --strings --channel c,source=syscalls,global,size=16K,count=64 -o $OUT/global -- >/dev/null
		nasty relayscope record -q --strings --flight-recorder --snapshot-at-end -o $OUT/flight -- >/dev/null

		nasty relayscope record -q --strings --sources syscalls --filter 'path ~ "*absent-*"' -o $OUT/absent -- >/dev/null
		nasty relayscope record -q --strings --sources syscalls --filter 'path ~ "*passwd" or path2 == "moved-to"' -o $OUT/early -- >/dev/null
		nasty relayscope record -q --strings --sources syscalls --filter 'ret == -ENOENT or name in (recvmsg, pipe2, execve)' -o $OUT/late -- >/dev/null
		nasty relayscope record -q --strings --sources syscalls --context stack,cgroup --filter 'ret == -ENOENT or name in (recvmsg, pipe2, execve)' -o $OUT/late-context -- >/dev/null

		! relayscope record --strings --subbuf-size 8K -o $OUT/small -- true 2>$OUT/small.txt
		! relayscope record --strings --sources sched -o $OUT/sched -- true 2>$OUT/sched.txt
		! relayscope record --filter 'path ~ "/etc/*"' -o $OUT/plain -- true 2>$OUT/plain.txt
		cat $OUT/small.txt $OUT/sched.txt $OUT/plain.txt

		$PROGRAMS/attach_strings

		# Everybody's calls at once, into buffers that overflow, filtered and not.
		for i in 1 2 3 4; do
			while :; do find /usr/share/doc -maxdepth 2 >/dev/null; done &
			loops="\${loops-} $!"
		done
		STRINGS=1 $PROGRAMS/verifying_recorder 4 16384 4 syscalls:15,sched && echo "conserved plain"
		FILTERED=1 STRINGS=1 $PROGRAMS/verifying_recorder 4 16384 4 syscalls,sched && echo "conserved filtered"
		relayscope record -q -a --duration 1s --strings -o $OUT/system
		kill $loops

		rmmod relayscope_sched relayscope_syscalls relayscope_printk relayscope || true
		insmod $RELAYSCOPE_MODULES/relayscope.ko boot=syscalls boot_strings=1
		insmod $RELAYSCOPE_MODULES/relayscope_syscalls.ko
		cat /etc/hostname
		relayscope record -q --from-boot --duration 100ms -o $OUT/boot
		dmesg | grep -E 'BUG|WARNING|Oops|relayscope:' || echo "no complaint"
		`,
	);
	expect(guest.status, guest.output).toBe(0);
}, 480_000);

const cache = new Map<string, readonly DecodedRecord[]>();

function recordsOf(session: string): readonly DecodedRecord[] {
	const known = cache.get(session);
	if (known !== undefined) return known;
	const faults: string[] = [];
	const onFault = (reason: string): number => faults.push(reason);
	const read = [
		...readRecords(join(guest.directory, session), { events: CHANNEL_EVENTS, onFault }),
	];
	expect(faults).toEqual([]);
	cache.set(session, read);
	return read;
}

interface Texts {
	readonly event: string;
	readonly nr: number;
	readonly abi: number;
	readonly flags: number;
	readonly path: string;
	readonly path2: string;
	readonly details: Buffer;
}

/** Entries with texts, and those that came later. */
function textsOf(session: string, event?: string): readonly Texts[] {
	const wanted = event === undefined ? ["syscall_enter_texts", "syscall_texts"] : [event];
	return recordsOf(session)
		.filter((record) => wanted.includes(record.event))
		.map(({ event: name, fields }) => ({
			event: name,
			nr: Number(fields["nr"]),
			abi: Number(fields["abi"]),
			flags: Number(fields["flags"]),
			path: String(fields["path"]),
			path2: String(fields["path2"]),
			details: Buffer.from((fields["details"] as Uint8Array | null) ?? []),
		}));
}

function withPath(session: string, path: string): readonly Texts[] {
	return textsOf(session).filter((texts) => texts.path === path);
}

interface File {
	readonly fd: number;
	readonly flags: number;
	readonly mode: number;
	readonly path: string;
}

function filesOf(session: string): readonly File[] {
	return recordsOf(session)
		.filter(({ event }) => event === "syscall_fd")
		.map(({ fields }) => ({
			fd: Number(fields["fd"]),
			flags: Number(fields["flags"]),
			mode: Number(fields["mode"]),
			path: String(fields["path"]),
		}));
}

/** Arguments and, behind the last empty text, the environment. */
function execTexts(details: Buffer): readonly [readonly string[], readonly string[]] {
	const texts = details.toString().split("\0").slice(0, -1);
	const separator = texts.lastIndexOf("");
	return [texts.slice(0, separator), texts.slice(separator + 1)];
}

function printed(name: string): readonly number[] {
	const line = guest.stdout
		.split("\n")
		.concat(guestFile("printed").split("\n"))
		.find((each) => each.startsWith(`${name} `));
	return (line ?? "").split(" ").slice(1).map(Number);
}

function guestFile(name: string): string {
	return readFileSync(join(guest.directory, name), "utf8");
}

const EXECVE = 59;
const RENAME = 82;
const OPENAT = 257;

const PLAIN_SESSIONS = ["nasty", "context", "global"] as const;

describe.each(PLAIN_SESSIONS)("a recording with strings: %s", (session) => {
	test("has paths in full, and says where one was cut", () => {
		const [longest] = textsOf(session).filter(({ path }) => path.endsWith("longest"));
		expect(longest?.path).toHaveLength(4095);
		expect(longest?.flags).toBe(0);
		const cut = textsOf(session).filter(({ flags }) => flags & PATH_TRUNCATED);
		expect(cut.map(({ path }) => path.length)).toEqual([4095]);
		const [moved] = textsOf(session).filter(({ path }) => path.endsWith("/from"));
		expect(moved?.path).toHaveLength(4095);
		expect(moved?.path2).toHaveLength(4095);
		expect(moved?.path2).toMatch(/\/to$/);
	});

	test("says what could not be read", () => {
		const unread = textsOf(session, "syscall_enter_texts").filter(
			({ flags }) => flags & PATH_UNREAD,
		);
		expect(unread.some(({ nr, path }) => nr === OPENAT && path === "")).toBe(true);
		const [second] = withPath(session, "good-one");
		expect(second).toMatchObject({ flags: PATH2_UNREAD, path2: "" });
		const address = textsOf(session).filter(({ flags }) => flags & DETAILS_UNREAD);
		expect(address.length).toBeGreaterThan(0);
	});

	test("reads again what was not resident", () => {
		expect(withPath(session, "absent-name").map(({ event }) => event)).toEqual(["syscall_texts"]);
		expect(withPath(session, "moved-from")).toMatchObject([
			{ event: "syscall_texts", nr: RENAME, path2: "" },
		]);
		const entry = textsOf(session, "syscall_enter_texts").find(({ path2 }) => path2 === "moved-to");
		expect(entry).toMatchObject({ path: "", flags: PATH_UNREAD });
		// Of a program that did start its caller's memory is gone.
		const [started] = withPath(session, "/bin/true").filter(
			({ event }) => event === "syscall_texts",
		);
		expect(started).toMatchObject({ nr: EXECVE });
		expect(execTexts(started?.details ?? Buffer.alloc(0))).toEqual([["absent-argument"], []]);
		const [failed] = withPath(session, "no-such-program");
		expect(failed).toMatchObject({ event: "syscall_texts", nr: EXECVE });
		expect(execTexts(failed?.details ?? Buffer.alloc(0))[0]).toEqual(["absent-argument"]);
	});

	test("has what programs were started with, started or not", () => {
		const [failed] = withPath(session, "/nonexistent/program");
		expect(execTexts(failed?.details ?? Buffer.alloc(0))).toEqual([
			["first", "", "third argument"],
			["LD_PRELOAD=evil.so", "PATH=/bin"],
		]);
		const started = textsOf(session).find(({ details }) =>
			details.includes("LD_LIBRARY_PATH=/lib"),
		);
		expect(execTexts(started?.details ?? Buffer.alloc(0))).toEqual([
			["first", "", "third argument"],
			["LD_LIBRARY_PATH=/lib", "PATH=/bin"],
		]);
		// 16 KiB, or what a sub-buffer of that size takes.
		const long = textsOf(session).find(({ details }) => details.length > 5000);
		expect(long?.flags).toSatisfy((flags: number) => (flags & DETAILS_TRUNCATED) !== 0);
		expect(long?.details).toHaveLength(session === "global" ? 15_800 : 16_384);
	});

	test("has the kernel's answer to what a descriptor is", () => {
		const files = filesOf(session);
		const byPath = (path: string): File | undefined => files.find((file) => file.path === path);
		expect(byPath("/tmp/nasty/made")).toMatchObject({ flags: 0, mode: 0o100640 });
		expect(files.filter(({ path }) => path === "/etc/passwd")[0]?.flags).toBe(CLOSE_ON_EXEC);
		expect(byPath("/memfd:shared")?.flags).toBe(CLOSE_ON_EXEC | DELETED);
		expect(
			files.filter(({ path, flags }) => path === "/tmp/nasty/gone" && flags & DELETED),
		).toHaveLength(1);
		expect(files.some(({ path }) => /^anon_inode:\[?\[?eventfd/.test(path))).toBe(true);
		expect(files.filter(({ path }) => path.startsWith("pipe:["))).toHaveLength(2);
		expect(files.filter(({ path }) => path.startsWith("socket:[")).length).toBeGreaterThanOrEqual(
			7,
		);
	});

	test("has addresses of sockets", () => {
		const details = textsOf(session).map(({ nr, event, details: bytes }) => ({ nr, event, bytes }));
		const inetPorts = details
			.filter(({ bytes }) => bytes.length === 16 && bytes.readUInt16LE(0) === 2)
			.map(({ bytes }) => bytes.readUInt16BE(2));
		if (session === "nasty") {
			const [port] = printed("port");
			const [peer] = printed("peer-port");
			// bind asks for any, getsockname and connect have it, accept has the other side's.
			expect(inetPorts).toEqual([0, port, port, peer]);
		}
		const abstract = details.filter(({ bytes }) => bytes.includes("abstract-name"));
		expect(abstract.map(({ event }) => event)).toEqual(Array(3).fill("syscall_enter_texts"));
	});

	test("has descriptors that came with a message, and both of a pair", () => {
		const received = recordsOf(session).filter(
			({ event, fields }) =>
				event === "syscall_fd" && ["/etc/passwd", "/etc/group"].includes(String(fields["path"])),
		);
		// openat2 and open of passwd, open of group, and the two as they came.
		expect(received).toHaveLength(5);
		if (session !== "nasty") return;
		expect(received.slice(-2).map(({ fields }) => Number(fields["fd"]))).toEqual(
			printed("received"),
		);
		const pipe = filesOf(session).filter(({ path }) => path.startsWith("pipe:["));
		expect(pipe.map(({ fd }) => fd)).toEqual(printed("pipe"));
	});

	test("understands 32-bit calls", () => {
		expect(withPath(session, "ia32-name").map(({ abi, nr }) => [abi, nr])).toEqual([
			[1, 5],
			[1, 11],
		]);
		const [, exec] = withPath(session, "ia32-name");
		expect(execTexts(exec?.details ?? Buffer.alloc(0))[0]).toEqual(["ia32-argument"]);
	});

	test("tells of directories and of who the task is", () => {
		const directories = filesOf(session).filter(({ fd }) => fd < 0);
		expect(directories.slice(-3).map(({ fd, path }) => [fd, path])).toEqual([
			[-100, "/tmp/nasty/below"],
			[-100, "/tmp/nasty"],
			[-101, "/"],
		]);
		const credentials = recordsOf(session).filter(({ event }) => event === "task_credentials");
		expect(credentials.at(-1)?.fields).toMatchObject({ uid: 1234, euid: 1234, gid: 7, egid: 8 });
		expect(credentials.at(-2)?.fields).toMatchObject({ uid: 0, gid: 7, egid: 8 });
	});

	test("has mount and symlink, and what they name", () => {
		const [mount] = withPath(session, "no-device");
		expect(mount).toMatchObject({ path2: "no-directory" });
		expect(mount?.details.toString()).toBe("nofs");
		expect(withPath(session, "target-text")).toMatchObject([{ path2: "/nonexistent/link" }]);
	});
});

test("a snapshot of a flight recorder has them, too", () => {
	const sessions = readdirSync(join(guest.directory, "flight")).filter((name) =>
		name.startsWith("snapshot"),
	);
	expect(withPath(join("flight", sessions[0] ?? ""), "absent-name")).toHaveLength(1);
});

describe("a filter", () => {
	/** Every call has its exit behind it, and nothing is written without its entry. */
	function pairs(session: string): readonly (readonly DecodedRecord[])[] {
		const open = new Map<number, DecodedRecord[]>();
		const calls: DecodedRecord[][] = [];
		for (const record of recordsOf(session)) {
			if (record.event.startsWith("syscall_enter")) {
				open.set(record.tid, [record]);
				continue;
			}
			const call = open.get(record.tid);
			expect(call, `${record.event} without an entry`).toBeDefined();
			call?.push(record);
			if (!record.event.startsWith("syscall_exit")) continue;
			calls.push(call ?? []);
			open.delete(record.tid);
		}
		return calls;
	}

	test("on a path waits for one that is not resident, and keeps that call whole", () => {
		const calls = pairs("absent").map((call) => call.map(({ event }) => event));
		expect(calls).toContainEqual([
			"syscall_enter_late",
			"syscall_texts",
			expect.stringMatching(/^syscall_exit/),
		]);
		expect(withPath("absent", "absent-name")).toHaveLength(1);
		expect(textsOf("absent").every(({ path }) => path.includes("absent-"))).toBe(true);
	});

	test("on paths is decided when the call begins", () => {
		pairs("early");
		const entries = textsOf("early", "syscall_enter_texts");
		expect(entries.map(({ path }) => path).filter((path) => path !== "")).toEqual(
			expect.arrayContaining(["/etc/passwd"]),
		);
		for (const { path, path2 } of textsOf("early")) {
			expect(path.endsWith("passwd") || path2 === "moved-to").toBe(true);
		}
		expect(filesOf("early").every(({ path }) => path === "/etc/passwd")).toBe(true);
	});

	test.each(["late", "late-context"])(
		"on the result writes entry, texts, files and exit at once: %s",
		(session) => {
			const calls = pairs(session);
			for (const call of calls) {
				expect(call[0]?.event).toBe("syscall_enter_late");
				expect(new Set(call.map(({ ts, cpu }) => `${ts} ${cpu}`)).size).toBe(1);
			}
			const longest = textsOf(session).filter(({ path }) => path.endsWith("longest"));
			expect(longest.map(({ path }) => path.length)).toEqual([4095]);
			const [failed] = withPath(session, "/nonexistent/program");
			expect(execTexts(failed?.details ?? Buffer.alloc(0))[1]).toEqual([
				"LD_PRELOAD=evil.so",
				"PATH=/bin",
			]);
			const started = withPath(session, "/bin/true");
			expect(started.map(({ details }) => execTexts(details)[0][0]?.slice(0, 15))).toEqual([
				"absent-argument",
				"first",
				"xxxxxxxxxxxxxxx",
			]);
			const files = calls.map((call) => call.filter(({ event }) => event === "syscall_fd").length);
			expect(files.filter((count) => count === 2)).toHaveLength(2);
		},
	);
});

describe("the books", () => {
	test("balance with storms of calls from every CPU", () => {
		expect(guest.stdout).toContain("conserved plain");
		expect(guest.stdout).toContain("conserved filtered");
		expect(guest.stdout).not.toContain("BROKEN");
	});

	test.each([...PLAIN_SESSIONS, "late", "late-context", "absent", "system"])(
		"of %s balance on every CPU",
		(session) => {
			const stats = ask(
				join(guest.directory, session),
				"SELECT cpu, name, sum(value) AS value FROM stats WHERE channel <> 'bufflink' AND cpu < 1000 GROUP BY cpu, name",
			);
			const cpus = new Map<unknown, Record<string, number>>();
			for (const { cpu, name, value } of stats) {
				cpus.set(cpu, { ...cpus.get(cpu), [String(name)]: Number(value) });
			}
			expect(cpus.size).toBeGreaterThan(0);
			for (const { seen = Number.NaN, filtered = 0, lost = 0, written = 0 } of cpus.values()) {
				expect(seen).toBe(filtered + lost + written);
			}
			if (session === "system") return;
			const written = [...cpus.values()].reduce((sum, each) => sum + (each["written"] ?? 0), 0);
			expect(recordsOf(session)).toHaveLength(written);
		},
	);
});

describe("what cannot be had", () => {
	test("is refused by the kernel, too", () => {
		const lines = guest.stdout.split("\n").filter((line) => /^(not )?ok - /.test(line));
		expect(lines.filter((line) => line.startsWith("not"))).toEqual([]);
		expect(lines).toHaveLength(8);
	});

	test.each([
		["small", "--subbuf-size 16K"],
		["sched", "Add syscalls"],
		["plain", "Add --strings"],
	])("is refused with a way out: %s", (name, hint) => {
		expect(guestFile(`${name}.txt`)).toContain(hint);
	});
});

test("a boot recording has them where it was loaded so", () => {
	expect(withPath("boot", "/etc/hostname").length).toBeGreaterThan(0);
});

test("the kernel had nothing to complain about", () => {
	expect(guest.stdout).toContain("no complaint");
});
