import type { FileMapping, ProcessMapping } from "../../session/symbol-files.js";
import { ElfSymbols } from "./elf-symbols.js";
import type { Place } from "./place-name.js";

/** A process while it ran one program: addresses mean the same all that time. */
export interface ProgramRun {
	/** The process, then those it was forked from without another program between. */
	readonly pids: readonly number[];
	/** Null: not known. */
	readonly exe: string | null;
	/** CLOCK_MONOTONIC of a moment in it, ns. */
	readonly ts: bigint;
}

/** Names addresses in processes by what they had mapped, as far as somebody looked. */
export class UserSymbols {
	readonly #looks = new Map<number, ProcessMapping[]>();
	readonly #files = new Map<string, ElfSymbols | undefined>();

	constructor(mappings: readonly ProcessMapping[]) {
		for (const mapping of mappings) {
			const looks = this.#looks.get(mapping.pid);
			if (looks === undefined) this.#looks.set(mapping.pid, [mapping]);
			else looks.push(mapping);
		}
	}

	/** Undefined when no file is known to have been mapped there. */
	find(run: ProgramRun, address: bigint): Place | undefined {
		for (const pid of run.pids) {
			for (const { files } of this.#looksAt(pid, run)) {
				const file = files.find(({ start, end }) => address >= start && address < end);
				if (file !== undefined) return this.#placeIn(file, address);
			}
		}
		return undefined;
	}

	/** At that program, the nearest in time first. */
	#looksAt(pid: number, { exe, ts }: ProgramRun): readonly ProcessMapping[] {
		const looks = this.#looks.get(pid) ?? [];
		return looks
			.filter((look) => exe === null || look.exe.replace(/ \(deleted\)$/, "") === exe)
			.sort((a, b) => Number(apart(a.ts, ts) - apart(b.ts, ts)));
	}

	#placeIn({ path, start, offset, buildId }: FileMapping, address: bigint): Place {
		const objectOffset = address - start + offset;
		// As of the call before: that may have been the last instruction of its function.
		const found = this.#symbolsOf(path, buildId)?.find(Number(objectOffset - 1n));
		return {
			symbol: found?.symbol,
			symbolOffset: found && found.symbolOffset + 1,
			object: path,
			objectOffset,
		};
	}

	#symbolsOf(path: string, buildId: string): ElfSymbols | undefined {
		const key = `${buildId} ${path}`;
		if (!this.#files.has(key)) this.#files.set(key, ElfSymbols.open(path, buildId));
		return this.#files.get(key);
	}
}

function apart(a: bigint, b: bigint): bigint {
	return a < b ? b - a : a - b;
}
