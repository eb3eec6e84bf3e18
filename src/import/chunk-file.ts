import { closeSync, openSync, writeSync } from "node:fs";
import {
	ABI_VERSION,
	alignRecord,
	RECORD,
	RECORD_HEADER_SIZE,
	SUBBUF,
	SUBBUF_HEADER_SIZE,
	SUBBUF_MAGIC,
} from "../collector/abi.js";
import type { EventSchema } from "../schema/event-schema.js";
import { BUILTIN_EVENTS } from "../schema/generated/builtin-events.js";
import { asDiskFull } from "../session/write-metadata.js";
import { readFully, type TraceFile } from "./trace-file.js";

export const CHUNK_SUBBUF_SIZE = 512 * 1024;
const MAX_RECORD = 0xffff;

export interface ChunkOrigin {
	readonly channelId: number;
	readonly epoch: number;
	readonly cpu: number;
	/** What the records give as `path`. */
	readonly channelPath: string;
	/** CLOCK_MONOTONIC, ns: the time of all records, for a file does not say when it was read. */
	readonly ts: bigint;
}

/** The only event of a session's raw files that are made by import. */
export const CHUNK_EVENT: EventSchema = chunkEvent();

/** Copies a file into `relay_chunks` records, as a capture of the driver's own channel has them. */
export function writeChunkFile(output: string, origin: ChunkOrigin, input: TraceFile): void {
	const fd = openSync(output, "wx", 0o600);
	try {
		const path = Buffer.from(origin.channelPath);
		const subbuf = Buffer.alloc(CHUNK_SUBBUF_SIZE);
		let position = 0;
		for (let sequence = 0; position < input.size; sequence++) {
			let used = SUBBUF_HEADER_SIZE;
			let records = 0;
			const overhead = RECORD_HEADER_SIZE + CHUNK_EVENT.fixedLength + path.length;
			while (used + overhead < subbuf.length) {
				const room = Math.min(MAX_RECORD, subbuf.length - used) - overhead;
				const length = readFully(input.fd, subbuf, used + overhead, position, room);
				if (length === 0) break;
				writeRecordHeader(subbuf, used, overhead + length, path);
				position += length;
				records++;
				const end = used + overhead + length;
				used = alignRecord(end);
				subbuf.fill(0, end, used);
			}
			// Somebody has cut it since it was looked at.
			if (records === 0) break;
			writeSubbufHeader(subbuf, origin, { used, sequence, records });
			writeFully(fd, subbuf, used);
		}
	} catch (error) {
		throw asDiskFull(error, output);
	} finally {
		closeSync(fd);
	}
}

function writeRecordHeader(subbuf: Buffer, at: number, length: number, path: Buffer): void {
	subbuf.writeUInt16LE(CHUNK_EVENT.id, at + RECORD.event_id);
	subbuf.writeUInt16LE(length, at + RECORD.length);
	subbuf.writeUInt32LE(0, at + RECORD.ts_delta);
	subbuf.writeUInt32LE(0, at + RECORD.tid);
	const payload = at + RECORD_HEADER_SIZE;
	subbuf.writeUInt16LE(path.length, payload);
	path.copy(subbuf, payload + CHUNK_EVENT.fixedLength);
}

function writeSubbufHeader(
	subbuf: Buffer,
	{ channelId, epoch, cpu, ts }: ChunkOrigin,
	{ used, sequence, records }: { used: number; sequence: number; records: number },
): void {
	subbuf.fill(0, 0, SUBBUF_HEADER_SIZE);
	subbuf.writeUInt32LE(SUBBUF_MAGIC, SUBBUF.magic);
	subbuf.writeUInt16LE(ABI_VERSION, SUBBUF.abi_version);
	subbuf.writeUInt16LE(SUBBUF_HEADER_SIZE, SUBBUF.header_length);
	subbuf.writeUInt32LE(channelId, SUBBUF.channel_id);
	subbuf.writeUInt32LE(cpu, SUBBUF.cpu);
	subbuf.writeUInt32LE(epoch, SUBBUF.epoch);
	subbuf.writeUInt32LE(used, SUBBUF.used);
	subbuf.writeBigUInt64LE(BigInt(sequence), SUBBUF.sequence);
	subbuf.writeBigUInt64LE(ts, SUBBUF.ts_begin);
	subbuf.writeBigUInt64LE(ts, SUBBUF.ts_end);
	subbuf.writeUInt32LE(records, SUBBUF.record_count);
}

function writeFully(fd: number, bytes: Uint8Array, length: number): void {
	let done = 0;
	while (done < length) done += writeSync(fd, bytes, done, length - done);
}

function chunkEvent(): EventSchema {
	const event = BUILTIN_EVENTS.find(({ name }) => name === "relay_chunks");
	if (event === undefined) throw new Error("no event relay_chunks");
	return event;
}
