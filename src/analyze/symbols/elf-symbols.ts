import { ElfFile, type ElfSection, type ElfSegment, NotElf } from "../../base/elf-file.js";

const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const SYMBOL_SIZE = 24;
const STT_FUNC = 2;
const STT_GNU_IFUNC = 10;

interface FunctionSymbol {
	readonly address: number;
	/** 0: not said. */
	readonly size: number;
	readonly name: string;
}

/** The functions of one executable or library. */
export class ElfSymbols {
	readonly #segments: readonly ElfSegment[];
	readonly #functions: readonly FunctionSymbol[];

	/** Undefined when the file is not there any more, or is not the one that had this build id. */
	static open(path: string, buildId: string): ElfSymbols | undefined {
		const file = ElfFile.open(path);
		if (file === undefined) return undefined;
		try {
			return buildId !== "" && file.buildId() === buildId ? new ElfSymbols(file) : undefined;
		} catch (error) {
			if (error instanceof NotElf) return undefined;
			throw error;
		} finally {
			file.close();
		}
	}

	private constructor(file: ElfFile) {
		this.#segments = file.segments;
		this.#functions = readFunctions(file).sort((a, b) => a.address - b.address || b.size - a.size);
	}

	/** The function around an offset in the file. */
	find(offset: number): { readonly symbol: string; readonly symbolOffset: number } | undefined {
		const segment = this.#segments.find(
			(each) => offset >= each.offset && offset < each.offset + each.size,
		);
		if (segment === undefined) return undefined;
		const address = offset - segment.offset + segment.address;
		let low = 0;
		let high = this.#functions.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.#functions[middle] as FunctionSymbol).address <= address) low = middle + 1;
			else high = middle;
		}
		const found = this.#functions[low - 1];
		if (found === undefined || (found.size > 0 && address >= found.address + found.size)) {
			return undefined;
		}
		return { symbol: found.name, symbolOffset: address - found.address };
	}
}

function readFunctions(file: ElfFile): FunctionSymbol[] {
	const sections = file.sections();
	const table =
		sections.find(({ type }) => type === SHT_SYMTAB) ??
		sections.find(({ type }) => type === SHT_DYNSYM);
	const strings = table && sections[table.link];
	if (table === undefined || strings === undefined || table.entrySize !== SYMBOL_SIZE) return [];
	return parseSymbols(file, table, strings);
}

function parseSymbols(file: ElfFile, table: ElfSection, strings: ElfSection): FunctionSymbol[] {
	const bytes = file.bytes(table.offset, table.size);
	const names = file.bytes(strings.offset, strings.size);
	const functions: FunctionSymbol[] = [];
	for (let at = 0; at + SYMBOL_SIZE <= bytes.length; at += SYMBOL_SIZE) {
		const type = bytes.readUInt8(at + 4) & 0xf;
		const defined = bytes.readUInt16LE(at + 6) !== 0;
		if (!defined || (type !== STT_FUNC && type !== STT_GNU_IFUNC)) continue;
		const name = bytes.readUInt32LE(at);
		const end = names.indexOf(0, name);
		functions.push({
			address: Number(bytes.readBigUInt64LE(at + 8)),
			size: Number(bytes.readBigUInt64LE(at + 16)),
			name: names.toString("utf8", name, end < 0 ? names.length : end),
		});
	}
	return functions;
}
