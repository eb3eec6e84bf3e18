/**
 * Asks the kernel whether a trigger has fired. By looking, not by being woken: a look costs
 * microseconds, and a trigger that has fired waits until it is seen, so none is missed.
 */
const LOOK_EVERY_MS = 20;

export class TriggerWatch {
	readonly #cooldownMs: number;
	readonly #hasFired: () => boolean;
	#timer: NodeJS.Timeout | undefined;
	#state: "idle" | "looking" | "cooling" | "stopped" = "idle";

	/** `cooldownMs`: what fires sooner after a snapshot makes one when it is over. */
	constructor(cooldownMs: number, hasFired: () => boolean) {
		this.#cooldownMs = cooldownMs;
		this.#hasFired = hasFired;
	}

	start(snapshot: () => Promise<unknown>): void {
		this.#state = "looking";
		this.#timer = setTimeout(() => {
			if (!this.#hasFired()) this.start(snapshot);
			else this.#take(snapshot);
		}, LOOK_EVERY_MS);
	}

	/** Whether one has fired that nobody has looked at yet. */
	stop(): boolean {
		const wasLooking = this.#state === "looking";
		this.#state = "stopped";
		clearTimeout(this.#timer);
		return wasLooking && this.#hasFired();
	}

	#take(snapshot: () => Promise<unknown>): void {
		this.#state = "cooling";
		void snapshot().finally(() => {
			if (this.#state !== "cooling") return;
			this.#timer = setTimeout(() => this.start(snapshot), this.#cooldownMs);
		});
	}
}
