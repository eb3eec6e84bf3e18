/** A socket's address, decoded from the bytes that a call had of it. */
export interface SocketAddress {
	readonly family: string;
	/** null: unnamed. */
	readonly address: string | null;
	/** Of the internet families and vsock; of netlink the port id. */
	readonly port: number | null;
}

const FAMILIES = new Map([
	[0, "unspec"],
	[1, "unix"],
	[2, "inet"],
	[10, "inet6"],
	[16, "netlink"],
	[17, "packet"],
	[40, "vsock"],
]);

/** undefined: too short to have a family. What does not decode is in hexadecimal digits. */
export function decodeSocketAddress(bytes: Buffer): SocketAddress | undefined {
	if (bytes.length < 2) return undefined;
	const number = bytes.readUInt16LE(0);
	const family = FAMILIES.get(number) ?? `family ${number}`;
	const decoded = decode(number, bytes);
	if (decoded !== undefined) return { family, ...decoded };
	const rest = bytes.subarray(2);
	return { family, address: rest.length === 0 ? null : rest.toString("hex"), port: null };
}

function decode(family: number, bytes: Buffer): Omit<SocketAddress, "family"> | undefined {
	switch (family) {
		case 1:
			return { address: unixAddress(bytes.subarray(2)), port: null };
		case 2:
			if (bytes.length < 8) return undefined;
			return { address: bytes.subarray(4, 8).join("."), port: bytes.readUInt16BE(2) };
		case 10:
			if (bytes.length < 24) return undefined;
			return { address: inet6Address(bytes), port: bytes.readUInt16BE(2) };
		case 16: {
			if (bytes.length < 12) return undefined;
			const groups = bytes.readUInt32LE(8);
			return {
				address: groups === 0 ? null : `groups ${hexadecimal(groups)}`,
				port: bytes.readUInt32LE(4),
			};
		}
		case 17: {
			if (bytes.length < 12) return undefined;
			const length = Math.min(bytes.readUInt8(11), bytes.length - 12);
			const hardware = [...bytes.subarray(12, 12 + length)].map((byte) =>
				byte.toString(16).padStart(2, "0"),
			);
			const protocol = hexadecimal(bytes.readUInt16BE(2));
			return {
				address: `${hardware.join(":") || "any"} protocol ${protocol} if ${bytes.readInt32LE(4)}`,
				port: null,
			};
		}
		case 40:
			if (bytes.length < 12) return undefined;
			return { address: String(bytes.readUInt32LE(8)), port: bytes.readUInt32LE(4) };
		default:
			return undefined;
	}
}

/** As ss(8) writes an abstract one: @ for the NUL that it begins with, and for those within. */
function unixAddress(path: Buffer): string | null {
	if (path.length === 0) return null;
	if (path[0] === 0) return path.toString("utf8").replaceAll("\0", "@");
	const end = path.indexOf(0);
	return path.toString("utf8", 0, end < 0 ? path.length : end);
}

function inet6Address(bytes: Buffer): string {
	const words = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(8 + index * 2));
	const mapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
	const text = mapped ? `::ffff:${bytes.subarray(20, 24).join(".")}` : shortened(words);
	const scope = bytes.length >= 28 ? bytes.readUInt32LE(24) : 0;
	return scope === 0 ? text : `${text}%${scope}`;
}

/** RFC 5952: the longest run of two zeros or more, the first of equals, becomes `::`. */
function shortened(words: readonly number[]): string {
	let from = -1;
	let length = 1;
	for (let at = 0; at < words.length; at++) {
		let end = at;
		while (words[end] === 0) end++;
		if (end - at > length) {
			from = at;
			length = end - at;
		}
		at = Math.max(at, end);
	}
	const text = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(":");
	if (from < 0) return text(words);
	return `${text(words.slice(0, from))}::${text(words.slice(from + length))}`;
}

function hexadecimal(value: number): string {
	return `0x${value.toString(16).padStart(4, "0")}`;
}
