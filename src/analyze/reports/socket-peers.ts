import type { QueryDatabase } from "../query/query-database.js";

/** Who began the connection; `none`: it has none, or its beginning was not seen. */
export type Direction = "out" | "in" | "none";

/** What is known of a socket's other end. */
export interface SocketPeer {
	readonly direction: Direction;
	readonly family: string | null;
	/** Null: not known, or several. */
	readonly address: string | null;
	/** Of an accepted connection the other end's port is anything: it is left out. */
	readonly port: number | null;
	/** Of an accepted connection: the port it came to. */
	readonly localPort: number | null;
}

const UNKNOWN: SocketPeer = {
	direction: "none",
	...{ family: null, address: null, port: null, localPort: null },
};

const ACCEPTING = new Set(["accept", "accept4"]);

/** The other ends of sockets, by the kernel's name of each: `socket:[4711]`. */
export class SocketPeers {
	readonly #peers = new Map<string, SocketPeer>();

	constructor(database: QueryDatabase) {
		if (!database.has("socket_calls", "socket")) return;
		const rows = database.rows<
			[string, string, string, string, string | null, bigint | null, bigint]
		>(
			`SELECT socket, name, side, family, address, port, max(ts) FROM socket_calls
			 WHERE socket IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 7`,
		);
		for (const [socket, name, side, family, address, port] of rows) {
			const known = this.of(socket);
			const number = port === null ? null : Number(port);
			this.#peers.set(
				socket,
				side === "local"
					? { ...known, family, localPort: number }
					: peerBy(name, { ...known, family }, address, number),
			);
		}
	}

	of(socket: string): SocketPeer {
		return this.#peers.get(socket) ?? UNKNOWN;
	}
}

function peerBy(
	call: string,
	known: SocketPeer,
	address: string | null,
	port: number | null,
): SocketPeer {
	if (call === "connect") return { ...known, direction: "out", address, port };
	if (ACCEPTING.has(call)) return { ...known, direction: "in", address, port: null };
	// A connection says more than an address that a message or a question names.
	if (known.direction !== "none" && known.address !== null) return known;
	const another = known.address !== null && (known.address !== address || known.port !== port);
	return another ? { ...known, address: null, port: null } : { ...known, address, port };
}
