import type { CallAbi } from "../../store/call-rows.js";

/** A call's number that the kernel did not know, or no longer knew. */
export const UNKNOWN_NR = 0xffff;

export interface SyscallKind {
	/** Small and unique among all calls that were asked for. */
	readonly index: number;
	readonly name: string;
	readonly abi: CallAbi;
	/** Returns in another program, by that program's number of the call. */
	readonly isExec: boolean;
	/** Returns a second time, 0, in the child. */
	readonly isFork: boolean;
}

const ABIS: readonly CallAbi[] = ["x86_64", "ia32", "x32"];
const X32 = 2;
const EXECS = new Set(["execve", "execveat"]);
const FORKS = new Set(["fork", "vfork", "clone", "clone3"]);

/** Names of the recorded kernel's system calls. */
export class SyscallTable {
	readonly #names = new Map<number, string>();
	readonly #kinds = new Map<number, SyscallKind>();
	readonly #unknown = new Map<string, SyscallKind>();
	#latest: SyscallKind | undefined;
	#latestKey = -1;
	#count = 0;

	/** `table`: a line a call, as the session's metadata holds it. */
	constructor(table: string) {
		for (const line of table.split("\n")) {
			const [abi, nr, name] = line.split(" ");
			if (name === undefined) continue;
			this.#names.set(keyOf(Number(abi), Number(nr)), name);
			// x32 shares the 64-bit table.
			if (abi === "0") this.#names.set(keyOf(X32, Number(nr)), name);
		}
	}

	kind(abi: number, nr: number): SyscallKind {
		const key = keyOf(abi, nr);
		if (key === this.#latestKey && this.#latest !== undefined) return this.#latest;
		let kind = this.#kinds.get(key);
		if (kind === undefined) {
			const name =
				nr === UNKNOWN_NR ? "syscall_unknown" : (this.#names.get(key) ?? `syscall_${nr}`);
			kind = this.#make(abi, name);
			this.#kinds.set(key, kind);
		}
		this.#latestKey = key;
		this.#latest = kind;
		return kind;
	}

	/** A call outside the table, by the number that was asked for. */
	outside(abi: number, nr: number | bigint): SyscallKind {
		const name = `syscall_${nr}`;
		const key = `${abi} ${nr}`;
		let kind = this.#unknown.get(key);
		if (kind === undefined) {
			// Any of 2^64 numbers may be tried: what is remembered of them must not grow without end.
			if (this.#unknown.size >= UNKNOWN_REMEMBERED) this.#unknown.clear();
			kind = this.#make(abi, name);
			this.#unknown.set(key, kind);
		}
		return kind;
	}

	#make(number: number, name: string): SyscallKind {
		const index = this.#count++;
		const abi = ABIS[number] ?? "x86_64";
		return { index, name, abi, isExec: EXECS.has(name), isFork: FORKS.has(name) };
	}
}

const UNKNOWN_REMEMBERED = 4096;

function keyOf(abi: number, nr: number): number {
	return abi * 0x10000 + nr;
}
