import type { CallDetailRows, DetailedCall } from "../../../store/call-detail-rows.js";
import type { Process } from "../thread.js";
import type { CallInFlight } from "./call-in-flight.js";
import { environmentJson, execTexts, shellQuoted } from "./exec-texts.js";
import { RecentMap } from "./recent-map.js";
import { decodeSocketAddress } from "./socket-address.js";

const ADDRESSES_REMEMBERED = 2 ** 15;

/** Makes rows of what a call's details say. */
export class DetailRows {
	readonly #addresses = new RecentMap<number>(ADDRESSES_REMEMBERED);

	constructor(private readonly rows: CallDetailRows) {}

	/** `paths` is the call's row of `call_paths`. */
	exec(call: DetailedCall, process: Process, paths: number, flight: CallInFlight): void {
		const { details, detailsTruncated: truncated } = flight;
		const texts = details === null ? undefined : execTexts(details, truncated);
		this.rows.exec({
			...call,
			...{ upid: process.upid, ppid: process.ppid, paths, truncated },
			argv: texts === undefined ? null : JSON.stringify(texts.argv),
			command: texts === undefined ? null : shellQuoted(texts.argv),
			env: texts === undefined ? null : environmentJson(texts.env),
		});
	}

	socketCall(
		call: DetailedCall,
		side: "local" | "peer",
		fd: number,
		socket: string | undefined,
		details: Buffer,
	): void {
		const address = this.#address(details);
		if (address === undefined) return;
		this.rows.socketCall({ ...call, fd, socket: socket ?? null, side, address });
	}

	#address(bytes: Buffer): number | undefined {
		const key = bytes.toString("latin1");
		let row = this.#addresses.get(key);
		if (row === undefined) {
			const decoded = decodeSocketAddress(bytes);
			if (decoded === undefined) return undefined;
			row = this.rows.address(decoded.family, decoded.address, decoded.port);
			this.#addresses.set(key, row);
		}
		return row;
	}
}
