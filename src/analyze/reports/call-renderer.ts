import type { CallArgument, CallTable } from "../../syscalls/argument-table.js";
import { type RecordedCall, renderArguments, renderCall } from "../../syscalls/render-call.js";
import type { QueryDatabase } from "../query/query-database.js";

const NO_ARGUMENTS: readonly CallArgument[] = [];

/** Writes calls out by what the session says of their arguments. */
export class CallRenderer {
	readonly #declared = new Map<string, CallArgument[]>();

	constructor(database: QueryDatabase) {
		if (!database.has("syscall_arguments")) return;
		const rows = database.rows<[string, string, string, string, string]>(
			`SELECT name, abi, argument, type, kind FROM syscall_arguments ORDER BY name, abi, position`,
		);
		for (const [call, abi, name, type, kind] of rows) {
			const key = keyOf(call, abi);
			const described = this.#declared.get(key);
			if (described === undefined) this.#declared.set(key, [{ name, type, kind }]);
			else described.push({ name, type, kind });
		}
	}

	/** The whole call as strace would print it. */
	call(call: RecordedCall): string {
		return renderCall(call, this.#of(call));
	}

	/** What it was called with, by name. */
	arguments(call: RecordedCall): Readonly<Record<string, string>> {
		const rendered = renderArguments(call, this.#of(call));
		return Object.fromEntries(rendered.map(({ name, text }) => [name, text]));
	}

	#of({ name, table, registers }: RecordedCall): readonly CallArgument[] {
		const declared = this.#declared.get(keyOf(name, table));
		if (declared !== undefined) return declared;
		// No table has it: what the registers held is all there is to tell.
		return registers.some((register) => register !== null) ? UNNAMED : NO_ARGUMENTS;
	}
}

const UNNAMED: readonly CallArgument[] = Array.from({ length: 6 }, (_, position) => ({
	name: `arg${position}`,
	type: "unsigned long",
	kind: "hex",
}));

/** The table that a call of this ABI was made through. */
export function tableOf(abi: string | null): CallTable {
	return abi === "ia32" ? "ia32" : "x86_64";
}

function keyOf(call: string, abi: string): string {
	return `${abi} ${call}`;
}
