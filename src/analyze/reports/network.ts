import type { QueryDatabase } from "../query/query-database.js";
import { hasFiles, readFileUse } from "./file-calls.js";
import { addFigures, type FileFigures, NO_USE } from "./file-use.js";
import { parsePathPattern } from "./path-pattern.js";
import { defineReport, filterOf, limited, type Scope } from "./report.js";
import { type Direction, type SocketPeer, SocketPeers } from "./socket-peers.js";

interface PeerRow {
	/** Only when rows stand for processes. */
	readonly pid?: number;
	readonly upid?: number | null;
	readonly comm?: string | null;
	readonly direction: Direction;
	readonly family: string | null;
	readonly address: string | null;
	readonly port: number | null;
	readonly localPort: number | null;
	readonly sockets: number;
	/** Connects that failed. */
	readonly refused: number;
	readonly bytesSent: bigint;
	readonly bytesReceived: bigint;
	readonly calls: number;
	readonly errors: number;
	/** ns in these calls. */
	readonly timeNs: bigint;
}

interface NetworkResult {
	readonly by: string;
	/** Whether the recording knows which sockets calls are about. */
	readonly recorded: boolean;
	readonly peers: readonly PeerRow[];
	readonly omitted: number;
}

/** Who talked to whom, and how much. */
export const network = defineReport<NetworkResult>({
	name: "network",
	summary: "who talked to whom: sockets, bytes, errors, time",
	by: ["process", "peer"],
	filters: ["pid", "comm"],

	build(database, scope) {
		if (!hasFiles(database)) return { by: scope.by, recorded: false, peers: [], omitted: 0 };
		const found = totalPeers(database, scope).sort(byTraffic);
		const { rows, omitted } = limited(found, scope.limit);
		return { by: scope.by, recorded: true, peers: rows, omitted };
	},

	tables({ by, recorded, peers, omitted }) {
		const byProcess = by === "process";
		return [
			{
				title: byProcess ? "Sockets by process and peer" : "Sockets by peer",
				columns: [
					...(byProcess
						? ([
								{ title: "pid", kind: "id" },
								{ title: "comm", kind: "text" },
							] as const)
						: []),
					{ title: "family", kind: "text" },
					{ title: "way", kind: "text" },
					{ title: "peer", kind: "text", shrinks: true },
					{ title: "sockets", kind: "count" },
					{ title: "refused", kind: "count" },
					{ title: "sent", kind: "bytes" },
					{ title: "received", kind: "bytes" },
					{ title: "calls", kind: "count" },
					{ title: "errors", kind: "count" },
					{ title: "time", kind: "duration" },
				],
				rows: peers.map((row) => [
					...(byProcess ? [row.pid ?? null, row.comm ?? null] : []),
					...[row.family, row.direction === "none" ? null : row.direction, peerText(row)],
					...[row.sockets, row.refused, row.bytesSent, row.bytesReceived],
					...[row.calls, row.errors, row.timeNs],
				]),
				omitted,
				whenEmpty: recorded
					? "No socket was used by what was asked about."
					: "Which sockets calls are about was not recorded: record with --strings.",
			},
		];
	},
});

/** As people write it; what came in, with the port that it came to. */
function peerText({ direction, family, address, port, localPort }: PeerRow): string | null {
	const host = family === "inet6" && address !== null ? `[${address}]` : address;
	if (direction === "in") {
		return localPort === null ? host : `${host ?? "?"} to port ${localPort}`;
	}
	if (host === null) return localPort === null ? null : `at port ${localPort}`;
	return port === null ? host : `${host}:${port}`;
}

class PeerGroup {
	figures: FileFigures = NO_USE;
	readonly sockets = new Set<string>();
	/** Sockets with the processes that used them. */
	readonly users = new Set<string>();
	refused = 0;

	constructor(
		readonly whose: Pick<PeerRow, "pid" | "upid" | "comm">,
		readonly peer: SocketPeer,
	) {}

	row(): PeerRow {
		const { calls, errors, bytesRead, bytesWritten, timeNs } = this.figures;
		return {
			...this.whose,
			...this.peer,
			...{ sockets: this.sockets.size, refused: this.refused },
			...{ bytesSent: bytesWritten, bytesReceived: bytesRead, calls, errors, timeNs },
		};
	}
}

const SOCKETS = parsePathPattern("socket:*");

function totalPeers(database: QueryDatabase, scope: Scope): PeerRow[] {
	const peers = new SocketPeers(database);
	const refused = countRefused(database, scope);
	const groups = new Map<string, PeerGroup>();
	for (const { caller, process, path: socket, figures } of readFileUse(database, {
		...scope,
		path: SOCKETS,
	})) {
		const { pid, upid, processComm } = caller;
		const byProcess = scope.by === "process";
		const peer = peers.of(socket);
		const key = `${byProcess ? process : ""} ${JSON.stringify(peer)}`;
		let group = groups.get(key);
		if (group === undefined) {
			group = new PeerGroup(byProcess ? { pid, upid, comm: processComm } : {}, peer);
			groups.set(key, group);
		}
		group.figures = addFigures(group.figures, figures);
		group.sockets.add(socket);
		const whose = connectsKey(socket, pid);
		if (!group.users.has(whose)) {
			group.users.add(whose);
			group.refused += refused.get(whose) ?? 0;
		}
	}
	return [...groups.values()].map((group) => group.row());
}

function connectsKey(socket: string, pid: number): string {
	return `${socket} ${pid}`;
}

/** Connects that came to nothing; one that goes on by itself is none. */
function countRefused(database: QueryDatabase, scope: Scope): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	if (!database.has("socket_calls", "socket")) return counts;
	const { where, values } = filterOf(scope);
	const rows = database.numberRows<[string, number, number]>(
		`SELECT socket, pid, count(*) FROM socket_calls ${where === "" ? "WHERE" : `${where} AND`}
			name = 'connect' AND socket IS NOT NULL AND errno IS NOT NULL
			AND errno NOT IN ('EINPROGRESS', 'EALREADY', 'EISCONN') GROUP BY 1, 2`,
		...values,
	);
	for (const [socket, pid, count] of rows) counts.set(connectsKey(socket, pid), count);
	return counts;
}

function byTraffic(a: PeerRow, b: PeerRow): number {
	const [x, y] = [a.bytesSent + a.bytesReceived, b.bytesSent + b.bytesReceived];
	if (x !== y) return x < y ? 1 : -1;
	if (a.calls !== b.calls) return b.calls - a.calls;
	const [p, q] = [peerText(a) ?? "", peerText(b) ?? ""];
	return p === q ? (a.upid ?? a.pid ?? 0) - (b.upid ?? b.pid ?? 0) : p < q ? -1 : 1;
}
