import type { BoundValue, RowBuffer } from "./row-buffer.js";
import type { RowSink } from "./row-sink.js";

/** What one record carried beside its fields; null: not asked for, or not to be had. */
export interface ContextRow {
	readonly ts: number;
	readonly cpu: number;
	/** Row of `named_thread`. */
	readonly thread: number;
	/** Number that `event` gave. */
	readonly event: number;
	readonly kernelStack: number | null;
	readonly userStack: number | null;
	readonly cgroup: bigint | null;
	/** Number that `namespaces` gave. */
	readonly namespaces: number | null;
	/** RELAYSCOPE_CONTEXT_* flags of its footer. */
	readonly flags: number;
}

export interface FrameRow {
	readonly id: number;
	readonly kind: "kernel" | "user";
	readonly address: bigint;
	readonly symbol: string | undefined;
	readonly symbolOffset: number | undefined;
	readonly object: string | undefined;
	readonly objectOffset: bigint | undefined;
}

/** Rows of contexts, and the dictionaries of what many of them have in common. */
export class ContextRows {
	readonly #contexts: RowBuffer;
	readonly #events: RowBuffer;
	readonly #namespaces: RowBuffer;
	readonly #cgroups: RowBuffer;
	readonly #stacks: RowBuffer;
	readonly #frames: RowBuffer;
	#lastEvent = 0;
	#lastNamespaces = 0;
	#lastStack = 0;

	constructor(sink: RowSink) {
		this.#contexts = sink.table("context_row");
		this.#events = sink.table("context_event");
		this.#namespaces = sink.table("namespace_row");
		this.#cgroups = sink.table("cgroup_row");
		this.#stacks = sink.table("stack_row");
		this.#frames = sink.table("frame_row");
	}

	event(name: string): number {
		this.#events.add(++this.#lastEvent, name);
		return this.#lastEvent;
	}

	/** Inode numbers in the order of the table's columns; null: not known. */
	namespaces(inodes: readonly (number | null)[]): number {
		this.#namespaces.add(++this.#lastNamespaces, ...inodes);
		return this.#lastNamespaces;
	}

	cgroup(id: bigint, path: string): void {
		this.#cgroups.add(BigInt.asIntN(64, id), path);
	}

	/** A new stack of these frames, innermost first. */
	stack(frames: readonly number[]): number {
		const id = ++this.#lastStack;
		frames.forEach((frame, level) => {
			this.#stacks.add(id, level, frame);
		});
		return id;
	}

	frame({ id, kind, address, symbol, symbolOffset, object, objectOffset }: FrameRow): void {
		const place: BoundValue[] = [
			...[symbol ?? null, symbolOffset ?? null],
			...[object ?? null, objectOffset ?? null],
		];
		this.#frames.add(id, kind, BigInt.asIntN(64, address), ...place);
	}

	add(row: ContextRow): void {
		const { ts, cpu, thread, event, kernelStack, userStack, cgroup, namespaces, flags } = row;
		const signed = cgroup === null ? null : BigInt.asIntN(64, cgroup);
		this.#contexts.add(
			...[ts, cpu, thread, event],
			...[kernelStack, userStack, signed, namespaces, flags],
		);
	}

	flush(): void {
		this.#contexts.flush();
		this.#events.flush();
		this.#namespaces.flush();
		this.#cgroups.flush();
		this.#stacks.flush();
		this.#frames.flush();
	}
}
