import { type AuditRow, cellOf } from "./audited-view.js";
import type { Link, Rule } from "./rule.js";

/** Beginnings of a sequence that are remembered at once; the oldest go first. */
const BEGINNINGS_MAX = 100_000;

interface Beginning {
	readonly rows: readonly AuditRow[];
	readonly begin: bigint;
	readonly lookup: string;
	readonly identity: string;
}

/** Beginnings that wait for one step: by what that step's row must have in common with them. */
class Waiting {
	readonly #byLookup = new Map<string, Map<string, Beginning>>();
	#order: Beginning[] = [];
	#gone = 0;
	#size = 0;
	forgotten = 0;

	add(beginning: Beginning): void {
		const { lookup, identity } = beginning;
		let alike = this.#byLookup.get(lookup);
		if (alike === undefined) {
			alike = new Map();
			this.#byLookup.set(lookup, alike);
		}
		// Of those that no later row can tell apart the newest will do: it lasts longest.
		if (!alike.has(identity)) this.#size++;
		alike.delete(identity);
		alike.set(identity, beginning);
		this.#order.push(beginning);
		while (this.#size > BEGINNINGS_MAX) {
			if (this.#dropOldest()) this.forgotten++;
		}
	}

	get(lookup: string): Iterable<Beginning> {
		return this.#byLookup.get(lookup)?.values() ?? [];
	}

	forgetBefore(ts: bigint): void {
		for (;;) {
			const oldest = this.#order[this.#gone];
			if (oldest === undefined || oldest.begin >= ts) return;
			this.#dropOldest();
		}
	}

	/** False: a newer one had taken its place. */
	#dropOldest(): boolean {
		const oldest = this.#order[this.#gone++];
		if (this.#gone > 1024 && this.#gone * 2 > this.#order.length) {
			this.#order = this.#order.slice(this.#gone);
			this.#gone = 0;
		}
		if (oldest === undefined) return false;
		const alike = this.#byLookup.get(oldest.lookup);
		if (alike?.get(oldest.identity) !== oldest) return false;
		alike.delete(oldest.identity);
		if (alike.size === 0) this.#byLookup.delete(oldest.lookup);
		this.#size--;
		return true;
	}
}

/** Follows one rule's sequences through rows in the order of time. */
export class SequenceMatcher {
	readonly #rule: Rule;
	/** Of each step but the first: beginnings that wait for it. */
	readonly #waiting: readonly Waiting[];
	/** Of each step: columns of the rows before it that later steps still compare. */
	readonly #compared: readonly (readonly { readonly step: number; readonly column: string }[])[];

	constructor(rule: Rule) {
		this.#rule = rule;
		this.#waiting = rule.steps.map(() => new Waiting());
		this.#compared = rule.steps.map((_, index) =>
			rule.steps
				.slice(index)
				.flatMap(({ links }) =>
					links
						.map(({ step, stepColumn: column }) => ({ step: this.#indexOf(step), column }))
						.filter(({ step }) => step < index),
				),
		);
	}

	/** Beginnings that were dropped for want of room. */
	get forgotten(): number {
		return this.#waiting.reduce((sum, { forgotten }) => sum + forgotten, 0);
	}

	/** A row that a step looks for; the rows of the sequence when it completes one. */
	take(index: number, row: AuditRow): readonly AuditRow[] | undefined {
		if (index === 0) return this.#go([row], 0);
		const links = this.#rule.steps[index]?.links ?? [];
		const lookup = keyOf(links.map(({ column }) => cellOf(row, column)));
		const waiting = this.#waiting[index];
		if (lookup === undefined || waiting === undefined) return undefined;
		const { within } = this.#rule;
		if (within !== undefined) waiting.forgetBefore(row.ts - within);
		let complete: readonly AuditRow[] | undefined;
		for (const { rows, begin } of waiting.get(lookup)) {
			const last = rows.at(-1);
			if (last === undefined || last.ts > row.ts || last === row) continue;
			if (within !== undefined && row.ts - begin > within) continue;
			complete = this.#go([...rows, row], index) ?? complete;
		}
		return complete;
	}

	#go(rows: readonly AuditRow[], index: number): readonly AuditRow[] | undefined {
		const next = index + 1;
		const step = this.#rule.steps[next];
		const waiting = this.#waiting[next];
		if (step === undefined || waiting === undefined) return rows;
		const lookup = keyOf(step.links.map((link) => this.#stepValue(rows, link)));
		if (lookup === undefined) return undefined;
		const values = (this.#compared[next] ?? []).map(({ step: of, column }) =>
			valueAt(rows, of, column),
		);
		const identity = values.map(String).join("\0");
		waiting.add({ rows, begin: rows[0]?.ts ?? 0n, lookup, identity });
		return undefined;
	}

	#stepValue(rows: readonly AuditRow[], { step, stepColumn }: Link) {
		return valueAt(rows, this.#indexOf(step), stepColumn);
	}

	#indexOf(step: string): number {
		return this.#rule.steps.findIndex(({ name }) => name === step);
	}
}

function valueAt(rows: readonly AuditRow[], step: number, column: string) {
	const row = rows[step];
	return row === undefined ? null : cellOf(row, column);
}

/** Undefined: one is not known, and what is not known equals nothing. */
function keyOf(values: readonly unknown[]): string | undefined {
	return values.includes(null) ? undefined : values.map(String).join("\0");
}
