import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ask, type GuestRun, inGuest, relayscope } from "./guest.js";

interface Shown {
	readonly name: string;
	readonly args: readonly string[];
	readonly result: string;
}

interface Recorded {
	readonly name: string;
	readonly arguments: Readonly<Record<string, string>>;
	readonly text: string;
}

/** Kinds that strace writes in another way: what pointers lead to, and plain numbers. */
const OTHERS = new Set(["string", "address", "hex", "signed", "unsigned", "fd"]);

/** Where strace 6.1 says it otherwise, and why. */
const EXPLAINED: Readonly<Record<string, string>> = {
	"mknod mode": "strace writes permissions of 0, too",
	"preadv2 flags": "strace joins the two halves of the offset, so its arguments are fewer",
	"sched_setscheduler policy": "strace knows no SCHED_RESET_ON_FORK beside a policy",
	"clone clone_flags": "strace names clone's arguments and has them in another order",
	"personality personality": "-1, which only asks, is every bit to us",
	"msgget key": "strace writes keys in hexadecimal digits",
	"swapon swap_flags": "strace writes a priority of 0, too",
	"syslog type": "strace has no name for 9",
};

let guest: GuestRun;
let session: string;
let shown: readonly Shown[];
let recorded: readonly Recorded[];
let kinds: ReadonlyMap<string, string>;

beforeAll(async () => {
	guest = await inGuest(
		"arguments-oracle",
		`relayscope record -q --strings -o $OUT/session -- \
			taskset -c 0 strace -o $OUT/strace.txt $PROGRAMS/call_arguments`,
	);
	expect(guest.output).toBe("");
	expect(guest.status).toBe(0);
	session = join(guest.directory, "session");
	shown = own(parse(readFileSync(join(guest.directory, "strace.txt"), "utf8")));
	const { status, stdout } = relayscope(
		...["report", session, "calls", "--json", "--comm", "call_arguments", "--limit", "9999"],
	);
	expect(status).toBe(0);
	recorded = own(JSON.parse(stdout).calls);
	const rows = ask(
		session,
		"SELECT name || ' ' || argument AS argument, kind FROM syscall_arguments WHERE abi = 'x86_64'",
	);
	kinds = new Map(rows.map((row) => [String(row["argument"]), String(row["kind"])]));
}, 480_000);

/** From the program's own first call on: the loader's are before. */
function own<T extends { readonly name: string }>(calls: readonly T[]): readonly T[] {
	const from = calls.findIndex((call) => JSON.stringify(call).includes("/no/such/file"));
	return calls.slice(from);
}

test("the calls are the same, in the same order", () => {
	expect(recorded.map(({ name }) => name)).toEqual(shown.map(({ name }) => name));
	expect(shown.length).toBeGreaterThan(120);
});

test("flags, values and modes are written as strace writes them", () => {
	let compared = 0;
	const differing = recorded.flatMap((call, index) => {
		const theirs = shown[index]?.args ?? [];
		return Object.entries(call.arguments).flatMap(([argument, ours], position) => {
			if (OTHERS.has(kinds.get(`${call.name} ${argument}`) ?? "")) return [];
			compared++;
			const want = theirs[position] ?? "nothing";
			if (inOneOrder(ours) === inOneOrder(want)) return [];
			return `${call.name} ${argument}` in EXPLAINED
				? []
				: [`${call.name} ${argument}: ${ours}, strace: ${want}`];
		});
	});
	expect(differing).toEqual([]);
	expect(compared).toBeGreaterThan(150);
});

/** The order of flags is nobody's. */
function inOneOrder(text: string): string {
	return text.split("|").sort().join("|");
}

function parse(text: string): readonly Shown[] {
	return text.split("\n").flatMap((line) => {
		const match = /^(\w+)\((.*)\)\s+= (.*)$/.exec(line);
		if (match === null) return [];
		const [, name = "", args = "", result = ""] = match;
		return [{ name, args: splitArguments(args), result }];
	});
}

/** At the commas that are in no bracket, quotes or comment; comments go. */
function splitArguments(text: string): readonly string[] {
	const args: string[] = [];
	let current = "";
	let depth = 0;
	for (const part of text.match(/"(?:\\.|[^"\\])*"|\/\*.*?\*\/|./g) ?? []) {
		if (part.startsWith("/*")) continue;
		if ("([{".includes(part)) depth++;
		if (")]}".includes(part)) depth--;
		if (part === "," && depth === 0) {
			args.push(current.trim());
			current = "";
		} else current += part;
	}
	return current.trim() === "" ? args : [...args, current.trim()];
}
