import { RelayscopeError } from "../../base/error.js";
import { BLKTRACE_VERSIONS } from "../../collector/blktrace/layout.js";
import { schemaToJson } from "../../schema/schema-json.js";
import type { ClockReading, SessionMetadata } from "../../session/metadata.js";
import { SessionWriter } from "../../session/session-writer.js";
import { CHUNK_EVENT, CHUNK_SUBBUF_SIZE, writeChunkFile } from "../chunk-file.js";
import type { ImportFormat, ImportRequest } from "../import-format.js";
import type { TraceFile } from "../trace-file.js";
import { type DeviceTrace, groupByDevice, isNamedAsBlktrace } from "./blktrace-files.js";
import { claimedVersion } from "./first-events.js";

const EPOCH = 1;

/** blktrace's files, a CPU each: their bytes as they are, in a session whose views are the same. */
export const BLKTRACE_FORMAT: ImportFormat = {
	name: "blktrace",
	description: "DEVICE.blktrace.CPU",

	recognises(file: TraceFile): boolean {
		return isNamedAsBlktrace(file) || claimedVersion(file.head) !== undefined;
	},

	importFiles({ files, directory, toolVersion }: ImportRequest): readonly string[] {
		for (const file of files) requireReadable(file);
		const traces = groupByDevice(files);
		const clocks = clocksOf(traces);
		const metadata = metadataOf(traces, clocks, toolVersion, files);
		const session = SessionWriter.create(directory, metadata);
		for (const [index, { name, cpus }] of traces.entries()) {
			for (const { cpu, file } of cpus) {
				const origin = {
					channelId: index + 1,
					epoch: EPOCH,
					cpu,
					channelPath: `${name}.blktrace.`,
					ts: clocks.monotonic,
				};
				writeChunkFile(session.rawFile(name, cpu), origin, file);
			}
		}
		session.finish({
			stop: clocks,
			counters: [],
			bufflinkRefused: 0n,
			errorCode: "",
			errorMessage: "",
			commandStatus: 0,
			commandEnded: false,
		});
		return traces.flatMap(notesOn);
	},
};

function requireReadable({ path, size, head }: TraceFile): void {
	if (size === 0) return;
	const version = claimedVersion(head);
	if (version === undefined) {
		throw new RelayscopeError("BAD_TRACE", `${path} holds no event of blktrace's`, {
			hint: "Give the files that `blktrace` wrote, a CPU each, not blkparse's output.",
		});
	}
	if (BLKTRACE_VERSIONS.some((each) => each === version)) return;
	throw new RelayscopeError("BAD_TRACE", `${path} is of blktrace's version ${version}`, {
		hint: `Versions ${BLKTRACE_VERSIONS.join(" and ")} can be imported.`,
	});
}

/** @throws RelayscopeError BAD_TRACE when there is no event at all, and so no time. */
function clocksOf(traces: readonly DeviceTrace[]): ClockReading {
	const firsts = traces.flatMap(({ cpus }) => cpus.map(({ first }) => first));
	const times = firsts.flatMap(({ time }) => time ?? []);
	const [some, ...others] = times;
	if (some === undefined) {
		throw new RelayscopeError("BAD_TRACE", "the files hold no events", {
			hint: "Give those of all CPUs: relayscope import -o session sda.blktrace.*",
		});
	}
	let monotonic = some;
	for (const time of others) if (time < monotonic) monotonic = time;
	const note = firsts.find(({ wallClock }) => wallClock !== undefined)?.wallClock;
	const realtime = note === undefined ? 0n : note.realtime - (note.time - monotonic);
	return { monotonic, boottime: monotonic, realtime: realtime < 0n ? 0n : realtime };
}

function metadataOf(
	traces: readonly DeviceTrace[],
	start: ClockReading,
	toolVersion: string,
	files: readonly TraceFile[],
): Omit<SessionMetadata, "version" | "ending"> {
	const cpus = traces.flatMap((trace) => trace.cpus.map(({ cpu }) => cpu));
	return {
		toolVersion,
		// Of the machine that was recorded, which is not this one.
		host: {
			hostname: "",
			kernelRelease: "",
			kernelVersion: "",
			machine: "",
			cpuIds: Math.max(...cpus) + 1,
			littleEndian: true,
			clockTicksPerSecond: 100,
		},
		start,
		channels: traces.map(({ name, cpus }, index) => ({
			name,
			id: index + 1,
			epoch: EPOCH,
			subbufSize: CHUNK_SUBBUF_SIZE,
			subbufCount: 1,
			flushIntervalMs: 0,
			sources: [`blktrace:${name}`],
			overwrite: false,
			global: false,
			blktrace: { device: name, version: cpus[0]?.first.version ?? 0, mask: 0n },
		})),
		schemaJson: schemaToJson([CHUNK_EVENT]),
		syscallTable: "",
		processes: [],
		request: {
			command: [],
			commandPid: 0,
			pids: [],
			sources: traces.map(({ name }) => `blktrace:${name}`),
			recorderPid: 0,
		},
		importedFiles: files.map(({ name }) => name),
	};
}

function notesOn({ name, missing }: DeviceTrace): string[] {
	return missing.map(
		(cpu) => `there is no file of CPU ${cpu} of ${name}: its events, if it had any, are missing`,
	);
}
