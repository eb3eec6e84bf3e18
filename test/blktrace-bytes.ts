/** blktrace's records, byte for byte as the kernel writes them. */
import {
	BLKTRACE,
	BLKTRACE_CGROUP,
	BLKTRACE_CGROUP_SIZE,
	BLKTRACE_MAGIC,
	BLKTRACE_REMAP,
	BLKTRACE_REMAP_SIZE,
	BLKTRACE_V7,
	BLKTRACE_V7_SIZE,
	BLKTRACE_V8,
	BLKTRACE_V8_SIZE,
} from "../src/collector/blktrace/layout.js";

export interface BlktraceEvent {
	/** CLOCK_MONOTONIC, ns. */
	readonly time: bigint;
	readonly action: number;
	readonly category?: number;
	readonly sequence?: number;
	readonly sector?: number;
	readonly bytes?: number;
	readonly pid?: number;
	readonly device?: number;
	readonly cpu?: number;
	readonly error?: number;
	readonly cgroup?: bigint;
	readonly data?: Uint8Array;
}

export interface BlktraceFormat {
	readonly version: 7 | 8;
	readonly littleEndian: boolean;
}

export const BLKTRACE_FORMATS: readonly BlktraceFormat[] = [
	{ version: 7, littleEndian: true },
	{ version: 7, littleEndian: false },
	{ version: 8, littleEndian: true },
	{ version: 8, littleEndian: false },
];

export function kernelDevice(major: number, minor: number): number {
	return ((major << 20) | minor) >>> 0;
}

export function encodeBlktrace(
	event: BlktraceEvent,
	{ version, littleEndian }: BlktraceFormat = { version: 7, littleEndian: true },
): Buffer {
	const { time, action, category = 0, sequence = 0, sector = 0, bytes = 0, cgroup } = event;
	const { pid = 0, device = kernelDevice(8, 0), cpu = 0, error = 0 } = event;
	const data = Buffer.concat([
		cgroup === undefined ? Buffer.alloc(0) : uint64(cgroup, littleEndian),
		event.data ?? Buffer.alloc(0),
	]);
	const size = version === 7 ? BLKTRACE_V7_SIZE : BLKTRACE_V8_SIZE;
	const record = Buffer.alloc(size);
	const view = new DataView(record.buffer, record.byteOffset, size);
	view.setUint32(BLKTRACE.magic, (BLKTRACE_MAGIC | version) >>> 0, littleEndian);
	view.setUint32(BLKTRACE.sequence, sequence, littleEndian);
	view.setBigUint64(BLKTRACE.time, time, littleEndian);
	view.setBigUint64(BLKTRACE.sector, BigInt(sector), littleEndian);
	view.setUint32(BLKTRACE.bytes, bytes, littleEndian);
	const what =
		(BigInt(category) << 16n) | BigInt(action | (cgroup === undefined ? 0 : BLKTRACE_CGROUP));
	const at = version === 7 ? BLKTRACE_V7 : BLKTRACE_V8;
	if (version === 7) view.setUint32(at.action, Number(what & 0xffff_ffffn), littleEndian);
	else view.setBigUint64(at.action, what, littleEndian);
	view.setUint32(at.pid, pid, littleEndian);
	view.setUint32(at.device, device, littleEndian);
	view.setUint32(at.cpu, cpu, littleEndian);
	view.setUint16(at.error, error, littleEndian);
	view.setUint16(at.pdu_len, data.length, littleEndian);
	return Buffer.concat([record, data]);
}

/** What follows a remap: from where. */
export function remapData(device: number, sector: number, to = kernelDevice(8, 0)): Buffer {
	const data = Buffer.alloc(BLKTRACE_REMAP_SIZE);
	data.writeUInt32BE(device, BLKTRACE_REMAP.device_from);
	data.writeUInt32BE(to, BLKTRACE_REMAP.device_to);
	data.writeBigUInt64BE(BigInt(sector), BLKTRACE_REMAP.sector_from);
	return data;
}

/** What follows a note of the wall clock. */
export function timestampData(seconds: number, ns: number, littleEndian = true): Buffer {
	const data = Buffer.alloc(8);
	const view = new DataView(data.buffer, data.byteOffset, data.length);
	view.setUint32(0, seconds, littleEndian);
	view.setUint32(4, ns, littleEndian);
	return data;
}

function uint64(value: bigint, littleEndian: boolean): Buffer {
	const bytes = Buffer.alloc(BLKTRACE_CGROUP_SIZE);
	if (littleEndian) bytes.writeBigUInt64LE(value);
	else bytes.writeBigUInt64BE(value);
	return bytes;
}
