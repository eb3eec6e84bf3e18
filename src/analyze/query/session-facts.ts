import type { Session } from "../../session/session-reader.js";
import type { QueryDatabase, SqlValue } from "./query-database.js";

/** What every report says about the session it is about. */
export interface SessionFacts {
	readonly host: string;
	readonly kernel: string;
	readonly machine: string;
	/** Empty when no command was recorded but the system or given processes. */
	readonly command: readonly string[];
	/** CLOCK_MONOTONIC, ns. */
	readonly start: bigint;
	/** When the recording stopped, or the last that is known of one that did not end properly. */
	readonly end: bigint;
	/** CLOCK_REALTIME at `start`, ns since 1970. */
	readonly wallClockStart: bigint;
	readonly records: bigint;
	readonly lost: bigint;
	/** False when the recorder was killed: what was produced is then not known. */
	readonly endedProperly: boolean;
	/** Why the recording stopped early, when it told. */
	readonly error: string | undefined;
	/** A flight recorder's own session, whose records are in its snapshots, or one of these. */
	readonly flightRecorder: "recorder" | "snapshot" | undefined;
	/** Every CPU's records are whole from here on: later than `start` in a snapshot. */
	readonly wholeFrom: bigint;
}

export function readSessionFacts(session: Session, database: QueryDatabase): SessionFacts {
	const { metadata } = session;
	const stats = new Map<string, bigint>();
	if (database.has("stats")) {
		const rows = database.rows<[string, bigint]>(
			"SELECT name, sum(value) FROM stats GROUP BY name",
		);
		for (const [name, value] of rows) stats.set(name, value);
	}
	const ending = metadata.ending;
	const flightRecorder = flightRecorderOf(session);
	return {
		host: metadata.host.hostname,
		kernel: metadata.host.kernelRelease,
		machine: metadata.host.machine,
		command: metadata.request.command,
		start: metadata.start.monotonic,
		end: ending?.stop.monotonic ?? lastKnown(database, metadata.start.monotonic),
		wallClockStart: metadata.start.realtime,
		records: stats.get("stored") ?? 0n,
		lost: stats.get("lost") ?? 0n,
		endedProperly: ending !== undefined && (stats.has("produced") || !stats.has("stored")),
		error: ending === undefined || ending.errorCode === "" ? undefined : ending.errorMessage,
		flightRecorder,
		wholeFrom:
			flightRecorder === "snapshot"
				? overwrittenUntil(session, database)
				: metadata.start.monotonic,
	};
}

/** What was overwritten was counted, but not by when it happened: intervals without a count. */
function overwrittenUntil({ metadata }: Session, database: QueryDatabase): bigint {
	const { monotonic } = metadata.start;
	if (!database.has("losses")) return monotonic;
	const rows = database.rows<[bigint | null]>("SELECT max(ts_end) FROM losses WHERE lost IS NULL");
	for (const [until] of rows) return until ?? monotonic;
	return monotonic;
}

function flightRecorderOf({ metadata }: Session): SessionFacts["flightRecorder"] {
	if (metadata.snapshot !== undefined) return "snapshot";
	return metadata.channels.some(({ overwrite }) => overwrite) ? "recorder" : undefined;
}

/** The last time that the database knows of a recording that told no end. */
function lastKnown(database: QueryDatabase, start: bigint): bigint {
	if (!database.has("session")) return start;
	for (const [ts] of database.rows<[SqlValue]>("SELECT value FROM session WHERE key = 'end_ts'")) {
		if (typeof ts === "bigint" && ts > start) return ts;
	}
	return start;
}
