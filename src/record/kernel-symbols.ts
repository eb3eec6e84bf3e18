/** Keeps the recorded kernel's symbols in the session. */
import { readFileSync } from "node:fs";
import { writeKernelSymbols } from "../session/symbol-files.js";
import { asDiskFull, isDiskFull } from "../session/write-metadata.js";

export class KernelSymbolKeeper {
	readonly #directory: string;
	/** Modules as they lay at the start: name and address. */
	readonly #known: ReadonlySet<string>;
	/** Every address is 0: kernel.kptr_restrict is 2. */
	readonly hidden: boolean;

	/** Before the first record: a module that goes while recording is still named. */
	constructor(directory: string) {
		this.#directory = directory;
		const modules = readFileSync("/proc/modules", "latin1");
		const kallsyms = allSymbols();
		this.hidden = !/^(?!0{16})[0-9a-f]{16} [tT] /m.test(kallsyms);
		try {
			writeKernelSymbols(directory, { kallsyms, modules }, "start");
		} catch (error) {
			throw asDiskFull(error, directory);
		}
		this.#known = new Set(modules.split("\n").map(placeOf));
	}

	/** Of modules that have been loaded meanwhile and are still there. */
	finish(): void {
		const late = readFileSync("/proc/modules", "latin1")
			.split("\n")
			.filter((line) => line !== "" && !this.#known.has(placeOf(line)));
		if (late.length === 0) return;
		const names = new Set(late.map((line) => line.split(" ", 1)[0]));
		const kallsyms = allSymbols()
			.split("\n")
			.filter((line) => names.has(/\[(\S+)\]$/.exec(line)?.[1]));
		const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
		const texts = { kallsyms: text(kallsyms), modules: text(late) };
		try {
			writeKernelSymbols(this.#directory, texts, "late");
		} catch (error) {
			// The recording is there, and can still be closed.
			if (!isDiskFull(error)) throw error;
		}
	}
}

function allSymbols(): string {
	return readFileSync("/proc/kallsyms", "latin1");
}

/** Of a line of /proc/modules, without what changes all the time: sizes, users, state. */
function placeOf(line: string): string {
	const [name = "", , , , , address = ""] = line.split(" ");
	return `${name} ${address}`;
}
