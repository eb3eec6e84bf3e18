import {
	BLKTRACE,
	BLKTRACE_CATEGORY,
	BLKTRACE_MAGIC,
	BLKTRACE_NOTE,
} from "../../collector/blktrace/layout.js";
import { BlktraceWalk } from "../../collector/blktrace/record-walk.js";

const MAX_RECORDS = 4096;
/** From one event to the next; more is damage. */
const CREDIBLE_STEP = 86_400_000_000_000n;

/** What the first events of a blktrace file say about all of it. */
export interface FirstEvents {
	/** Of the first event, ns; undefined: there is none. */
	readonly time: bigint | undefined;
	readonly version: number;
	readonly cpu: number;
	/** The wall clock at a time, ns, where the recorder has noted it. */
	readonly wallClock: { readonly time: bigint; readonly realtime: bigint } | undefined;
}

export function firstEvents(head: Uint8Array): FirstEvents {
	const walk = new BlktraceWalk(0n, () => undefined);
	walk.append(head);
	walk.finish();
	const times: bigint[] = [];
	let version = 0;
	let cpu = 0;
	let wallClock: FirstEvents["wallClock"];
	while (times.length < MAX_RECORDS && walk.advance() === "record") {
		const { view, at, littleEndian } = walk;
		const time = view.getBigUint64(at + BLKTRACE.time, littleEndian);
		if (times.length === 0) {
			version = walk.version;
			cpu = walk.cpu;
		}
		times.push(time);
		if (wallClock === undefined && isTimestamp(walk)) {
			const seconds = BigInt(view.getUint32(walk.dataAt, littleEndian));
			const ns = BigInt(view.getUint32(walk.dataAt + 4, littleEndian));
			wallClock = { time, realtime: seconds * 1_000_000_000n + ns };
		}
	}
	return { time: firstCredible(times), version, cpu, wallClock };
}

/** Version of the first record that claims to be one of blktrace's; undefined: none does. */
export function claimedVersion(head: Buffer): number | undefined {
	for (let at = 0; at + 4 <= head.length; at++) {
		const little = head.readUInt32LE(at);
		if ((little & ~0xff) === BLKTRACE_MAGIC) return little & 0xff;
		const big = head.readUInt32BE(at);
		if ((big & ~0xff) === BLKTRACE_MAGIC) return big & 0xff;
	}
	return undefined;
}

function isTimestamp({ category, action, dataLength }: BlktraceWalk): boolean {
	const note = (category & BLKTRACE_CATEGORY.notify) !== 0 && action === BLKTRACE_NOTE.timestamp;
	return note && dataLength >= 8;
}

/** The first that the next one confirms. */
function firstCredible(times: readonly bigint[]): bigint | undefined {
	const confirmed = times.find((time, index) => {
		const next = times[index + 1];
		return next !== undefined && next >= time && next - time < CREDIBLE_STEP;
	});
	return confirmed ?? times[0];
}
