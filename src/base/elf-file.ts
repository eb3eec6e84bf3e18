/** Reads 64-bit little-endian ELF files: what is needed to name an address, and no more of the file. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export interface ElfSegment {
	/** Where it lies in the file, and how much of it. */
	readonly offset: number;
	readonly size: number;
	readonly address: number;
}

export interface ElfSection {
	readonly type: number;
	readonly offset: number;
	readonly size: number;
	/** Index of the section with its strings. */
	readonly link: number;
	readonly entrySize: number;
}

const MAGIC = 0x464c457f;
const CLASS_64_LITTLE = 0x0102;
const HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;
const SECTION_HEADER_SIZE = 64;
const PT_LOAD = 1;
const PT_NOTE = 4;
const NT_GNU_BUILD_ID = 3;
const GNU = 0x00554e47;
/** No sane file has more; a damaged one must not make us read gigabytes. */
const NOTES_MAX = 1 << 16;
const SECTION_MAX = 1 << 30;

export class ElfFile {
	readonly segments: readonly ElfSegment[];
	readonly #fd: number;
	readonly #size: number;
	readonly #header: DataView;
	readonly #notes: readonly ElfSegment[];

	/** Undefined when there is no such file, or it is not a 64-bit little-endian ELF file. */
	static open(path: string): ElfFile | undefined {
		let fd: number;
		try {
			fd = openSync(path, "r");
		} catch {
			return undefined;
		}
		try {
			return new ElfFile(fd);
		} catch (error) {
			closeSync(fd);
			if (error instanceof NotElf) return undefined;
			throw error;
		}
	}

	private constructor(fd: number) {
		this.#fd = fd;
		const stat = fstatSync(fd);
		if (!stat.isFile()) throw new NotElf();
		this.#size = stat.size;
		this.#header = this.#read(0, HEADER_SIZE);
		const isElf =
			this.#header.getUint32(0, true) === MAGIC &&
			this.#header.getUint16(4, true) === CLASS_64_LITTLE;
		if (!isElf) throw new NotElf();
		const headers = this.#programHeaders();
		this.segments = headers.filter(({ type }) => type === PT_LOAD);
		this.#notes = headers.filter(({ type }) => type === PT_NOTE);
	}

	/** In hexadecimal, as `file` and `readelf -n` show it; undefined when it has none. */
	buildId(): string | undefined {
		for (const { offset, size } of this.#notes) {
			const found = buildIdOf(this.bytes(offset, Math.min(size, NOTES_MAX)));
			if (found !== undefined) return found;
		}
		return undefined;
	}

	sections(): readonly ElfSection[] {
		const at = wide(this.#header, 40);
		const count = this.#header.getUint16(60, true);
		if (this.#header.getUint16(58, true) !== SECTION_HEADER_SIZE || at === 0) return [];
		const view = this.#read(at, count * SECTION_HEADER_SIZE);
		return Array.from({ length: count }, (_, index) => {
			const from = index * SECTION_HEADER_SIZE;
			return {
				type: view.getUint32(from + 4, true),
				offset: wide(view, from + 24),
				size: wide(view, from + 32),
				link: view.getUint32(from + 40, true),
				entrySize: wide(view, from + 56),
			};
		});
	}

	/** @throws NotElf when the file is shorter than it says. */
	bytes(offset: number, size: number): Buffer {
		if (size > SECTION_MAX || offset + size > this.#size) throw new NotElf();
		const bytes = Buffer.alloc(size);
		for (let at = 0; at < size; ) {
			const read = readSync(this.#fd, bytes, at, size - at, offset + at);
			if (read === 0) throw new NotElf();
			at += read;
		}
		return bytes;
	}

	close(): void {
		closeSync(this.#fd);
	}

	#programHeaders(): (ElfSegment & { readonly type: number })[] {
		const at = wide(this.#header, 32);
		const count = this.#header.getUint16(56, true);
		if (this.#header.getUint16(54, true) !== PROGRAM_HEADER_SIZE) return [];
		const view = this.#read(at, count * PROGRAM_HEADER_SIZE);
		return Array.from({ length: count }, (_, index) => {
			const from = index * PROGRAM_HEADER_SIZE;
			return {
				type: view.getUint32(from, true),
				offset: wide(view, from + 8),
				address: wide(view, from + 16),
				size: wide(view, from + 32),
			};
		});
	}

	#read(offset: number, size: number): DataView {
		const bytes = this.bytes(offset, size);
		return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}
}

/** Its bytes are not what an ELF file's are. */
export class NotElf extends Error {}

function wide(view: DataView, at: number): number {
	return Number(view.getBigUint64(at, true));
}

function buildIdOf(notes: Buffer): string | undefined {
	for (let at = 0; at + 12 <= notes.length; ) {
		const nameSize = notes.readUInt32LE(at);
		const size = notes.readUInt32LE(at + 4);
		const type = notes.readUInt32LE(at + 8);
		const from = at + 12 + Math.ceil(nameSize / 4) * 4;
		const isGnu = nameSize === 4 && at + 16 <= notes.length && notes.readUInt32LE(at + 12) === GNU;
		if (isGnu && type === NT_GNU_BUILD_ID && from + size <= notes.length) {
			return notes.toString("hex", from, from + size);
		}
		at = from + Math.ceil(size / 4) * 4;
	}
	return undefined;
}
