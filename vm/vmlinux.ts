/**
 * Takes the kernel proper out of a compressed boot image. Decompressing it inside an emulated
 * machine costs more than the rest of the boot; QEMU starts the plain ELF at its PVH entry instead.
 */
import { spawnSync } from "node:child_process";
import { gunzipSync } from "node:zlib";
import { findExecutable } from "./tools.js";

/** Offsets in the x86 boot protocol's setup header (Documentation/arch/x86/boot.rst). */
const SETUP_SECTORS = 0x1f1;
const HEADER_MAGIC = 0x202;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const SECTOR = 512;

const COMPRESSIONS = [
	{ magic: "fd377a585a", command: "xz" },
	{ magic: "28b52ffd", command: "zstd" },
	{ magic: "1f8b", command: undefined },
] as const;

/** XEN_ELFNOTE_PHYS32_ENTRY: a 4-byte name "Xen", a pointer-sized value, type 18. */
const PVH_NOTES = [4, 8].map((size) => {
	const note = Buffer.alloc(16);
	note.writeUInt32LE(4, 0);
	note.writeUInt32LE(size, 4);
	note.writeUInt32LE(18, 8);
	note.write("Xen\0", 12, "latin1");
	return note;
});

/** Undefined where the image cannot be started this way; it is then booted as it is. */
export function extractVmlinux(image: Buffer): Buffer | undefined {
	if (image.toString("latin1", HEADER_MAGIC, HEADER_MAGIC + 4) !== "HdrS") return undefined;
	const setupSectors = image.readUInt8(SETUP_SECTORS) || 4;
	const start = (setupSectors + 1) * SECTOR + image.readUInt32LE(PAYLOAD_OFFSET);
	const length = image.readUInt32LE(PAYLOAD_LENGTH);
	const kernel = decompress(image.subarray(start, start + length));
	if (kernel === undefined || kernel.readUInt32BE(0) !== 0x7f454c46) return undefined;
	return PVH_NOTES.some((note) => kernel.includes(note)) ? kernel : undefined;
}

function decompress(payload: Buffer): Buffer | undefined {
	const magic = payload.toString("hex", 0, 6);
	const format = COMPRESSIONS.find((compression) => magic.startsWith(compression.magic));
	if (format === undefined) return undefined;
	if (format.command === undefined) return gunzipSync(payload);
	const tool = findExecutable(format.command);
	if (tool === undefined) return undefined;
	// The kernel's build appends the uncompressed size to the stream.
	const size = payload.readUInt32LE(payload.length - 4);
	const input = payload.subarray(0, payload.length - 4);
	const result = spawnSync(tool, ["-dcq"], { input, maxBuffer: size + 1 });
	return result.stdout.length === size ? result.stdout : undefined;
}
