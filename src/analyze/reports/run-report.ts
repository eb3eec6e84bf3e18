import { present } from "../../base/assert.js";
import { RelayscopeError } from "../../base/error.js";
import type { Asking } from "../query/asking.js";
import type { SessionFacts } from "../query/session-facts.js";
import { REPORTS } from "./registry.js";
import type { ReportTable, Scope } from "./report.js";
import { parseRange, type TimeRange } from "./time-range.js";
import { findWarnings, type Warning } from "./warnings.js";

/** What a user may say about the answer wanted, as it was written. */
export interface ReportRequest {
	readonly pid?: number;
	readonly comm?: string;
	readonly since?: string;
	readonly until?: string;
	readonly by?: string;
	readonly limit?: number;
}

export interface ReportOutcome {
	readonly facts: SessionFacts;
	readonly range: TimeRange;
	readonly warnings: readonly Warning[];
	readonly tables: readonly ReportTable[];
	/** The whole answer as data. */
	readonly json: object;
}

export function runReport(name: string, asking: Asking, request: ReportRequest): ReportOutcome {
	const report = REPORTS.find((candidate) => candidate.name === name);
	if (report === undefined) {
		throw new RelayscopeError("BAD_ARGUMENT", `there is no report ${name}`, {
			hint: `Reports: ${REPORTS.map((candidate) => candidate.name).join(", ")}.`,
		});
	}
	const by = request.by ?? present(report.by[0], "a report's default rows");
	if (!report.by.includes(by)) {
		throw new RelayscopeError("BAD_ARGUMENT", `the report ${name} has no rows by ${by}`, {
			hint: `Its rows are by ${report.by.join(" or by ")}.`,
		});
	}
	const { facts, database } = asking;
	const range = parseRange(request.since, request.until, facts);
	const { pid, comm, limit } = request;
	const scope: Scope = { facts, range, pid, comm, by, limit };
	const warnings = findWarnings(database, facts, range);
	const { data, tables } = report.answer(database, scope);
	const json = { report: name, session: facts, range, warnings, ...data };
	return { facts, range, warnings, tables, json };
}
