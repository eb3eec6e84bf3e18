/** What rows run in the guest: each piece in a directory of its own, which the host reads after. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runVm } from "../vm/machine.js";
import { type Bench, KERNEL } from "./bench.js";
import { tracerFunctions } from "./peers/tracers.js";

/** `time`: 2 CPUs on the tsc. `instructions`: one CPU whose clock counts what it executes. */
export type GuestClock = "time" | "instructions";

export interface GuestWork {
	/** Also of its directory. */
	readonly name: string;
	readonly clock: GuestClock;
	/** Writes to the current directory, which is empty. */
	readonly script: string;
	readonly limitSeconds: number;
	readonly subbufKiB?: number;
	readonly subbufs?: number;
	/** What it takes does not matter: it runs beside work that counts instructions. */
	readonly untimed?: true;
}

/** As shipped by `relayscope record`; the peers are given the same. */
export const BUFFERS = { subbufKiB: 256, subbufs: 32 } as const;

/** Runs pieces of work when their results are asked for. */
export class Guest {
	readonly #bench: Bench;
	readonly #planned: readonly GuestWork[];
	readonly #done = new Map<string, Promise<void>>();

	/** @param planned what rows will ask for: a quick run boots once for all that is alike */
	constructor(bench: Bench, planned: readonly GuestWork[]) {
		this.#bench = bench;
		this.#planned = planned;
	}

	/** The directory of a piece of work that has been done. @throws when it failed. */
	async directoryOf(work: GuestWork): Promise<string> {
		if (!this.#done.has(work.name)) this.#start(work);
		await this.#done.get(work.name);
		const directory = join(this.#bench.directory, work.name);
		const status = existsSync(join(directory, "status"))
			? readFileSync(join(directory, "status"), "utf8").trim()
			: "none";
		if (status !== "0") {
			const log = readFileSync(join(directory, "log"), "utf8").trimEnd().split("\n").slice(-8);
			throw new Error(`the guest's script ended with ${status}: ${log.join(" / ")}`);
		}
		return directory;
	}

	/** Work to be done anew, for a second look at a figure. */
	forget(works: readonly GuestWork[]): void {
		for (const { name } of works) this.#done.delete(name);
	}

	#start(work: GuestWork): void {
		const alike = ({ clock, untimed }: GuestWork): boolean =>
			clock === work.clock && untimed === work.untimed;
		const machines = [this.#bench.quick ? this.#left(alike) : [work]];
		if (work.clock === "instructions") machines.push(this.#left(({ untimed }) => untimed === true));
		const runs = machines.map((works) => this.#run(works));
		// Nothing may run on beside what is timed next.
		const ended = Promise.allSettled(runs);
		for (const [index, works] of machines.entries()) {
			const done = ended.then(() => runs[index]);
			// Told to those who ask for the work; until then nobody does.
			done.catch(() => undefined);
			for (const { name } of works) this.#done.set(name, done);
		}
	}

	/** Planned work of that kind that has not been done. */
	#left(wanted: (work: GuestWork) => boolean): readonly GuestWork[] {
		return this.#planned.filter((work) => wanted(work) && !this.#done.has(work.name));
	}

	async #run(works: readonly GuestWork[]): Promise<void> {
		const { directory, programs, lttngModules } = this.#bench;
		for (const work of works) prepare(this.#bench, work);
		const [first] = works;
		if (first === undefined) return;
		const result = await runVm({
			command: ["bash", "-c", machineScript(works.map(({ name }) => join(directory, name)))],
			kernel: KERNEL,
			share: directory,
			streams: "collect",
			memoryMiB: 3072,
			timeoutSeconds: works.reduce((sum, { limitSeconds }) => sum + limitSeconds, 0),
			...(first.clock === "instructions" ? { instructionClock: true, cpus: 1 } : { cpus: 2 }),
			environment: { PROGRAMS: programs, LTTNG_MODULES: lttngModules },
		});
		if (result.status !== 0) {
			throw new Error(`the guest ended with ${result.status}: ${result.output.trim()}`);
		}
	}
}

function prepare(bench: Bench, work: GuestWork): void {
	const directory = join(bench.directory, work.name);
	rmSync(directory, { recursive: true, force: true });
	mkdirSync(directory, { recursive: true });
	const { subbufKiB, subbufs } = { ...BUFFERS, ...work };
	const lines = [
		"set -euo pipefail",
		`export SUBBUF_KIB=${subbufKiB} SUBBUFS=${subbufs} OUT=$PWD`,
		tracerFunctions(),
		work.script,
	];
	writeFileSync(join(directory, "script"), lines.join("\n"));
	writeFileSync(join(directory, "log"), "");
}

function machineScript(directories: readonly string[]): string {
	return `
clock=$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)
# Early after the boot the same counter goes by another name.
[ "$clock" = tsc ] || [ "$clock" = tsc-early ] || { echo "the guest's clock is $clock, not tsc"; exit 1; }
mount --bind "$LTTNG_MODULES" "/lib/modules/$(uname -r)" || exit 1
PATH=$PATH:$PROGRAMS
for directory in ${directories.map((directory) => `'${directory}'`).join(" ")}; do
	cd "$directory" || exit 1
	bash script >log 2>&1 </dev/null
	echo $? >status
done`;
}

/** What `loop` or `paced` printed. */
export function readLoop(directory: string, file: string): { bursts: number[]; rate: number } {
	const text = readFileSync(join(directory, file), "utf8");
	const bursts = [...text.matchAll(/^burst (\S+)$/gm)].map((match) => Number(match[1]));
	const rate = Number(/^rate (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
	return { bursts, rate };
}

/** Records a tracer said it lost, as its function wrote them. */
export function readLost(directory: string, data: string): number {
	const text = readFileSync(join(directory, `${data}.lost`), "utf8").trim();
	if (!/^\d+$/.test(text)) throw new Error(`no count of lost records for ${data}: ${text}`);
	return Number(text);
}
