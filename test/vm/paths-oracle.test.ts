import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { present } from "../../src/base/assert.js";
import { ask, type GuestRun, inGuest } from "./guest.js";

const TOP = "/tmp/paths";
const JAIL = `${TOP}/jail`;

/** One call as strace shows it: it asks /proc at each stop what a descriptor stands for. */
interface Shown {
	readonly tid: number;
	readonly name: string;
	readonly args: readonly string[];
	readonly result: string;
}

interface Recorded {
	readonly tid: number;
	readonly name: string;
	readonly path: string | null;
	readonly path_given: string | null;
	readonly path2: string | null;
	readonly fd_path: string | null;
	readonly fd_path2: string | null;
}

let guest: GuestRun;
let shown: readonly Shown[];
let recorded: readonly Recorded[];
let session: string;

beforeAll(async () => {
	guest = await inGuest(
		"paths-oracle",
		`relayscope record -q --strings -o $OUT/session --subbuf-size 1M -- \
			taskset -c 0 strace -f -y -o $OUT/strace.txt $PROGRAMS/paths ${TOP}`,
	);
	expect(guest.output).toBe("");
	expect(guest.status).toBe(0);
	session = join(guest.directory, "session");
	shown = parse(readFileSync(join(guest.directory, "strace.txt"), "utf8"));
	const tids = [...new Set(shown.map(({ tid }) => tid))];
	const start = ask(
		session,
		`SELECT ts FROM execs WHERE path LIKE '%/paths' AND ret = 0 ORDER BY ts LIMIT 1`,
	)[0]?.["ts"];
	recorded = ask(
		session,
		`SELECT tid, name, path, path_given, path2, fd_path, fd_path2 FROM syscalls
		 WHERE tid IN (${tids.join()}) AND ts > ${String(start)} AND ret IS NOT NULL
			AND name NOT LIKE 'execve%' ORDER BY ts`,
	) as unknown as Recorded[];
}, 480_000);

test("nothing was lost", () => {
	expect(ask(session, "SELECT * FROM losses")).toEqual([]);
	expect(ask(session, "SELECT value FROM stats WHERE name = 'faults' AND value > 0")).toEqual([]);
	expect(shown.length).toBeGreaterThan(300);
});

test("the calls are the same, in the same order", () => {
	expect(byTid(recorded)).toEqual(byTid(shown));
});

describe("names are those that strace -f -y shows", () => {
	test("of descriptors", () => {
		const differing = pairs().flatMap(({ ours, theirs }) => {
			const [first, second] = expectedFiles(theirs);
			const want = `${first ?? "-"} ${second ?? "-"}`;
			const have = `${ours.fd_path ?? "-"} ${ours.fd_path2 ?? "-"}`;
			return have === want ? [] : [`${text(theirs)}: ${have}`];
		});
		// strace looks when the call is made, we name a file as it was when it was opened.
		const explained = differing.filter((line) => !isRenamed(line));
		expect(explained).toEqual([]);
		expect(differing.length).toBe(3);
	});

	test("of paths", () => {
		const differing = pairs().flatMap(({ ours, theirs }) => {
			const want = expectedPath(theirs, ours);
			return want === undefined || ours.path === want ? [] : [`${text(theirs)}: ${ours.path}`];
		});
		expect(differing.filter((line) => !isRenamed(line))).toEqual([]);
	});

	test("as they were given", () => {
		const given = pairs().flatMap(({ theirs, ours }) => {
			const [string] = PATHLESS.has(theirs.name) ? [] : strings(theirs);
			return string === undefined ? [] : [[string, ours.path_given]];
		});
		expect(given.length).toBeGreaterThan(60);
		for (const [theirs, ours] of given) expect(ours).toBe(theirs);
	});
});

test("failed and repeated programs are there, with their arguments and variables", () => {
	const rows = ask(
		session,
		`SELECT path, command, env, errno FROM execs
		 WHERE path = '/no/such/program' OR path = '/bin/true' OR command LIKE '%--after%' ORDER BY ts`,
	);
	const own = expect.stringMatching(/\/paths --after \/tmp\/paths$/);
	expect(rows).toEqual([
		{ path: "/no/such/program", command: "program", env: expect.any(String), errno: "ENOENT" },
		{ path: "/proc/self/exe", command: own, env: expect.any(String), errno: null },
		{ path: "/no/such/program", command: "program", env: expect.any(String), errno: "ENOENT" },
		{ path: "/proc/self/exe", command: own, env: expect.any(String), errno: null },
		{ path: "/bin/true", command: "true 'an argument' ''", env: '{"PATH":"/bin"}', errno: null },
	]);
});

test("sockets have their addresses", () => {
	expect(
		ask(
			session,
			`SELECT name, side, family, address FROM socket_calls WHERE family = 'unix'
			AND address IN ('socket', '@paths') ORDER BY ts`,
		),
	).toEqual([
		{ name: "bind", side: "local", family: "unix", address: "socket" },
		{ name: "connect", side: "peer", family: "unix", address: "socket" },
		{ name: "bind", side: "local", family: "unix", address: "@paths" },
	]);
	expect(ask(session, "SELECT local, peer FROM sockets WHERE peer = 'socket'")).toEqual([
		{ local: null, peer: "socket" },
	]);
});

/** Texts that are no paths. */
const PATHLESS = new Set(["write", "read", "memfd_create", "readlink", "prctl", "getrandom"]);
const BASED = /at2?$|^newfstatat$|^statx$/;

function pairs(): { readonly ours: Recorded; readonly theirs: Shown }[] {
	const queues = ownCalls(recorded);
	return shown.flatMap((theirs) => {
		const ours = queues.get(theirs.tid)?.shift();
		return ours === undefined ? [] : [{ ours, theirs }];
	});
}

function byTid(calls: readonly { readonly tid: number; readonly name: string }[]): object {
	return Object.fromEntries(
		[...ownCalls(calls)].map(([tid, own]) => [tid, own.map(({ name }) => name)]),
	);
}

function ownCalls<T extends { readonly tid: number }>(calls: readonly T[]): Map<number, T[]> {
	const own = new Map<number, T[]>();
	for (const call of calls) own.set(call.tid, [...(own.get(call.tid) ?? []), call]);
	return own;
}

/** `3</a/b>` or `3</a/b>(deleted)`. */
function fileOf(argument: string): string | undefined {
	return /^(?:-?\d+|AT_FDCWD)<(.*)>(?:\(deleted\))?$/.exec(argument)?.[1];
}

function strings({ args }: Shown): string[] {
	return args.flatMap((argument) => /^"(.*)"$/.exec(argument)?.[1] ?? []);
}

function expectedFiles(call: Shown): readonly (string | undefined)[] {
	const { name, args, result } = call;
	const made = fileOf(/^-?\d+<.*>(?:\(deleted\))?/.exec(result)?.[0] ?? "");
	if (BASED.test(name)) {
		// A directory that a path starts from is not what the call is about, unless it is the path.
		const [base, path] = args;
		const about = (path === '""' || path === "NULL") && !result.startsWith("-1");
		return [about && base?.startsWith("AT_FDCWD") === false ? fileOf(base) : made];
	}
	const files = args.flatMap((argument) => fileOf(argument) ?? []);
	if (/^dup|^fcntl/.test(name)) return files.slice(0, 1);
	return files.length === 0 ? [made] : [files[0], files[1] ?? made];
}

function expectedPath(call: Shown, ours: Recorded): string | undefined {
	const [given] = strings(call);
	if (given === undefined || PATHLESS.has(call.name) || call.name === "symlinkat") return undefined;
	if (given === "" && call.result.startsWith("-1")) return undefined;
	if (given.startsWith("/"))
		return isJailed(ours) ? posix.join(JAIL, posix.normalize(given)) : given;
	const [base] = call.args;
	const from = BASED.test(call.name) && base !== undefined ? fileOf(base) : undefined;
	if (from === undefined) return undefined;
	// Nothing leads out of a root.
	if (!from.startsWith(JAIL)) return posix.resolve(from, given);
	return posix.join(JAIL, posix.resolve("/", from.slice(JAIL.length), given));
}

function isJailed({ tid, path }: Recorded): boolean {
	return path?.startsWith(JAIL) === true && jailed().has(tid);
}

function jailed(): ReadonlySet<number> {
	return new Set(shown.filter(({ name }) => name === "chroot").map(({ tid }) => tid));
}

function isRenamed(line: string): boolean {
	return line.includes(`<${TOP}/new>`) && line.includes(`: ${TOP}/old`);
}

function text({ name, args, result }: Shown): string {
	return `${name}(${args.join(", ")}) = ${result}`;
}

/** The calls that returned, from the program's own execve on, in the order of their ends by thread. */
function parse(output: string): Shown[] {
	const begun = new Map<number, string>();
	const calls: Shown[] = [];
	for (const line of output.split("\n")) {
		const [, id, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
		if (id === undefined || rest === undefined) continue;
		const tid = Number(id);
		const unfinished = /^(.*?) *<unfinished \.\.\.>$/.exec(rest)?.[1];
		if (unfinished !== undefined) {
			begun.set(tid, unfinished);
			continue;
		}
		const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest);
		const whole = resumed === null ? rest : `${begun.get(tid) ?? ""}${resumed[2]}`;
		const [, name, args, result] = /^(\w+)\((.*)\) += (.*)$/.exec(whole) ?? [];
		if (name === undefined || args === undefined || name.startsWith("execve")) continue;
		if (result === undefined || result === "?") continue;
		calls.push({ tid, name, args: split(args), result });
	}
	return calls;
}

/** At commas outside of quotes, brackets and names of files. */
function split(args: string): string[] {
	const parts: string[] = [];
	let depth = 0;
	let quoted = false;
	let from = 0;
	for (let at = 0; at < args.length; at++) {
		const letter = present(args[at], "a letter");
		if (quoted) {
			if (letter === "\\") at++;
			else if (letter === '"') quoted = false;
		} else if (letter === '"') quoted = true;
		else if ("{[(<".includes(letter)) depth++;
		else if ("}])>".includes(letter)) depth--;
		else if (letter === "," && depth === 0) {
			parts.push(args.slice(from, at).trim());
			from = at + 1;
		}
	}
	const last = args.slice(from).trim();
	return last === "" ? parts : [...parts, last];
}
