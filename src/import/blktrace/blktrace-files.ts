import { dirname, resolve } from "node:path";
import { RelayscopeError } from "../../base/error.js";
import type { TraceFile } from "../trace-file.js";
import { type FirstEvents, firstEvents } from "./first-events.js";

/** As blktrace names them: the device, and the CPU's number. */
const NAME = /^(.*)\.blktrace\.(\d{1,5})$/;

export interface CpuFile {
	readonly cpu: number;
	readonly file: TraceFile;
	readonly first: FirstEvents;
}

/** The files of one device's trace, by CPU. */
export interface DeviceTrace {
	readonly name: string;
	readonly cpus: readonly CpuFile[];
	/** Numbered between others, and not given. */
	readonly missing: readonly number[];
}

export function isNamedAsBlktrace({ name }: TraceFile): boolean {
	return NAME.test(name);
}

/** @throws RelayscopeError BAD_ARGUMENT when files cannot be of the same trace. */
export function groupByDevice(files: readonly TraceFile[]): DeviceTrace[] {
	const traces = new Map<string, { directory: string; cpus: CpuFile[] }>();
	for (const file of files) {
		const first = firstEvents(file.head);
		const [, device = file.name, number] = NAME.exec(file.name) ?? [];
		const cpu = number === undefined ? first.cpu : Number(number);
		const name = device === "" ? "blktrace" : device;
		const directory = dirname(resolve(file.path));
		const trace = traces.get(name) ?? { directory, cpus: [] };
		traces.set(name, trace);
		const same = trace.cpus.find((other) => other.cpu === cpu);
		const reason =
			trace.directory !== directory
				? `there are traces of ${name} in ${trace.directory} and in ${directory}`
				: same !== undefined
					? `${same.file.path} and ${file.path} are both of CPU ${cpu}`
					: undefined;
		if (reason !== undefined) {
			throw new RelayscopeError("BAD_ARGUMENT", reason, {
				hint: "Import each trace into a session of its own.",
			});
		}
		trace.cpus.push({ cpu, file, first });
	}
	return [...traces].map(([name, { cpus }]) => {
		cpus.sort((a, b) => a.cpu - b.cpu);
		return { name, cpus, missing: missingBetween(cpus) };
	});
}

function missingBetween(cpus: readonly CpuFile[]): number[] {
	const given = new Set(cpus.map(({ cpu }) => cpu));
	const missing: number[] = [];
	for (let cpu = 0; cpu < (cpus.at(-1)?.cpu ?? 0); cpu++) if (!given.has(cpu)) missing.push(cpu);
	return missing;
}
