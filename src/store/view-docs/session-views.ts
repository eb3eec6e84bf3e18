import type { ViewDoc } from "./view-doc.js";

export const SESSION: ViewDoc = {
	name: "session",
	row: "A fact about the recording: host, kernel, clocks, command, how it ended.",
	columns: {
		key: { meaning: "Name of the fact, such as `kernel`, `start_ts`, `start_wall_clock`." },
		value: { meaning: "An integer or text; times are in ns." },
	},
	notes:
		"`start_ts`, `start_boottime` and `start_wall_clock` are one moment on three clocks: the wall clock of a row is `ts - start_ts + start_wall_clock`, in ns since 1970.",
};

export const LOSSES: ViewDoc = {
	name: "losses",
	row: "An interval in which records of one buffer were lost: what happened in it may be missing everywhere else.",
	columns: {
		ts_begin: { unit: "ns", meaning: "Not before this; CLOCK_MONOTONIC." },
		ts_end: { unit: "ns", meaning: "Not after this; NULL: to the end, nobody knows when." },
		channel: { meaning: "Channel of the buffer, or `bufflink` for messages." },
		cpu: { meaning: "Processor of the buffer; NULL for a buffer of all processors." },
		lost: { meaning: "Records; NULL when they were not counted." },
	},
};

export const STATS: ViewDoc = {
	name: "stats",
	row: "A counter of a channel.",
	columns: {
		channel: { meaning: "Name of the channel." },
		cpu: { meaning: "Processor; NULL for what belongs to none." },
		name: {
			meaning:
				"`produced`, `stored`, `lost` (and `lost_REASON`), `faults`, `seen`, `filtered`, `written`, `unread`, `overwritten`, `torn`, …",
		},
		value: { meaning: "Records, or sub-buffers for `subbuffers_…`." },
	},
	notes:
		"Each is counted where it happens, none is computed from others: `seen = filtered + lost + written`, and of a recording that discards `produced = stored + lost`.",
};
