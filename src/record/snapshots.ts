/** Snapshots of a flight recorder: each a session of its own, taken while the recording goes on. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type BufflinkReader, readClocks } from "#native";
import type {
	CpuCounters,
	EndingMetadata,
	SessionMetadata,
	SnapshotReason,
} from "../session/metadata.js";
import { SessionWriter } from "../session/session-writer.js";
import { copySymbolFiles } from "../session/symbol-files.js";
import { explainSnapshotError } from "./native-failure.js";
import type { ChannelCpuSnapshot, OpenChannels } from "./open-channels.js";

export interface TakenSnapshot {
	readonly directory: string;
	readonly reason: SnapshotReason;
	readonly records: bigint;
	readonly torn: bigint;
	/** How far back all CPUs reach, ns; undefined: to the start of the recording. */
	readonly reachNs: bigint | undefined;
	/** How far back was asked for, ns; 0: as far as the buffers do. */
	readonly keepNs: bigint;
}

/** What the recorded command has to say about itself in a snapshot. */
export type CommandFacts = Pick<EndingMetadata, "commandStatus" | "commandEnded">;

export class Snapshots {
	readonly #channels: OpenChannels;
	readonly #bufflink: BufflinkReader;
	readonly #session: SessionWriter;
	readonly #keepNs: bigint;
	#latest: Promise<unknown> = Promise.resolve();
	#taken = 0;

	constructor(
		channels: OpenChannels,
		bufflink: BufflinkReader,
		session: SessionWriter,
		keepNs: bigint,
	) {
		this.#channels = channels;
		this.#bufflink = bufflink;
		this.#session = session;
		this.#keepNs = keepNs;
	}

	get taken(): number {
		return this.#taken;
	}

	/** One at a time, in the order in which they were asked for. */
	take(reason: SnapshotReason, command: CommandFacts): Promise<TakenSnapshot> {
		const snapshot = this.#latest.then(() => this.#take(reason, command));
		this.#latest = snapshot.catch(() => undefined);
		return snapshot;
	}

	/** When nothing is under way any more. */
	async settled(): Promise<void> {
		await this.#latest;
	}

	async #take(reason: SnapshotReason, command: CommandFacts): Promise<TakenSnapshot> {
		const directory = this.#freeDirectory(new Date());
		// A snapshot is there when it is whole: until then it goes by another name.
		const draft = `${directory}.partial`;
		try {
			const writer = SessionWriter.create(draft, this.#metadata(reason));
			const cpus = await this.#channels.snapshot(draft, this.#keepNs);
			const { refused } = await this.#bufflink.copyTo(writer.bufflinkFile);
			copySymbolFiles(this.#session.directory, draft);
			writer.finish({
				...{ stop: readClocks(), counters: cpus.map(countersOf), bufflinkRefused: refused },
				...{ errorCode: "", errorMessage: "", ...command },
			});
			renameSync(draft, directory);
			this.#taken++;
			return {
				...{ directory, reason, keepNs: this.#keepNs, reachNs: reachOf(cpus, this.#keepNs) },
				records: cpus.reduce((sum, { records }) => sum + records, 0n),
				torn: cpus.reduce((sum, { torn }) => sum + torn, 0n),
			};
		} catch (error) {
			rmSync(draft, { recursive: true, force: true });
			throw explainSnapshotError(error, directory);
		}
	}

	#metadata(reason: SnapshotReason): Omit<SessionMetadata, "version" | "ending"> {
		const { version, ending, ...metadata } = this.#session.metadata;
		const channels = metadata.channels.filter(({ overwrite }) => overwrite);
		return { ...metadata, channels, snapshot: { reason, keep: this.#keepNs } };
	}

	/** `snapshot-20261121-154210`, local time, with a number when there were two in that second. */
	#freeDirectory(now: Date): string {
		const two = (value: number): string => String(value).padStart(2, "0");
		const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
		const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
		const name = join(this.#session.directory, `snapshot-${day}-${time}`);
		let free = name;
		for (let number = 2; existsSync(free); number++) free = `${name}-${number}`;
		return free;
	}
}

function countersOf({
	channel,
	cpu,
	stats,
	torn,
	trimmed,
	unread,
}: ChannelCpuSnapshot): CpuCounters {
	return { channelId: channel.id, cpu, ...stats, torn, trimmed, unread: unread + trimmed };
}

/** Back to where every CPU's records are whole; what was trimmed was there. */
function reachOf(cpus: readonly ChannelCpuSnapshot[], keepNs: bigint): bigint | undefined {
	let reach: bigint | undefined;
	for (const { stats, torn, trimmed, ts, tsBegin } of cpus) {
		if (stats.overwritten + torn === 0n && trimmed === 0n) continue;
		const own = trimmed > 0n ? keepNs : ts - (tsBegin ?? ts);
		if (reach === undefined || own < reach) reach = own;
	}
	return reach;
}
