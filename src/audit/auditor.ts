/** Runs rules over the rows of a database: once, or again and again while rows are added. */
import type { QueryDatabase, SqlValue } from "../analyze/query/query-database.js";
import { type Alert, alertOf } from "./alert.js";
import { type AuditRow, cellOf } from "./audited-view.js";
import { type CompiledRules, compileRules, type ViewScan } from "./compile-rules.js";
import type { Rule } from "./rule.js";
import { SequenceMatcher } from "./sequence-matcher.js";

/** Alerts that later rows may be folded into; the oldest are forgotten. */
const FOLDED_MAX = 65_536;

export class Auditor {
	readonly compiled: CompiledRules;
	readonly #database: QueryDatabase;
	readonly #sequences: ReadonlyMap<Rule, SequenceMatcher>;
	readonly #folded = new Map<string, Alert>();

	/** @throws RelayscopeError BAD_RULE: a rule asks for what the views do not have. */
	constructor(rules: readonly Rule[], database: QueryDatabase) {
		this.#database = database;
		this.compiled = compileRules(rules, database);
		this.#sequences = new Map(
			this.compiled.rules
				.filter(({ steps }) => steps.length > 1)
				.map((rule) => [rule, new SequenceMatcher(rule)]),
		);
	}

	/** Beginnings of sequences that were dropped because there were too many. */
	get forgotten(): number {
		return [...this.#sequences.values()].reduce((sum, { forgotten }) => sum + forgotten, 0);
	}

	/** Alerts of the rows that are in the database now, in the order of time. */
	*run(): Generator<Alert> {
		for (const { row, results, scan } of inOrder(this.#database, this.compiled.scans)) {
			// The last steps first: a row cannot follow itself.
			for (let index = scan.tests.length - 1; index >= 0; index--) {
				const test = scan.tests[index];
				if (test === undefined || !isTrue(results[index])) continue;
				const { rule } = test;
				const sequence = this.#sequences.get(rule);
				const rows = sequence === undefined ? [row] : sequence.take(test.index, row);
				const alert = rows && this.#alert(rule, rows);
				if (alert !== undefined) yield alert;
			}
		}
	}

	/** Undefined: it is one more of an alert that was given. */
	#alert(rule: Rule, rows: readonly AuditRow[]): Alert | undefined {
		const last = rows.at(-1);
		if (rule.oncePer.length === 0 || last === undefined) return alertOf(rule, rows);
		const alike = rule.oncePer.map(({ column }) => String(cellOf(last, column)));
		const key = [rule.pack, rule.id, ...alike].join("\0");
		const given = this.#folded.get(key);
		if (given !== undefined) {
			given.repeats++;
			return undefined;
		}
		const alert = alertOf(rule, rows);
		this.#folded.set(key, alert);
		const [oldest] = this.#folded.keys();
		if (this.#folded.size > FOLDED_MAX && oldest !== undefined) this.#folded.delete(oldest);
		return alert;
	}
}

interface ScannedRow {
	readonly row: AuditRow;
	readonly results: readonly SqlValue[];
	readonly scan: ViewScan;
}

/** The views' rows as one stream, by time; of equal times in the order of the scans. */
function* inOrder(database: QueryDatabase, scans: readonly ViewScan[]): Generator<ScannedRow> {
	const streams = scans.map((scan) => rowsOf(database, scan));
	try {
		const heads = streams.map((stream) => stream.next());
		for (;;) {
			let first = -1;
			let ts = 0n;
			for (const [index, head] of heads.entries()) {
				if (head.done !== true && (first < 0 || head.value.row.ts < ts)) {
					first = index;
					ts = head.value.row.ts;
				}
			}
			const head = heads[first];
			const stream = streams[first];
			if (head === undefined || stream === undefined || head.done === true) return;
			yield head.value;
			heads[first] = stream.next();
		}
	} finally {
		for (const stream of streams) stream.return(undefined);
	}
}

function* rowsOf(database: QueryDatabase, scan: ViewScan): Generator<ScannedRow, undefined> {
	const width = scan.view.columns.length;
	for (const values of database.rows<readonly SqlValue[]>(scan.sql, ...scan.values)) {
		const [ts] = values;
		// What has no time cannot come before or after anything.
		if (typeof ts !== "bigint") continue;
		const row = { view: scan.view, ts, values: values.slice(0, width) };
		yield { row, results: values.slice(width), scan };
	}
	return undefined;
}

function isTrue(value: SqlValue | undefined): boolean {
	return value !== null && value !== undefined && value !== 0n && value !== 0;
}
