import { execFileSync } from "node:child_process";
import { cpus, release } from "node:os";
import { KERNEL } from "./bench.js";
import { BUFFERS } from "./guest-work.js";
import { TRACERS } from "./peers/tracers.js";
import type { Result } from "./row.js";
import { isWayFigure, waysTable } from "./ways.js";

const VERSIONS: readonly (readonly [string, readonly string[]])[] = [
	["LTTng", ["lttng", "--version"]],
	["trace-cmd", ["dpkg-query", "-Wf", `\${Version}`, "trace-cmd"]],
	["perf", ["perf", "--version"]],
	["strace", ["strace", "--version"]],
	["bpftrace", ["bpftrace", "--version"]],
	["babeltrace2", ["babeltrace2", "--version"]],
	["SQLite shell", ["sqlite3", "--version"]],
];

export interface Run {
	readonly quick: boolean;
	readonly milliseconds: number;
	readonly loadAtStart: number;
	/** The start of its command line. */
	readonly qemu: readonly string[];
	/** Only some rows; others on the page are those stored before. */
	readonly apart: boolean;
	/** Rows of the benchmark that this run has not come to. */
	readonly left: readonly string[];
}

export function resultsPage(
	results: readonly Result[],
	failures: readonly string[],
	run: Run,
): string {
	const met = results.filter((result) => result.met === true).length;
	const targets = results.filter((result) => result.met !== null).length;
	const lines = [
		"# Results of the benchmark",
		"",
		`${whatRan(run)} How to read it: [README.md](README.md).`,
		`${met} of ${targets} targets are met. Ratios are ours to the peer's, medians over the runs; ± is half their range, – where there was one run.`,
		"Guests run emulated (TCG): their ratios are not those of hardware.",
		`The host's load average was ${run.loadAtStart.toFixed(1)} when the benchmark started, on ${cpus().length} CPUs; what exceeds none is other work, which disturbs every row but those in instructions and bytes.`,
		...(run.quick
			? [
					"Sizes and runs are those of --quick: targets that are set for large sessions are not judged.",
				]
			: []),
		"",
		"| what | ours | peer | peer's | ratio | ± | runs | target | met | workload |",
		"| --- | ---: | --- | ---: | ---: | ---: | ---: | --- | --- | --- |",
		...results.filter((result) => !isWayFigure(result)).map(tableLine),
		"",
		...waysTable(results, failures, number),
	];
	if (run.left.length > 0) lines.push(`Not run: ${run.left.join("; ")}.`, "");
	if (failures.length > 0) {
		lines.push("## Not measured", "", ...failures.map((failure) => `- ${failure}`), "");
	}
	lines.push(
		"## Settings",
		"",
		`- Buffers: ${BUFFERS.subbufs} x ${BUFFERS.subbufKiB} KiB a CPU for every tracer, unless the workload says otherwise. Output: the guest's 9p share.`,
		`- Guest: Debian's kernel ${KERNEL}, 2 CPUs, 3 GiB, clocksource tsc. Host: ${cpus().length} x ${cpus()[0]?.model ?? "?"}, ${release()}.`,
		`- Node ${process.version}.`,
		"",
		"| peer | version |",
		"| --- | --- |",
		...[...VERSIONS, ["QEMU", [...run.qemu, "--version"]] as const].map(
			([name, command]) => `| ${name} | ${versionOf(command)} |`,
		),
		"",
		"| tracer | command |",
		"| --- | --- |",
		...TRACERS.map(({ label, command }) => `| ${label} | \`${command.replaceAll("|", "\\|")}\` |`),
		"",
	);
	return lines.join("\n");
}

function whatRan({ quick, milliseconds, apart }: Run): string {
	const seconds = Math.round(milliseconds / 1000);
	return apart
		? "Figures with a * are of runs without the other rows, made since the last run of all."
		: `Written by \`npm run bench${quick ? " -- --quick" : ""}\` in ${seconds} s.`;
}

function tableLine(result: Result): string {
	const { name, value, unit, peer, peerValue, ratio, spread, runs, target, met, workload } = result;
	const cells = [
		result.apart === true ? `${name} *` : name,
		`${number(value)} ${unit}`,
		peer ?? "",
		peerValue === null ? "" : number(peerValue),
		ratio === null ? "" : ratio.toFixed(ratio < 0.1 ? 4 : 2),
		spread === null ? "–" : `${Math.round(spread * 100)} %`,
		String(runs),
		target ?? "",
		met === null ? "" : met ? "yes" : "**no**",
		workload,
	];
	return `| ${cells.join(" | ")} |`;
}

function number(value: number): string {
	const digits = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
	return value.toLocaleString("en-US", {
		minimumFractionDigits: digits,
		maximumFractionDigits: digits,
	});
}

function versionOf([command = "", ...args]: readonly string[]): string {
	try {
		const text = execFileSync(command, args, {
			encoding: "utf8",
			stdio: ["ignore", "pipe", "pipe"],
		});
		return text.trim().split("\n")[0] ?? "";
	} catch {
		// A peer without a version is shown as such, not hidden.
		return "unknown";
	}
}
