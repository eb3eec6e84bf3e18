import { CPU_ALL, knownCpu } from "../base/cpu.js";
import type { FaultLog } from "../base/fault.js";
import type { ChannelMetadata, CpuCounters, SessionMetadata } from "../session/metadata.js";
import type { Session } from "../session/session-reader.js";
import { describeCalls } from "../syscalls/argument-table.js";
import { FINGERPRINT_KEY } from "./database-file.js";
import type { SessionStore } from "./session-store.js";

/** What was found in one raw file of a channel. */
export interface StoredStream {
	readonly channel: string;
	/** CPU_ALL: a global channel's. */
	readonly cpu: number;
	/** Records, by walking the file. */
	readonly stored: number;
	/** Records that the file's headers promise and its bytes do not give. */
	readonly faults: number;
	/** As far as the file's headers tell. */
	readonly lost: number;
}

export interface Summary {
	readonly records: number;
	/** Of the last record; ns since the time base, as `endTs`. */
	readonly latestTs: number;
	/** When the recording ended; undefined: the recorder was killed. */
	readonly endTs: number | undefined;
	readonly messages: number;
	readonly streams: readonly StoredStream[];
	readonly faults: FaultLog;
}

/** In the order of enum relayscope_lost_reason. */
const LOST_REASONS = ["full", "nmi", "too_large", "no_buffer", "nested", "pending"] as const;

/** Writes the accounts and the facts of a session whose records are all in. */
export function writeSummary(store: SessionStore, session: Session, summary: Summary): void {
	writeStats(store, session, summary);
	writeLossesWithoutFile(store, session, summary);
	writeFacts(store, session, summary);
	const { syscallTable, syscallArguments } = session.metadata;
	for (const call of describeCalls(syscallTable, syscallArguments ?? "")) store.call(call);
}

/** Each term is counted in its own place; none is computed from others. */
function writeStats(store: SessionStore, session: Session, summary: Summary): void {
	const { channels, ending } = session.metadata;
	const counters = new Map<string, CpuCounters>();
	for (const each of ending?.counters ?? []) {
		const channel = channels.find(({ id }) => id === each.channelId)?.name;
		counters.set(`${channel ?? each.channelId}/${each.cpu}`, each);
	}
	const byName = new Map(channels.map((channel) => [channel.name, channel]));
	for (const { channel, cpu, stored, faults, lost } of summary.streams) {
		const key = `${channel}/${cpu}`;
		const counted = counters.get(key);
		counters.delete(key);
		if (counted === undefined) store.stat(channel, knownCpu(cpu), "lost", lost);
		else writeCounters(store, channel, counted, byName.get(channel));
		store.stat(channel, knownCpu(cpu), "stored", stored);
		store.stat(channel, knownCpu(cpu), "faults", faults);
	}
	for (const [key, counted] of counters) {
		const channel = key.slice(0, key.lastIndexOf("/"));
		writeCounters(store, channel, counted, byName.get(channel));
		if (byName.get(channel)?.global === true && counted.cpu !== CPU_ALL) continue;
		store.stat(channel, knownCpu(counted.cpu), "stored", 0);
		store.stat(channel, knownCpu(counted.cpu), "faults", 0);
	}
	for (const { first, count } of summary.faults.entries()) {
		const cpu = first.channel === "bufflink" ? undefined : knownCpu(first.cpu);
		store.stat(first.channel, cpu, `fault_${first.code.replaceAll("-", "_")}`, count);
	}
	const refused = ending?.bufflinkRefused ?? 0n;
	if (refused > 0n) store.stat("bufflink", undefined, "lost", refused);
}

/**
 * Of a global channel what happened is counted on each CPU and what became of it for all of them,
 * with cpu NULL. A snapshot's counters are one moment's sums, and all there.
 */
function writeCounters(
	store: SessionStore,
	channel: string,
	counters: CpuCounters,
	metadata: ChannelMetadata | undefined,
): void {
	const global = metadata?.global === true;
	const ofBuffer = !global || counters.cpu === CPU_ALL;
	const ofCpu = !global || counters.cpu !== CPU_ALL || counters.seen > 0n;
	const stat: WriteStat = (name, value) => store.stat(channel, knownCpu(counters.cpu), name, value);
	if (ofCpu) writeCpuCounters(stat, counters);
	if (ofBuffer) writeBufferCounters(stat, counters, metadata?.overwrite === true);
}

type WriteStat = (name: string, value: bigint) => void;

function writeCpuCounters(stat: WriteStat, counters: CpuCounters): void {
	const { seen, filtered, written, lost } = counters;
	stat("seen", seen);
	stat("filtered", filtered);
	stat("produced", seen - filtered);
	stat("written", written);
	stat(
		"lost",
		lost.reduce((sum, count) => sum + count, 0n),
	);
	for (const [reason, count] of lost.entries()) {
		const name = LOST_REASONS[reason];
		// The ABI leaves room for more reasons; unused ones are nobody's interest.
		if (name !== undefined || count > 0n) stat(`lost_${name ?? `reason_${reason}`}`, count);
	}
}

function writeBufferCounters(stat: WriteStat, counters: CpuCounters, overwrites: boolean): void {
	stat("unread", counters.unread);
	if (overwrites) {
		stat("overwritten", counters.overwritten);
		stat("torn", counters.torn);
		stat("trimmed", counters.trimmed);
	}
	// Sessions of before it could be have none.
	if (counters.reset > 0n) stat("reset", counters.reset);
	stat("subbuffers_sealed", counters.sealed);
	stat("subbuffers_read", counters.consumed);
}

/** Losses of CPUs that stored nothing, and of the bufflink: no stream told of them. */
function writeLossesWithoutFile(store: SessionStore, session: Session, summary: Summary): void {
	const { ending, channels } = session.metadata;
	if (ending === undefined) return;
	for (const { channelId, cpu, lost } of ending.counters) {
		const channel = channels.find(({ id }) => id === channelId)?.name ?? String(channelId);
		const total = lost.reduce((sum, count) => sum + count, 0n);
		if (total === 0n) continue;
		const told = summary.streams.some(
			(stream) => stream.channel === channel && (stream.cpu === cpu || stream.cpu === CPU_ALL),
		);
		if (told) continue;
		store.loss(0, summary.endTs, channel, knownCpu(cpu), total);
	}
	if (ending.bufflinkRefused > 0n) {
		store.loss(0, summary.endTs, "bufflink", undefined, ending.bufflinkRefused);
	}
}

/** What another program's trace does not tell; of the clocks, the wall clock at most. */
function writeHostFacts(
	fact: (key: string, value: string | bigint) => void,
	{ host, start }: SessionMetadata,
): void {
	fact("host", host.hostname);
	fact("kernel", host.kernelRelease);
	fact("kernel_version", host.kernelVersion);
	fact("machine", host.machine);
	fact("start_boottime", start.boottime);
}

function writeEndingFacts(
	fact: (key: string, value: string | number | bigint) => void,
	{ ending }: SessionMetadata,
): void {
	if (ending === undefined) return;
	fact("end_boottime", ending.stop.boottime);
	fact("end_wall_clock", ending.stop.realtime);
	if (ending.errorCode !== "") {
		fact("error", ending.errorCode);
		fact("error_message", ending.errorMessage);
	}
	if (ending.commandEnded) fact("command_status", ending.commandStatus);
}

function writeFacts(store: SessionStore, session: Session, summary: Summary): void {
	const { metadata, timeBase, fingerprint, unknownRawFiles } = session;
	const { host, start, request } = metadata;
	const fact = (key: string, value: string | number | bigint): void =>
		store.sessionValue(key, value);
	fact(FINGERPRINT_KEY, fingerprint);
	const imported = metadata.importedFiles ?? [];
	if (imported.length > 0) fact("imported_files", imported.join(" "));
	else writeHostFacts(fact, metadata);
	fact("cpus", host.cpuIds);
	fact("tool_version", metadata.toolVersion);
	fact("session_version", metadata.version);
	fact("start_ts", timeBase);
	if (start.realtime > 0n) fact("start_wall_clock", start.realtime);
	fact("end_ts", timeBase + BigInt(summary.endTs ?? summary.latestTs));
	fact("status", statusOf(session));
	if (metadata.snapshot !== undefined) {
		fact("snapshot_reason", metadata.snapshot.reason);
		if (metadata.snapshot.keep > 0n) fact("snapshot_keep", metadata.snapshot.keep);
	}
	if (imported.length === 0) writeEndingFacts(fact, metadata);
	if (request.command.length > 0) fact("command", request.command.join(" "));
	if (request.commandPid !== 0) fact("command_pid", request.commandPid);
	if (request.recorderPid !== 0) fact("recorder_pid", request.recorderPid);
	if (request.pids.length > 0) fact("pids", request.pids.join(" "));
	fact("sources", request.sources.join(" "));
	if (request.fromBoot === true) fact("from_boot", 1);
	for (const { key, value } of metadata.channels.flatMap(blktraceFacts)) fact(key, value);
	for (const { source, expression, trigger } of metadata.filters ?? []) {
		fact(`${trigger ? "snapshot_on" : "filter"}_${source}`, expression);
	}
	fact("records", summary.records);
	fact("messages", summary.messages);
	fact("faults", summary.faults.total());
	if (unknownRawFiles.length > 0) fact("unknown_raw_files", unknownRawFiles.join(" "));
}

/** `/dev/sda, version 7, categories 0xffff` */
function blktraceFacts({ name, blktrace }: ChannelMetadata): { key: string; value: string }[] {
	if (blktrace === undefined) return [];
	const { device, version, mask } = blktrace;
	const categories = mask === 0n ? "" : `, categories 0x${mask.toString(16)}`;
	return [{ key: `blktrace_${name}`, value: `${device}, version ${version}${categories}` }];
}

function statusOf({ metadata: { ending } }: Session): "ended" | "failed" | "killed" {
	if (ending === undefined) return "killed";
	return ending.errorCode === "" ? "ended" : "failed";
}
