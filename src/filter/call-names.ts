import { CALL_KEYS } from "./program.js";

const IA32 = 1;

/** The names of a kernel's system calls, by the keys that programs know calls by. */
export class CallNames {
	readonly #keys = new Map<string, number[]>();

	/** `table`: a line a call: ABI, number, name, argument count. x32 shares the 64-bit numbers. */
	constructor(table: string) {
		for (const line of table.split("\n")) {
			const [abi, nr, name] = line.split(" ");
			if (name === undefined) continue;
			const number = Number(nr);
			if (number >= CALL_KEYS) continue;
			const key = Number(abi) === IA32 ? CALL_KEYS + number : number;
			const keys = this.#keys.get(name);
			if (keys === undefined) this.#keys.set(name, [key]);
			else keys.push(key);
		}
	}

	get names(): readonly string[] {
		return [...this.#keys.keys()];
	}

	/** Of the call in every table that has it. */
	keysOf(name: string): readonly number[] | undefined {
		return this.#keys.get(name);
	}
}
