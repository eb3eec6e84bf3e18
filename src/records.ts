import { FaultLog } from "./base/fault.js";
import { BufflinkStream } from "./collector/bufflink-stream.js";
import { CpuStream } from "./collector/cpu-stream.js";
import { Merge } from "./collector/merge.js";
import type { RecordCursor } from "./collector/record-cursor.js";
import { type RecordContext, readContext } from "./record-context.js";
import { compileDecoder, type EventDecoder } from "./schema/decoder.js";
import { schemaFromJson } from "./schema/schema-json.js";
import type { DecodedValue } from "./schema/values.js";
import { openSession, type Session } from "./session/session-reader.js";

/** One event of a session. */
export interface DecodedRecord {
	/** CLOCK_MONOTONIC of the recorded machine, ns. */
	readonly ts: bigint;
	readonly cpu: number;
	/** Thread that was running; an interrupt's records have the one that it interrupted. */
	readonly tid: number;
	/** Name of the event, as it was declared. */
	readonly event: string;
	/** What it carries beside them, where that was asked for. */
	readonly context?: RecordContext;
	/** By name; a 64-bit integer is a number where that is exact, else a bigint. */
	readonly fields: Readonly<Record<string, DecodedValue>>;
}

export interface ReadOptions {
	/** Only events of these names; all when absent. */
	readonly events?: readonly string[];
	/** Told of bytes that are no record of the session's events: they are left out. */
	readonly onFault?: (reason: string) => void;
}

/**
 * The records of a session in the order of time, decoded by the session's own schema: all that was
 * written, without a database.
 *
 * ```ts
 * for (const { ts, event, fields } of readRecords("session", { events: ["sample_request"] })) {
 * 	console.log(ts, event, fields.bytes);
 * }
 * ```
 */
export function* readRecords(
	directory: string,
	options: ReadOptions = {},
): Generator<DecodedRecord, void, undefined> {
	const session = openSession(directory);
	const decoders = decodersOf(session, options.events);
	const known = new Set(schemaFromJson(session.metadata.schemaJson).map(({ id }) => id));
	const faults = new FaultLog();
	const merge = new Merge(openStreams(session, faults));
	try {
		while (merge.next() === "record") {
			const record = merge.current;
			const decoder = decoders.get(record.eventId);
			if (decoder === undefined) {
				if (!known.has(record.eventId)) options.onFault?.(`event id ${record.eventId}`);
				continue;
			}
			const decoded = decodeRecord(record, decoder, session.timeBase);
			if (decoded === undefined) options.onFault?.(`payload of ${decoder.schema.name}`);
			else yield decoded;
		}
	} finally {
		merge.close();
	}
}

function decodersOf(
	session: Session,
	events: readonly string[] | undefined,
): ReadonlyMap<number, EventDecoder> {
	const schemas = schemaFromJson(session.metadata.schemaJson).filter(
		({ name }) => events === undefined || events.includes(name),
	);
	return new Map(schemas.map((schema) => [schema.id, compileDecoder(schema)]));
}

function openStreams(session: Session, faults: FaultLog): readonly RecordCursor[] {
	const { bufflink, rawFiles, timeBase, metadata } = session;
	const { cpuIds } = metadata.host;
	const opened: RecordCursor[] = [];
	try {
		// Of equal times the message goes first: it says whose the record is.
		if (bufflink !== undefined) {
			opened.push(new BufflinkStream({ path: bufflink.path, timeBase, cpuIds, faults }));
		}
		for (const { channel, cpu, path } of rawFiles) {
			const { id: channelId, epoch, subbufSize } = channel;
			const origin = { channelId, epoch, cpu, subbufSize, timeBase };
			const onLoss = (): void => undefined;
			opened.push(new CpuStream({ path, channel: channel.name, origin, faults, onLoss, cpuIds }));
		}
	} catch (error) {
		for (const stream of opened) stream.close();
		throw error;
	}
	return opened;
}

function decodeRecord(
	record: RecordCursor,
	{ schema, decode }: EventDecoder,
	timeBase: bigint,
): DecodedRecord | undefined {
	const { ts, cpu, tid, view, bytes, payloadOffset, payloadLength } = record;
	const values = decode(view, bytes, payloadOffset, payloadLength);
	if (values === undefined) return undefined;
	const fields: Record<string, DecodedValue> = {};
	schema.fields.forEach(({ name }, index) => {
		fields[name] = values[index] as DecodedValue;
	});
	const decoded = { ts: timeBase + BigInt(ts), cpu, tid, event: schema.name, fields };
	return record.contextLength === 0 ? decoded : { ...decoded, context: readContext(record) };
}
