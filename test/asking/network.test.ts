/** The report on sockets: who talked to whom. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Asking } from "../../src/analyze/query/asking.js";
import { runReport } from "../../src/analyze/reports/run-report.js";
import { present } from "../../src/base/assert.js";
import { reportText } from "../../src/cli/output/report-text.js";
import type { SessionStore } from "../../src/store/session-store.js";
import { addProcess, askStoredSession, writeStoredSession } from "./stored-session.js";

let directory: string;
let asking: Asking;

/** A client of a web server, of a name server, and of one that is not there; a server; a pipe. */
function fill(store: SessionStore): void {
	const client = { upid: 1, pid: 11, comm: "curl" };
	const server = { upid: 2, pid: 12, comm: "nginx" };
	addProcess(store, client);
	addProcess(store, server);
	const strings = present(store.strings, "a session's strings");
	const none = {
		...{ path: null, pathGiven: null, path2: null, path2Given: null },
		...{ fdPath2: null, file: null, truncated: false },
	};
	const web = strings.callDetails.address("inet6", "2001:db8::1", 443);
	const names = strings.callDetails.address("inet", "192.0.2.53", 53);
	const absent = strings.callDetails.address("inet", "192.0.2.1", 80);
	const listening = strings.callDetails.address("inet", "0.0.0.0", 8080);
	const visitor = strings.callDetails.address("inet", "198.51.100.7", 50000);
	const paths = new Map<string, number>();
	let ts = 1000;
	const call = (
		who: typeof client,
		name: string,
		socket: string,
		ret: number,
		about?: { readonly address: number; readonly side?: "local" | "peer"; readonly of?: string },
	): void => {
		let named = paths.get(socket);
		if (named === undefined) {
			named = strings.callPaths.paths({ ...none, fdPath: socket });
			paths.set(socket, named);
		}
		const caller = store.calls.caller(who.upid, who.pid, who.pid, who.comm, name);
		store.calls.add(ts, caller, 0, 100, ret, undefined, named);
		if (about !== undefined) {
			const { address, side = "peer", of = socket } = about;
			strings.callDetails.socketCall({
				...{ ts, caller, dur: 100, ret, fd: 3, socket: of, side, address },
			});
		}
		ts += 1000;
	};
	call(client, "sendto", "socket:[1]", 40, { address: names });
	call(client, "recvfrom", "socket:[1]", 90, { address: names });
	call(client, "connect", "socket:[2]", -115, { address: web });
	call(client, "write", "socket:[2]", 700);
	call(client, "read", "socket:[2]", -11);
	call(client, "read", "socket:[2]", 9_000);
	call(client, "connect", "socket:[3]", -111, { address: absent });
	call(client, "connect", "socket:[4]", -111, { address: absent });
	call(client, "write", "pipe:[5]", 10);
	call(server, "bind", "socket:[6]", 0, { address: listening, side: "local" });
	call(server, "accept4", "socket:[6]", 4, { address: visitor, of: "socket:[7]" });
	call(server, "getsockname", "socket:[7]", 0, { address: listening, side: "local" });
	call(server, "recvmsg", "socket:[7]", 300);
	call(server, "sendmsg", "socket:[7]", 4_000);
}

beforeAll(async () => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-network-"));
	await writeStoredSession(directory, fill);
	asking = askStoredSession(directory);
});

afterAll(() => {
	asking.database.close();
	rmSync(directory, { recursive: true });
});

describe("network", () => {
	it.each([
		["network", {}],
		["network-by-peer", { by: "peer", since: "+2us" }],
		["network-of-one", { pid: 12 }],
	] as const)("as text: %s", async (golden, request) => {
		const text = [...reportText(runReport("network", asking, request), undefined)].join("");
		const file = join(import.meta.dirname, `../golden/reports/${golden}.txt`);
		await expect(text).toMatchFileSnapshot(file);
	});
});
