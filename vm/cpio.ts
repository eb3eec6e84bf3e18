/**
 * Writes the "newc" cpio format of a Linux initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst).
 */
export interface CpioEntry {
	/** Without a leading slash. A file's directories must come before it. */
	readonly path: string;
	readonly kind: "directory" | "file";
	/** Permission bits. */
	readonly mode: number;
	readonly content?: Uint8Array;
}

const TYPE_BITS = { directory: 0o040000, file: 0o100000 } as const;

/** The kernel accepts several archives one after the other, each padded like this. */
const ARCHIVE_ALIGNMENT = 512;

export function writeCpio(entries: readonly CpioEntry[]): Buffer {
	const parts: Buffer[] = [];
	let inode = 1;
	for (const entry of entries) {
		const content = Buffer.from(entry.content ?? new Uint8Array());
		const mode = TYPE_BITS[entry.kind] | entry.mode;
		const links = entry.kind === "directory" ? 2 : 1;
		parts.push(header(entry.path, inode, mode, links, content.length), padded(content, 4));
		inode += 1;
	}
	parts.push(header("TRAILER!!!", 0, 0, 1, 0));
	return padded(Buffer.concat(parts), ARCHIVE_ALIGNMENT);
}

function header(path: string, inode: number, mode: number, links: number, size: number): Buffer {
	const name = Buffer.from(`${path}\0`, "utf8");
	// ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor,
	// namesize, check
	const fields = [inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, name.length, 0];
	const text = fields.map((field) => field.toString(16).padStart(8, "0")).join("");
	return padded(Buffer.concat([Buffer.from(`070701${text}`, "latin1"), name]), 4);
}

function padded(bytes: Buffer, alignment: number): Buffer {
	const excess = bytes.length % alignment;
	return excess === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(alignment - excess)]);
}
