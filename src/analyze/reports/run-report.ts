import { present } from "../../base/assert.js";
import { RelayscopeError } from "../../base/error.js";
import type { Asking } from "../query/asking.js";
import type { SessionFacts } from "../query/session-facts.js";
import { findDevice } from "./device.js";
import { parsePathPattern } from "./path-pattern.js";
import { REPORTS } from "./registry.js";
import { REPORT_FILTERS, type Report, type ReportTable, type Scope } from "./report.js";
import { parseRange, type TimeRange } from "./time-range.js";
import { findWarnings, type Warning } from "./warnings.js";

/** What a user may say about the answer wanted, as it was written. */
export interface ReportRequest {
	readonly pid?: number;
	readonly comm?: string;
	/** Absolute, or a pattern of SQLite's GLOB. */
	readonly path?: string;
	/** `8:0`, `sda` or `/dev/sda`. */
	readonly device?: string;
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
	refuseOtherFilters(report, request);
	const { facts, database } = asking;
	const range = parseRange(request.since, request.until, facts);
	const { pid, comm, limit } = request;
	const path = request.path === undefined ? undefined : parsePathPattern(request.path);
	const device = request.device === undefined ? undefined : findDevice(database, request.device);
	const scope: Scope = { facts, range, pid, comm, path, device, by, limit };
	const warnings = findWarnings(database, facts, range);
	const { data, tables } = report.answer(database, scope);
	const json = { report: name, session: facts, range, warnings, ...data };
	return { facts, range, warnings, tables, json };
}

/** A filter that a report cannot apply must not be left out in silence. */
function refuseOtherFilters(report: Report, request: ReportRequest): void {
	const refused = REPORT_FILTERS.find(
		(filter) => request[filter] !== undefined && !report.filters.includes(filter),
	);
	if (refused === undefined) return;
	const taken = ["since", "until", ...report.filters].map((filter) => `--${filter}`).join(", ");
	const others = REPORTS.filter(({ filters }) => filters.includes(refused)).map(({ name }) => name);
	throw new RelayscopeError("BAD_ARGUMENT", `the report ${report.name} takes no --${refused}`, {
		hint: `It takes ${taken}. Reports that take --${refused}: ${others.join(", ")}.`,
	});
}
