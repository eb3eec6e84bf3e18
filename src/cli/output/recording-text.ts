/** What `record` says while it records and when it has ended. */
import type { ReaderProgress } from "../../record/recording.js";
import type { CpuCounters } from "../../session/metadata.js";
import { formatBytes, formatCount, formatCounted } from "./quantity.js";

/** `3.2 s  12,345 records (4,100/s)  1.20 MiB  buffers 12 % full  lost 0` */
export function recordingStatus(
	progress: readonly ReaderProgress[],
	buffers: { readonly subbufCount: number },
	elapsedMs: number,
): string {
	let records = 0n;
	let bytes = 0n;
	let lost = 0n;
	let fullest = 0;
	for (const cpu of progress) {
		records += cpu.records;
		bytes += cpu.bytes;
		lost += cpu.lost;
		fullest = Math.max(fullest, cpu.waiting / buffers.subbufCount);
	}
	const rate = elapsedMs > 0 ? (Number(records) * 1000) / elapsedMs : 0;
	return [
		`recording ${(elapsedMs / 1000).toFixed(1)} s`,
		`${formatCount(records)} records (${formatCount(rate)}/s)`,
		formatBytes(bytes),
		`buffers ${Math.round(fullest * 100)} % full`,
		`lost ${formatCount(lost)}`,
	].join("  ");
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

export function recordingSummary(directory: string, counters: readonly CpuCounters[]): string {
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
