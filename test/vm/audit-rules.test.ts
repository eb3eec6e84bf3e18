/** Every shipped rule on a real kernel: the cases beside the packs, one after the other, recorded once. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type AuditCase, packsWithCases } from "../audit-cases.js";
import { inGuest, relayscope } from "./guest.js";

interface FoundAlert {
	readonly ts: bigint;
	readonly rule: string;
	readonly message: string;
}

interface Span {
	readonly begin: bigint;
	readonly end: bigint;
}

const CASES = packsWithCases().flatMap(({ cases }) => cases);

/** What it takes from the machine stands in the guest alone: its root is an overlay. */
const SET_UP = `
cp "$PROGRAMS/calls" /usr/local/bin/calls
chmod 0755 /usr/local/bin/calls
modprobe null_blk nr_devices=2 memory_backed=1 gb=1
export CALLS=/usr/local/bin/calls DISK=/dev/nullb0 DISK2=/dev/nullb1
export AS_USER="setpriv --reuid 1000 --regid 1000 --clear-groups"
mkdir -p /var/work
chmod 0777 /var/work
`;

const RUN_CASES = `
for case in "$OUT"/cases/*; do
	number=$(basename "$case")
	mkdir -m 0777 "/var/work/$number"
	cd "/var/work/$number"
	begin=$(calls now)
	bash "$case" > /dev/null 2> "$OUT/output/$number" || true
	end=$(calls now)
	echo "$number $begin $end" >> "$OUT/spans"
done
`;

let alerts: readonly FoundAlert[] = [];
const spans = new Map<number, Span>();
let directory = "";

beforeAll(async () => {
	const files = CASES.map(
		({ run }, index) =>
			`cat > "$OUT/cases/${String(index).padStart(3, "0")}" <<'CASE'\n${run}\nCASE`,
	).join("\n");
	const result = await inGuest(
		"audit-rules",
		`mkdir -p "$OUT/cases" "$OUT/output"
${files}
cat > "$OUT/run.sh" <<'RUN'
${RUN_CASES}
RUN
${SET_UP}
relayscope record --strings --subbufs 32 --sources syscalls -o "$OUT/session" -- bash "$OUT/run.sh"`,
	);
	expect(result.status, result.stderr).toBe(0);
	directory = result.directory;
	for (const line of readFileSync(join(directory, "spans"), "utf8").trim().split("\n")) {
		const [number = "", begin = "", end = ""] = line.split(" ");
		spans.set(Number(number), { begin: BigInt(begin), end: BigInt(end) });
	}
	const audit = relayscope("audit", join(directory, "session"), "--json");
	expect(audit.status, audit.stderr).toBe(1);
	const exact = audit.stdout.replace(/"ts":(\d+)/g, '"ts":"$1"');
	alerts = (JSON.parse(exact) as (Omit<FoundAlert, "ts"> & { ts: string })[]).map((alert) => ({
		...alert,
		ts: BigInt(alert.ts),
	}));
}, 500_000);

function alertsOf(index: number): readonly FoundAlert[] {
	const span = spans.get(index);
	if (span === undefined) throw new Error(`case ${index} was not run`);
	return alerts.filter(({ ts }) => ts >= span.begin && ts < span.end);
}

describe("what the rules find", () => {
	it.each(CASES.map((each, index) => [each.rule, each.is, each.by, each, index] as const))(
		"%s, %s: %s",
		(_rule, _is, _by, each: AuditCase, index) => {
			const found = alertsOf(index).filter(({ rule }) => rule === each.rule);
			const output = readFileSync(
				join(directory, "output", String(index).padStart(3, "0")),
				"utf8",
			);
			const about = `${each.run}\n${output}\n${JSON.stringify(alertsOf(index).map(({ rule, message }) => `${rule}: ${message}`))}`;
			if (each.is === "near-miss") expect(found.length, about).toBe(0);
			else expect(found.length, about).toBeGreaterThan(0);
		},
	);
});
