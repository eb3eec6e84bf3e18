/** What audit rules found. Filled after the database is made: its rows come from the others. */
export const ALERT_TABLES = `
CREATE TABLE alert_row (
	ts INTEGER NOT NULL,
	rule TEXT NOT NULL,
	severity TEXT NOT NULL,
	pid INTEGER,
	comm TEXT,
	message TEXT NOT NULL,
	source_view TEXT NOT NULL,
	source_id TEXT NOT NULL,
	pack TEXT NOT NULL,
	repeats INTEGER NOT NULL,
	origin TEXT NOT NULL
);
CREATE VIEW alerts AS
	SELECT ts, rule, severity, pid, comm, message, source_view, source_id, pack, repeats, origin
	FROM alert_row;
`;
