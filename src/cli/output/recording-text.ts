/** What `record` says while it records and when it has ended. */
import type { ChannelProgress } from "../../record/open-channels.js";
import type { EndedRecording, RecordingProgress } from "../../record/recording.js";
import type { EndedCapture } from "../../record/relay-capture.js";
import type { ChannelMetadata, CpuCounters } from "../../session/metadata.js";
import { formatBytes, formatCount, formatCounted } from "./quantity.js";

export function recordingStatus(progress: RecordingProgress, elapsedMs: number): string {
	const parts = [`recording ${(elapsedMs / 1000).toFixed(1)} s`];
	const { readers, flight } = progress;
	if (readers.length > 0) parts.push(...readerStatus(readers, elapsedMs));
	if (flight !== undefined) parts.push(...flightStatus(flight, elapsedMs));
	return parts.join("  ");
}

/** `12,345 records (4,100/s)  flight recorder holds 8,000  lost 0  snapshots 1` */
function flightStatus(
	{ written, held, lost, snapshots }: NonNullable<RecordingProgress["flight"]>,
	elapsedMs: number,
): string[] {
	return [
		`${formatCount(written)} records (${formatCount(rate(written, elapsedMs))}/s)`,
		`flight recorder holds ${formatCount(held)}`,
		`lost ${formatCount(lost)}`,
		`snapshots ${snapshots}`,
	];
}

/** `12,345 records (4,100/s)  1.20 MiB  buffers 12 % full  lost 0` */
function readerStatus(progress: readonly ChannelProgress[], elapsedMs: number): string[] {
	let records = 0n;
	let bytes = 0n;
	let lost = 0n;
	let fullest = 0;
	for (const cpu of progress) {
		records += cpu.records;
		bytes += cpu.bytes;
		lost += cpu.lost;
		fullest = Math.max(fullest, cpu.fill);
	}
	return [
		`${formatCount(records)} records (${formatCount(rate(records, elapsedMs))}/s)`,
		formatBytes(bytes),
		`buffers ${Math.round(fullest * 100)} % full`,
		`lost ${formatCount(lost)}`,
	];
}

/** `3.2 s  12 reads  1.20 MiB`: of other drivers' channels, whose records nobody counts. */
export function captureStatus(
	progress: readonly { readonly bytes: bigint; readonly records: bigint }[],
	elapsedMs: number,
): string {
	const bytes = progress.reduce((sum, each) => sum + each.bytes, 0n);
	const records = progress.reduce((sum, each) => sum + each.records, 0n);
	const seconds = (elapsedMs / 1000).toFixed(1);
	return `recording ${seconds} s  ${formatCounted(records, "chunk")}  ${formatBytes(bytes)}`;
}

/** Of other drivers' channels; what is in a piece is known when the session is read. */
export function capturedSummary(directory: string, { counters, dropped }: EndedCapture): string {
	const pieces = counters.reduce((sum, { written }) => sum + written, 0n);
	const losses = dropped === 0n ? "none lost" : `${formatCounted(dropped, "event")} LOST`;
	return `relayscope: recorded ${formatCounted(pieces, "chunk")}, ${losses}, in ${directory}\n`;
}

function rate(records: bigint, elapsedMs: number): number {
	return elapsedMs > 0 ? (Number(records) * 1000) / elapsedMs : 0;
}

export function recordingSummary(
	directory: string,
	channels: readonly ChannelMetadata[],
	{ counters, snapshots }: EndedRecording,
): string {
	const flights = new Set(channels.filter((each) => each.overwrite).map(({ id }) => id));
	const flight = counters.filter(({ channelId }) => flights.has(channelId));
	const drained = counters.filter(({ channelId }) => !flights.has(channelId));
	return [
		...(drained.length > 0 ? [drainedSummary(directory, drained)] : []),
		...(flight.length > 0 ? [flightSummary(directory, flight, snapshots)] : []),
	].join("");
}

function flightSummary(
	directory: string,
	counters: readonly CpuCounters[],
	snapshots: number,
): string {
	const written = counters.reduce((sum, each) => sum + each.written, 0n);
	const saw = `relayscope: the flight recorder saw ${formatCounted(written, "record")}`;
	return snapshots === 0
		? `${saw}; no snapshot was taken (--snapshot-at-end takes one)\n`
		: `${saw}, ${formatCounted(snapshots, "snapshot")} in ${directory}\n`;
}

/** Of channels whose records all go to disk. */
export function drainedSummary(directory: string, counters: readonly CpuCounters[]): string {
	let written = 0n;
	let lost = 0n;
	let unread = 0n;
	for (const cpu of counters) {
		written += cpu.written;
		unread += cpu.unread;
		for (const reason of cpu.lost) lost += reason;
	}
	const missing = lost + unread;
	const losses = missing === 0n ? "none lost" : `${formatCount(missing)} LOST`;
	return `relayscope: recorded ${formatCounted(written, "record")}, ${losses}, in ${directory}\n`;
}
