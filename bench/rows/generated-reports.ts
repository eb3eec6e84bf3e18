/** Every report over a large session, whole and narrowed down. */
import { join } from "node:path";
import {
	GENERATED_DEVICE,
	GENERATED_FILE,
	GENERATED_PATHS,
	GENERATED_PID,
	generatedSession,
} from "../generated-session.js";
import { dropFromCache, relayscopeCommand, runMeasured } from "../host-run.js";
import { atFullSize, type Figure, type Row } from "../row.js";

const CALLS = 10_000_000;
const QUICK_CALLS = 200_000;

const WHOLE = 2;
const NARROWED = 4;

const BY_PID = ["--pid", String(GENERATED_PID), "--since", "1s"];
const BY_PATH = ["--path", GENERATED_PATHS, "--since", "1s"];
const BY_DEVICE = ["--device", GENERATED_DEVICE, "--since", "1s"];

/** Reports, and what they are narrowed to. */
const REPORTS: readonly (readonly [
	name: string,
	narrowed: readonly string[],
	...options: string[],
])[] = [
	["syscalls", BY_PATH],
	["files", BY_PATH],
	["files", BY_PID, "--by", "process"],
	["network", BY_PID],
	["block", BY_DEVICE],
	["block", BY_PID, "--by", "process"],
	["latency", BY_PID],
	["slow", BY_PID],
	["processes", BY_PID],
];

export const generatedReports: Row = {
	name: "reports over a generated session",
	work: () => [],
	async measure(bench) {
		const calls = bench.quick ? QUICK_CALLS : CALLS;
		const path = await generatedSession(bench.directory, calls);
		const workload = `${calls} calls and as many requests, generated, not in the page cache`;
		const time = (...args: readonly string[]): number => {
			dropFromCache(join(path, "session.db"));
			return runMeasured(bench, relayscopeCommand("report", path, ...args)).seconds;
		};
		const rounds = Array.from({ length: bench.rounds });
		return REPORTS.flatMap(([name, narrowed, ...options]) => {
			const args = [name, "--limit", "20", ...options];
			const text = [name, ...options].join(" ");
			const whole = (): Figure => ({
				...{ name: `report ${text}, whole session`, unit: "s", workload },
				ours: rounds.map(() => time(...args)),
				...atFullSize(bench, { of: "value", atMost: WHOLE }),
			});
			const part = (): Figure => ({
				...{ name: `report ${text} ${narrowed.join(" ")}`, unit: "s", workload },
				ours: rounds.map(() => time(...args, ...narrowed)),
				...atFullSize(bench, { of: "value", atMost: NARROWED }),
			});
			return [whole, part];
		}).concat([
			(): Figure => ({
				...{ name: "report changes --path of one file", unit: "s", workload },
				ours: rounds.map(() => time("changes", "--path", GENERATED_FILE)),
				...atFullSize(bench, { of: "value", atMost: NARROWED }),
			}),
		]);
	},
};
