import type { RowBuffer } from "./row-buffer.js";
import type { RowSink } from "./row-sink.js";

/** A call that a detail belongs to; `dur` and `ret` are NaN where it did not return. */
export interface DetailedCall {
	/** ns since the time base. */
	readonly ts: number;
	/** Row of the dictionary of callers. */
	readonly caller: number;
	readonly dur: number;
	readonly ret: number | bigint;
}

export interface ExecRow extends DetailedCall {
	readonly upid: number;
	readonly ppid: number | null;
	/** Row of `call_paths`. */
	readonly paths: number;
	/** JSON; null: not readable. */
	readonly argv: string | null;
	/** The same as a shell would take it. */
	readonly command: string | null;
	/** JSON: the variables that were asked for and set. */
	readonly env: string | null;
	readonly truncated: boolean;
}

export interface SocketCallRow extends DetailedCall {
	readonly fd: number;
	readonly socket: string | null;
	/** Whose address it is. */
	readonly side: "local" | "peer";
	/** Number that `address` gave. */
	readonly address: number;
}

export interface CredentialRow {
	/** ns since the time base. */
	readonly ts: number;
	readonly upid: number;
	readonly pid: number;
	readonly tid: number;
	readonly comm: string | null;
	readonly uid: number;
	readonly euid: number;
	readonly gid: number;
	readonly egid: number;
	/** null: unset. */
	readonly loginuid: number | null;
	readonly sessionId: number | null;
}

/** Rows of what only some calls have. */
export class CallDetailRows {
	readonly #execs: RowBuffer;
	readonly #addresses: RowBuffer;
	readonly #socketCalls: RowBuffer;
	readonly #credentials: RowBuffer;
	#lastAddress = 0;

	constructor(sink: RowSink) {
		this.#execs = sink.table("exec_row");
		this.#addresses = sink.table("address_row");
		this.#socketCalls = sink.table("socket_call_row");
		this.#credentials = sink.table("credential_row");
	}

	exec(row: ExecRow): void {
		this.#execs.add(
			...[row.ts, row.caller, row.upid, row.ppid, row.dur, row.ret, row.paths],
			...[row.argv, row.command, row.env, Number(row.truncated)],
		);
	}

	/** Number of a new row. */
	address(family: string, address: string | null, port: number | null): number {
		const id = ++this.#lastAddress;
		this.#addresses.add(id, family, address, port);
		return id;
	}

	socketCall(row: SocketCallRow): void {
		this.#socketCalls.add(
			...[row.ts, row.caller, row.dur, row.ret],
			...[row.fd, row.socket, row.side, row.address],
		);
	}

	credentials(row: CredentialRow): void {
		this.#credentials.add(
			...[row.ts, row.upid, row.pid, row.tid, row.comm],
			...[row.uid, row.euid, row.gid, row.egid, row.loginuid, row.sessionId],
		);
	}

	flush(): void {
		this.#execs.flush();
		this.#addresses.flush();
		this.#socketCalls.flush();
		this.#credentials.flush();
	}
}
