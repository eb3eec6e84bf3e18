import { RelayscopeError } from "../../base/error.js";

/** A path that was asked for: one, or all that a pattern matches. */
export interface PathPattern {
	readonly text: string;
	readonly kind: "exact" | "glob";
	/** SQL that holds for a column's matching values; `text` is what it binds. */
	condition(column: string): string;
}

/** The kernel's names of what has no path, such as `pipe:[4711]`: brackets are no pattern in them. */
const UNNAMED = /^[a-z_]+:\[[\w-]+\]$/;

/** `/etc/passwd`, or with any of `* ? [` a pattern of SQLite's GLOB, whose `*` takes slashes, too. */
export function parsePathPattern(text: string): PathPattern {
	const glob = /[*?[]/.test(text) && !UNNAMED.test(text);
	if (!/^\/|^[*?[]|^[a-z_]+:/.test(text)) {
		throw new RelayscopeError("BAD_ARGUMENT", `"${text}" is not an absolute path`, {
			hint: `Paths are recorded from the root: /etc/passwd, or a pattern: '/etc/*', '*/passwd'.`,
		});
	}
	const operator = glob ? "GLOB" : "=";
	return {
		text,
		kind: glob ? "glob" : "exact",
		condition: (column) => `${column} ${operator} ?`,
	};
}
