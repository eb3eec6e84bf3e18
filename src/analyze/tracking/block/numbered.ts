import type { BlockEvent } from "./block-event.js";
import type { BioPart, Request } from "./in-flight.js";

/**
 * Bios and requests in flight by the numbers that a source gives them. A number is another's once
 * what had it has ended, also when that was not seen.
 */
export class Numbered {
	readonly #parts = new Map<number, BioPart>();
	readonly #requests = new Map<number, Request>();

	part(number: number): BioPart | undefined {
		return this.#parts.get(number);
	}

	namePart(part: BioPart, number: number): void {
		part.number = number;
		if (number !== 0) this.#parts.set(number, part);
	}

	forgetPart(part: BioPart): void {
		if (part.number !== 0 && this.#parts.get(part.number) === part) this.#parts.delete(part.number);
		part.number = 0;
	}

	/** The request of an event that gives its number: it had it before, or has its first bio. */
	request({ request: number, bio }: BlockEvent): Request | undefined {
		const named = this.#requests.get(number);
		const holder = this.#parts.get(bio)?.request;
		if (holder === undefined || holder === named) return named;
		// Whatever had the number before has ended unseen.
		if (named !== undefined) this.forgetRequest(named);
		this.nameRequest(holder, number);
		return holder;
	}

	nameRequest(request: Request, number: number): void {
		if (request.number !== number) this.forgetRequest(request);
		request.number = number;
		if (number !== 0) this.#requests.set(number, request);
	}

	forgetRequest(request: Request): void {
		const { number } = request;
		if (number !== 0 && this.#requests.get(number) === request) this.#requests.delete(number);
		request.number = 0;
	}
}
