import type { KernelSymbolTexts } from "../../session/symbol-files.js";
import type { Place } from "./place-name.js";

/** Addresses are kept as their distance from here: exact as doubles, and never negative. */
const BASE_HIGH = 0xffff_8000;
const WORD = 2 ** 32;
const CODE = new Set("tTwW");
/** Name of what is not in a module. */
const KERNEL = "kernel";
/** No function is as long: what lies further behind a symbol is something else. */
const OFFSET_MAX = 1 << 20;

interface Range {
	readonly start: number;
	readonly end: number;
}

/** Names addresses of a kernel by its own symbols, as it showed them while it was recorded. */
export class KernelSymbols {
	readonly #addresses: Float64Array;
	readonly #names: readonly string[];
	/** Undefined: of the kernel itself. */
	readonly #modules: readonly (string | undefined)[];
	readonly #ranges: ReadonlyMap<string, Range>;

	constructor({ kallsyms, modules }: KernelSymbolTexts) {
		const symbols = parseKallsyms(kallsyms).sort((a, b) => a.address - b.address);
		this.#addresses = Float64Array.from(symbols, ({ address }) => address);
		this.#names = symbols.map(({ name }) => name);
		this.#modules = symbols.map(({ module }) => module);
		this.#ranges = parseModules(modules);
	}

	/** What a return address returns to; undefined when it is in no function that has a name. */
	find(returnAddress: bigint): Place | undefined {
		const address = distance(Number(returnAddress >> 32n), Number(returnAddress & 0xffff_ffffn));
		// Of a call that is a function's last instruction, the return address is in the next one.
		const index = this.#indexAt(address - 1);
		if (index < 0) return undefined;
		const module = this.#modules[index];
		const range = module === undefined ? undefined : this.#ranges.get(module);
		const offset = address - (this.#addresses[index] as number);
		if (offset > OFFSET_MAX || (range !== undefined && address > range.end)) return undefined;
		return {
			symbol: this.#names[index] as string,
			symbolOffset: offset,
			object: module ?? KERNEL,
			objectOffset: undefined,
		};
	}

	/** Of several symbols at one address the first in the kernel's list. */
	#indexAt(address: number): number {
		const addresses = this.#addresses;
		let low = 0;
		let high = addresses.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((addresses[middle] as number) <= address) low = middle + 1;
			else high = middle;
		}
		let index = low - 1;
		while (index > 0 && addresses[index - 1] === addresses[index]) index--;
		return index;
	}
}

interface KernelSymbol {
	readonly address: number;
	readonly name: string;
	readonly module: string | undefined;
}

function parseKallsyms(text: string): KernelSymbol[] {
	const symbols: KernelSymbol[] = [];
	for (let at = 0; at < text.length; ) {
		const newline = text.indexOf("\n", at);
		const end = newline < 0 ? text.length : newline;
		const symbol = parseLine(text, at, end);
		if (symbol !== undefined) symbols.push(symbol);
		at = end + 1;
	}
	return symbols;
}

/** `ffffffff81000000 T name`, and of a module's `\t[module]` behind it. */
function parseLine(text: string, at: number, end: number): KernelSymbol | undefined {
	if (text[at + 16] !== " " || !CODE.has(text[at + 17] ?? "")) return undefined;
	const high = Number.parseInt(text.slice(at, at + 8), 16);
	const low = Number.parseInt(text.slice(at + 8, at + 16), 16);
	if (!(high >= BASE_HIGH) || Number.isNaN(low)) return undefined;
	const rest = text.slice(at + 19, end);
	const tab = rest.indexOf("\t[");
	if (tab < 0) return { address: distance(high, low), name: rest, module: undefined };
	const module = rest.slice(tab + 2, rest.lastIndexOf("]"));
	return { address: distance(high, low), name: rest.slice(0, tab), module };
}

/** `name size users dependents state 0xaddress`. */
function parseModules(text: string): Map<string, Range> {
	const ranges = new Map<string, Range>();
	for (const line of text.split("\n")) {
		const match = /^(\S+) (\d+) .* 0x([0-9a-f]{8})([0-9a-f]{8})(?: |$)/.exec(line);
		const [, name, size, high, low] = match ?? [];
		if (name === undefined || high === undefined || low === undefined) continue;
		const start = distance(Number.parseInt(high, 16), Number.parseInt(low, 16));
		ranges.set(name, { start, end: start + Number(size) });
	}
	return ranges;
}

function distance(high: number, low: number): number {
	return (high - BASE_HIGH) * WORD + low;
}
