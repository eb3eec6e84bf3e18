import type { QueryDatabase } from "../analyze/query/query-database.js";
import { type AlertRow, replaceAlerts } from "../store/alert-rows.js";
import type { Alert } from "./alert.js";
import { Auditor } from "./auditor.js";
import type { Pack, Rule } from "./rule.js";

export interface AuditResult {
	/** In the order of time. */
	readonly alerts: readonly Alert[];
	/** Rules that were run. */
	readonly rules: readonly Rule[];
	/** Rules about views that the session does not have, by view. */
	readonly skipped: ReadonlyMap<string, readonly Rule[]>;
	/** Beginnings of sequences that were dropped because there were too many. */
	readonly forgotten: number;
}

/** @throws RelayscopeError BAD_RULE */
export function runAudit(packs: readonly Pack[], database: QueryDatabase): AuditResult {
	const rules = packs.flatMap((pack) => pack.rules);
	const auditor = new Auditor(rules, database);
	const alerts = [...auditor.run()];
	const { compiled, forgotten } = auditor;
	return { alerts, rules: compiled.rules, skipped: compiled.skipped, forgotten };
}

/** Into view `alerts`; false: the database can only be read. */
export function keepAlerts(alerts: readonly Alert[], databasePath: string): boolean {
	return replaceAlerts(databasePath, rowsOf(alerts));
}

function* rowsOf(alerts: readonly Alert[]): Generator<AlertRow> {
	for (const { rule, ts, pid, comm, message, sourceView, sourceId, repeats } of alerts) {
		const { id, severity, pack } = rule;
		yield {
			...{ rule: id, severity, pack, ts, pid, comm, message },
			...{ sourceView, sourceId, repeats },
		};
	}
}
