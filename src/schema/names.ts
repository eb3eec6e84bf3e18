/** The views of every session: a public contract, so no event may take one of these names. */
export const BUILTIN_VIEWS: readonly string[] = [
	"session",
	"process",
	"thread",
	"credentials",
	"execs",
	"files",
	"sockets",
	"socket_calls",
	"syscalls",
	"syscall_arguments",
	"argument_symbols",
	"block_requests",
	"block_ios",
	"block_devices",
	"io_causes",
	"sched_slices",
	"logs",
	"context",
	"stacks",
	"alerts",
	"losses",
	"stats",
];

/** Sources that Relayscope's own modules bring: another module's cannot have such a name. */
export const BUILTIN_SOURCES: readonly string[] = ["syscalls", "sched", "block", "printk", "klog"];

/** Tables of the store with names of other kinds than `event_x` and `x_row`. */
const INTERNAL_TABLES = new Set([
	"session_value",
	"store_value",
	"errno_name",
	"caller",
	"call_window",
	"call_paths",
	"file_window",
	"block_window",
	"named_thread",
	"context_event",
]);

/** Columns that every event's view has before its fields. */
export const EVENT_BASE_COLUMNS = ["ts", "cpu", "pid", "tid"] as const;

/** Key of an event's row table; not part of its view. */
export const EVENT_KEY_COLUMN = "row_id";

const NAME_MAX = 48;
const SNAKE_CASE = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/** What SQLite takes as a name only in quotes, or for something else: no query should need those. */
const SQL_KEYWORDS = new Set(
	`add all alter always and as autoincrement between case cast check collate commit constraint
	create current_date current_time current_timestamp default deferrable delete distinct drop
	else escape except exists foreign from group having if in index insert intersect into is
	isnull join limit not nothing notnull null on or order primary raise references returning
	select set table then to transaction union unique update using values when where`.split(/\s+/),
);

/** Names that are no free struct member in kernel C, user-space C or C++. */
const C_NAMES = new Set(
	`alignas alignof and and_eq asm auto bitand bitor bool break case catch char class co_await
	co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype
	default delete do double dynamic_cast else enum explicit export extern false float for friend goto
	if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private
	protected public register reinterpret_cast requires restrict return short signed sizeof static
	static_assert static_cast struct switch template this thread_local throw true try typedef typeid
	typename typeof union unsigned using virtual void volatile wchar_t while xor xor_eq
	asmlinkage current current_stack_pointer errno fallthrough i386 linux noinline noinstr notrace
	unix`.split(/\s+/),
);

/** Columns SQLite gives every table by itself. */
const SQL_ROW_NAMES = new Set(["rowid", "oid"]);

/** Members that the generated C struct has besides the fields. */
const GENERATED_MEMBER = /^(?:header|tails|pad\d+)$/;

/** What makes an identifier unusable anywhere, in a session's own schema too; undefined when fine. */
export function identifierProblem(name: string): string | undefined {
	if (!SNAKE_CASE.test(name)) return "is not snake_case (a-z, 0-9 and single _ between)";
	if (name.length > NAME_MAX) return `is longer than ${NAME_MAX} characters`;
	return undefined;
}

/** As identifierProblem, for what would break this program's own tables and views. */
export function eventNameProblem(name: string, view: string): string | undefined {
	const problem = identifierProblem(name);
	if (problem !== undefined) return problem;
	if (/^(?:event|sqlite)_|_row$/.test(name)) return "reads like the names of internal tables";
	if (INTERNAL_TABLES.has(name)) return "is the name of an internal table";
	if (name === view && BUILTIN_VIEWS.includes(name)) return "is a built-in view's name";
	return undefined;
}

/** As identifierProblem, for a field that would hide a column of its event's table. */
export function columnProblem(name: string): string | undefined {
	const problem = identifierProblem(name);
	if (problem !== undefined) return problem;
	if (EVENT_BASE_COLUMNS.some((column) => column === name)) {
		return "is a column that every event has";
	}
	if (name === EVENT_KEY_COLUMN || SQL_ROW_NAMES.has(name)) return "is the row key's name";
	return undefined;
}

/** Stricter, for a declaration that can still be changed. */
export function declaredEventProblem(name: string, view: string): string | undefined {
	const problem = eventNameProblem(name, view);
	if (problem !== undefined) return problem;
	if (SQL_KEYWORDS.has(name)) return "is an SQL keyword";
	if (name.endsWith("_fixed")) return "ends in _fixed, which the C header uses for sizes";
	return undefined;
}

/** Stricter, for a declaration that can still be changed. */
export function declaredFieldProblem(name: string): string | undefined {
	const problem = columnProblem(name);
	if (problem !== undefined) return problem;
	if (SQL_KEYWORDS.has(name)) return "is an SQL keyword";
	if (C_NAMES.has(name)) return "is a keyword or macro in C or C++";
	if (GENERATED_MEMBER.test(name)) return "is a member that the generated C struct has";
	return undefined;
}
