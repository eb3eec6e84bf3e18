import type { BlockRows } from "../../../store/block-rows.js";
import type { ThreadRows } from "../thread-rows.js";
import { BLOCK_ACTION, BLOCK_OP, type BlockEvent } from "./block-event.js";
import { DeviceState } from "./device-state.js";
import { BioPart, QueuedBio, Request } from "./in-flight.js";
import { Numbered } from "./numbered.js";

const SECTOR = 512;

/** What takes the rows. */
export type BlockRowSink = Pick<
	BlockRows,
	"device" | "request" | "io" | "origin" | "cause" | "finish"
>;

/** Which system call a thread is in. */
export interface CallsInProgress {
	/** False: in none that is known. */
	find(tid: number): boolean;
	/** Of the call that was found. */
	readonly ts: number;
	readonly caller: number;
	readonly cpu: number;
}

const NO_CALLS: CallsInProgress = { find: () => false, ts: 0, caller: 0, cpu: 0 };
/** The dictionary's row of nobody. */
const NOBODY = 0;

/**
 * Follows bios and requests from queue to completion and makes a row of each. They are known by
 * device, sector and kind, or by numbers where the source gives some; merges and splits are followed
 * by where they begin and end. What cannot be told for certain is left out of a row, never guessed.
 */
export class BlockTracker {
	readonly #rows: BlockRowSink;
	readonly #threads: Pick<ThreadRows, "rowOf">;
	readonly #calls: CallsInProgress;
	readonly #devices = new Map<number, DeviceState>();
	readonly #numbered = new Numbered();
	/** Device of the latest event: most events are of the same. */
	#device = new DeviceState(-1, 0);
	/** Grows with every loss: what is older may have ended unseen. */
	#epoch = 0;
	/** Of bios and requests together. */
	#lastId = 0;
	readonly #spareBios: QueuedBio[] = [];
	readonly #spareParts: BioPart[] = [];
	readonly #spareRequests: Request[] = [];

	constructor(
		threads: Pick<ThreadRows, "rowOf">,
		rows: BlockRowSink,
		calls: CallsInProgress = NO_CALLS,
	) {
		this.#threads = threads;
		this.#rows = rows;
		this.#calls = calls;
	}

	/** Events are missing from here on: what began before may be over. */
	lost(): void {
		this.#epoch++;
	}

	add(event: BlockEvent): void {
		if (event.dev !== this.#device.dev) this.#device = this.#deviceOf(event.dev);
		switch (event.action) {
			case BLOCK_ACTION.issue:
				this.#issue(event);
				break;
			case BLOCK_ACTION.complete:
				this.#complete(event);
				break;
			case BLOCK_ACTION.queue:
				this.#queue(event);
				break;
			case BLOCK_ACTION.getRequest:
				this.#getRequest(event);
				break;
			case BLOCK_ACTION.insert:
				this.#insert(event);
				break;
			case BLOCK_ACTION.backMerge:
				this.#backMerge(event);
				break;
			case BLOCK_ACTION.requestMerge:
				this.#mergeRequests(event);
				break;
			case BLOCK_ACTION.bioComplete:
				this.#completeBio(this.#device, event);
				break;
			case BLOCK_ACTION.frontMerge:
				this.#frontMerge(event);
				break;
			case BLOCK_ACTION.requeue:
				this.#requeue(event);
				break;
			case BLOCK_ACTION.split:
				this.#split(event);
				break;
			case BLOCK_ACTION.remap:
				this.#remap(event);
				break;
			default:
				// Plugging, sleeping and what drivers say: nothing moves by it.
				break;
		}
	}

	/** Rows of what never completed. */
	finish(): void {
		for (const device of this.#devices.values()) {
			for (const request of [...device.requests.values()]) this.#giveUp(request);
			for (const part of [...device.parts.values()]) {
				device.parts.remove(part.sector, part);
				this.#endPart(part, Number.NaN, Number.NaN);
			}
		}
		this.#rows.finish();
	}

	#deviceOf(dev: number): DeviceState {
		let device = this.#devices.get(dev);
		if (device === undefined) {
			device = new DeviceState(dev, this.#rows.device(dev, null));
			this.#devices.set(dev, device);
		}
		return device;
	}

	#queue(event: BlockEvent): void {
		const { ts, sector, bytes, op, flags, tid } = event;
		const device = this.#device;
		this.#endUnseen(event.bio);
		const bio = this.#spareBios.pop() ?? new QueuedBio();
		bio.id = ++this.#lastId;
		bio.deviceRow = device.row;
		bio.sector = sector;
		bio.bytes = bytes;
		bio.op = op;
		bio.flags = flags;
		bio.tid = tid;
		bio.thread = Number.isNaN(event.thread) ? this.#threads.rowOf(tid, ts) : event.thread;
		bio.queued = ts;
		bio.inserted = Number.NaN;
		bio.merged = Number.NaN;
		bio.issued = Number.NaN;
		bio.request = 0;
		bio.error = 0;
		bio.parts = 1;
		bio.whole = true;
		const end = sector + Math.ceil(bytes / SECTOR);
		bio.gap = device.arrivals.gap(ts);
		bio.seek = device.arrivals.seek(sector, end);
		device.arrivals.note(ts, sector, end);
		bio.parent = 0;
		bio.queuer = Number.isNaN(event.queuer) ? bio.thread : event.queuer;
		bio.inode = event.inode;
		bio.inodeDev = event.inodeDev;
		bio.cgroup = event.cgroup;
		bio.callTs = Number.NaN;
		// Of one that a kernel thread queued for somebody it is not somebody's call.
		if (bio.queuer === bio.thread && bio.thread !== NOBODY && this.#calls.find(tid)) {
			bio.callTs = this.#calls.ts;
			bio.caller = this.#calls.caller;
			bio.callCpu = this.#calls.cpu;
		}
		if (device.hasRemaps) this.#findParent(device, bio, event.bio || sector);
		this.#addPart(device, bio, sector, end, event.bio);
	}

	/** A bio that had the number of a new one has ended, and nobody saw it. */
	#endUnseen(number: number): void {
		const part = number === 0 ? undefined : this.#numbered.part(number);
		if (part === undefined) return;
		const device = this.#devices.get(part.dev);
		if (part.request !== undefined || device === undefined) {
			this.#numbered.forgetPart(part);
			return;
		}
		device.parts.remove(part.sector, part);
		this.#endPart(part, Number.NaN, Number.NaN);
	}

	/** On its way through a partition a bio is remapped twice, and queued behind that. */
	#remap({ bio, sector, fromDev, fromSector }: BlockEvent): void {
		const above = this.#devices.get(fromDev)?.takeRemap(bio || fromSector);
		if (above === undefined) this.#device.remap(bio || sector, fromDev, fromSector);
		else this.#device.remap(bio || sector, above.dev, above.sector);
	}

	/** The bio above, when the one that is queued was remapped on its way down. */
	#findParent(device: DeviceState, bio: QueuedBio, key: number): void {
		const origin = device.takeRemap(key);
		if (origin === undefined) return;
		const parent = this.#devices.get(origin.dev)?.partHolding(origin.sector)?.bio;
		if (parent === undefined) return;
		// It needs a row that its lower part can refer to.
		parent.whole = false;
		bio.parent = parent.id;
		// Who passes it on is of no interest.
		if (parent.thread !== NOBODY) bio.thread = parent.thread;
	}

	#addPart(device: DeviceState, bio: QueuedBio, sector: number, end: number, number: number): void {
		const part = this.#spareParts.pop() ?? new BioPart();
		part.bio = bio;
		part.sector = sector;
		part.end = end;
		part.op = bio.op;
		part.tid = bio.tid;
		part.epoch = this.#epoch;
		part.merged = Number.NaN;
		part.dev = device.dev;
		part.request = undefined;
		part.following = undefined;
		this.#numbered.namePart(part, number);
		device.parts.add(sector, part);
	}

	/** The part that an event of a bio is about, while no request has it. */
	#partOf({ bio, sector, op, tid }: BlockEvent): BioPart | undefined {
		if (bio === 0) return this.#device.partAt(sector, op, tid);
		const part = this.#numbered.part(bio);
		return part?.request === undefined && part?.dev === this.#device.dev ? part : undefined;
	}

	/** The request that an event is about. */
	#requestOf(event: BlockEvent, issued: boolean): Request | undefined {
		const { request: number, sector, op } = event;
		if (number !== 0) return this.#numbered.request(event);
		return issued ? this.#device.issuedAt(sector, op) : this.#device.waitingAt(sector, op);
	}

	/** The event is the first part's, which has the new number; the rest goes on with the old one. */
	#split({ sector, bytes, op, tid, fromSector, bio: number }: BlockEvent): void {
		const device = this.#device;
		const part = device.partAt(sector, op, tid);
		if (part?.bio === undefined) return;
		const { bio, end, number: rest } = part;
		part.end = sector + Math.ceil(bytes / SECTOR);
		if (fromSector <= sector || fromSector >= end) return;
		bio.parts++;
		bio.whole = false;
		if (number !== 0) this.#numbered.namePart(part, number);
		this.#addPart(device, bio, fromSector, end, rest);
	}

	#getRequest(event: BlockEvent): void {
		const device = this.#device;
		const request = this.#newRequest(event);
		const part = this.#partOf(event);
		if (part === undefined) return;
		device.parts.remove(part.sector, part);
		this.#attach(request, part, event.ts);
		request.end = Math.max(request.end, part.end);
	}

	#newRequest({ ts, sector, bytes, op, flags, tid, request: number }: BlockEvent): Request {
		const device = this.#device;
		this.#retireOlder(device, sector, op);
		const request = this.#spareRequests.pop() ?? new Request();
		request.id = ++this.#lastId;
		request.dev = device.dev;
		request.deviceRow = device.row;
		request.sector = sector;
		request.firstSector = sector;
		request.end = sector + Math.ceil(bytes / SECTOR);
		request.bytes = bytes;
		request.op = op;
		request.flags = flags;
		request.tid = tid;
		request.epoch = this.#epoch;
		request.met = ts;
		request.queued = Number.NaN;
		request.thread = 0;
		request.inserted = Number.NaN;
		request.issued = Number.NaN;
		request.requeues = 0;
		request.bios = 0;
		request.error = 0;
		request.queuer = NOBODY;
		request.inode = 0;
		request.inodeDev = 0;
		request.cgroup = 0;
		request.number = 0;
		this.#numbered.nameRequest(request, number);
		request.parts = undefined;
		request.lastPart = undefined;
		device.requests.add(sector, request);
		return request;
	}

	/** One at the same place that a loss has hidden the end of: the next must not be taken for it. */
	#retireOlder(device: DeviceState, sector: number, op: number): void {
		const older = device.requests.newest(sector);
		if (older === undefined || older.epoch === this.#epoch || older.op !== op) return;
		this.#giveUp(older);
	}

	#attach(request: Request, part: BioPart, ts: number): void {
		part.request = request;
		part.following = undefined;
		if (request.lastPart === undefined) request.parts = part;
		else {
			request.lastPart.following = part;
			part.merged = ts;
		}
		request.lastPart = part;
		request.bios++;
		this.#noteQueued(request, part);
	}

	/** The request is as old as the first of its bios, and its task's. */
	#noteQueued(request: Request, { bio }: BioPart): void {
		// Of one that is not known yet no comparison holds.
		if (bio === undefined || bio.queued >= request.queued) return;
		request.queued = bio.queued;
		request.thread = bio.thread;
		request.queuer = bio.queuer;
		request.inode = bio.inode;
		request.inodeDev = bio.inodeDev;
		request.cgroup = bio.cgroup;
	}

	#backMerge(event: BlockEvent): void {
		const device = this.#device;
		const { sector, op, ts } = event;
		const part = this.#partOf(event);
		if (part === undefined) {
			if (event.bio === 0) this.#mergeRequests(event);
			return;
		}
		const request = device.requestEndingAt(sector, op);
		if (request === undefined) {
			part.merged = ts;
			return;
		}
		device.parts.remove(sector, part);
		this.#attach(request, part, ts);
		request.bytes += (part.end - part.sector) * SECTOR;
		request.end = part.end;
	}

	/** A request that had been got already goes into the one before it. */
	#mergeRequests(event: BlockEvent): void {
		const device = this.#device;
		const second = this.#requestOf(event, false);
		if (second === undefined) return;
		const first = device.requestEndingAt(second.sector, event.op);
		if (first === undefined || first === second) return;
		device.requests.remove(second.sector, second);
		for (let part = second.parts; part !== undefined; part = part.following) part.request = first;
		if (first.lastPart === undefined) first.parts = second.parts;
		else first.lastPart.following = second.parts;
		first.lastPart = second.lastPart ?? first.lastPart;
		first.bios += second.bios;
		first.bytes += second.bytes;
		first.end = second.end;
		if (!(second.queued >= first.queued)) {
			first.queued = second.queued;
			first.thread = second.thread;
			first.queuer = second.queuer;
			first.inode = second.inode;
			first.inodeDev = second.inodeDev;
			first.cgroup = second.cgroup;
		}
		if (device.latest === second) device.latest = undefined;
		this.#release(second);
	}

	#frontMerge(event: BlockEvent): void {
		const device = this.#device;
		const { sector, op, ts } = event;
		const part = this.#partOf(event);
		if (part === undefined) return;
		const request = device.waitingAt(part.end, op);
		if (request === undefined) {
			part.merged = ts;
			return;
		}
		device.parts.remove(sector, part);
		device.requests.remove(request.sector, request);
		part.merged = ts;
		part.request = request;
		part.following = request.parts;
		request.parts = part;
		request.lastPart ??= part;
		request.bios++;
		this.#noteQueued(request, part);
		request.bytes += (part.end - part.sector) * SECTOR;
		request.sector = sector;
		request.firstSector = sector;
		device.requests.add(sector, request);
		device.latest = request;
	}

	/** The request that goes on to be issued. */
	#waiting(event: BlockEvent): Request | undefined {
		const request = this.#requestOf(event, false);
		if (request === undefined || Number.isNaN(request.issued)) return request;
		// One that was issued has ended unseen, and its number is another's.
		this.#giveUp(request);
		return undefined;
	}

	#insert(event: BlockEvent): void {
		const request = this.#waiting(event) ?? this.#newRequest(event);
		if (Number.isNaN(request.inserted)) request.inserted = event.ts;
		this.#device.latest = request;
	}

	#issue(event: BlockEvent): void {
		const request = this.#waiting(event) ?? this.#newRequest(event);
		request.issued = event.ts;
		// What was merged unseen is in the length.
		request.bytes = event.bytes;
		request.end = request.sector + Math.ceil(event.bytes / SECTOR);
	}

	#requeue(event: BlockEvent): void {
		const request = this.#requestOf(event, true);
		if (request === undefined) return;
		request.issued = Number.NaN;
		request.requeues++;
	}

	#complete(event: BlockEvent): void {
		const { bytes, ts, error } = event;
		const device = this.#device;
		const request = this.#requestOf(event, true) ?? this.#requestOf(event, false);
		if (request === undefined) {
			if (event.request === 0) this.#completeBio(device, event);
			return;
		}
		// A driver that has done nothing of it yet says so, too: SCSI's, before it tells the error.
		if (bytes === 0 && request.bytes > 0) return;
		if (error !== 0) request.error = error;
		const end = request.sector + Math.ceil(bytes / SECTOR);
		if (end < request.end) this.#completePartly(device, request, end, ts);
		else this.#completeRequest(device, request, ts);
	}

	/** Drivers may complete a request piece by piece; each moves its beginning on. */
	#completePartly(device: DeviceState, request: Request, end: number, ts: number): void {
		device.requests.remove(request.sector, request);
		request.sector = end;
		device.requests.add(end, request);
		while (request.parts !== undefined && request.parts.end <= end) {
			const part = request.parts;
			request.parts = part.following;
			this.#endRequestPart(request, part, ts);
		}
		if (request.parts === undefined) request.lastPart = undefined;
	}

	#completeRequest(device: DeviceState, request: Request, ts: number): void {
		device.requests.remove(request.sector, request);
		if (device.latest === request) device.latest = undefined;
		const { parts, bios } = request;
		const sole = bios === 1 && parts?.bio?.whole === true && parts.bio.bytes === request.bytes;
		this.#writeRequest(request, ts, sole ? parts.bio : undefined);
		if (sole) this.#dropPart(parts);
		else {
			for (let part = parts; part !== undefined; ) {
				const { following } = part;
				this.#endRequestPart(request, part, ts);
				part = following;
			}
		}
		this.#release(request);
	}

	/** Of a device without requests of its own, such as the device mapper's. */
	#completeBio(device: DeviceState, event: BlockEvent): void {
		const { sector, op, ts, error } = event;
		const part = event.bio === 0 ? device.oldestPartAt(sector, op) : this.#partOf(event);
		if (part === undefined) return;
		device.parts.remove(part.sector, part);
		if (error !== 0 && part.bio !== undefined) part.bio.error = error;
		this.#endPart(part, Number.NaN, ts);
	}

	#giveUp(request: Request): void {
		this.#completeRequest(this.#deviceOf(request.dev), request, Number.NaN);
	}

	/** `sole`: its bio, when that needs no row of its own. */
	#writeRequest(request: Request, ts: number, sole: QueuedBio | undefined): void {
		const { met, tid, firstSector, bios, requeues } = request;
		// Whoever issues a flush does it for many.
		if (bios === 0 && request.op !== BLOCK_OP.flush) request.thread = this.#threads.rowOf(tid, met);
		request.gap = sole === undefined ? Number.NaN : sole.gap;
		request.seek = sole === undefined ? Number.NaN : sole.seek;
		const parent = sole === undefined || sole.parent === 0 ? Number.NaN : sole.parent;
		this.#rows.request(
			...([request, firstSector, ts, met, bios] as const),
			...([sole !== undefined, parent, requeues] as const),
		);
		this.#writeOrigin(request);
		if (sole !== undefined) this.#writeCause(sole, request.id);
	}

	#writeOrigin({ id, inode, inodeDev, cgroup, queuer, thread }: Request | QueuedBio): void {
		if (inodeDev === 0 && queuer === thread) return;
		this.#rows.origin(id, inodeDev, inode, cgroup, queuer);
	}

	#writeCause({ queued, callTs, caller, callCpu }: QueuedBio, id: number): void {
		if (!Number.isNaN(callTs)) this.#rows.cause(queued, id, callTs, caller, callCpu);
	}

	#dropPart(part: BioPart): void {
		this.#numbered.forgetPart(part);
		part.request = undefined;
		if (part.bio !== undefined) this.#spareBios.push(part.bio);
		part.bio = undefined;
		part.following = undefined;
		this.#spareParts.push(part);
	}

	#endRequestPart(request: Request, part: BioPart, ts: number): void {
		const { bio } = part;
		if (bio !== undefined) {
			if (bio.request === 0) {
				bio.request = request.id;
				bio.merged = part.merged;
				bio.inserted = request.inserted;
			}
			if (request.error !== 0) bio.error = request.error;
		}
		this.#endPart(part, request.issued, ts);
	}

	/** The bio has ended with its last part, which is the slowest. */
	#endPart(part: BioPart, issued: number, ts: number): void {
		const { bio } = part;
		this.#numbered.forgetPart(part);
		part.request = undefined;
		part.bio = undefined;
		part.following = undefined;
		this.#spareParts.push(part);
		if (bio === undefined) return;
		bio.issued = issued;
		if (--bio.parts > 0) return;
		this.#writeBio(bio, ts);
		this.#spareBios.push(bio);
	}

	#writeBio(bio: QueuedBio, ts: number): void {
		const { merged, request, parent, sector } = bio;
		// A bio that was merged is in the queue from then on.
		if (!Number.isNaN(merged)) bio.inserted = merged;
		const above = parent === 0 ? Number.NaN : parent;
		this.#rows.io(bio, sector, ts, request === 0 ? Number.NaN : request, above);
		this.#writeOrigin(bio);
		this.#writeCause(bio, bio.id);
	}

	#release(request: Request): void {
		this.#numbered.forgetRequest(request);
		request.parts = undefined;
		request.lastPart = undefined;
		this.#spareRequests.push(request);
	}
}
