import type { EventSchema } from "../../schema/event-schema.js";
import { fieldReader } from "../../schema/read-field.js";
import { UNSET_ID } from "../../session/metadata.js";
import type { CallDetailRows } from "../../store/call-detail-rows.js";
import type { RecordHandler } from "./lifecycle-tracker.js";
import type { ThreadTable } from "./thread-table.js";

/** Who tasks become: a row a change, and what their process is from then on. */
export function credentialHandler(
	schema: EventSchema,
	threads: ThreadTable,
	rows: CallDetailRows,
): RecordHandler {
	const read = (name: string) => fieldReader(schema, name);
	const [uid, euid, gid, egid] = [read("uid"), read("euid"), read("gid"), read("egid")];
	const [loginuid, session] = [read("loginuid"), read("session_id")];
	return ({ view, payloadOffset: at, tid, ts }) => {
		const { process, comm } = threads.at(tid, ts);
		const now = {
			...{ uid: uid(view, at), euid: euid(view, at), gid: gid(view, at), egid: egid(view, at) },
			loginuid: unlessUnset(loginuid(view, at)),
			sessionId: unlessUnset(session(view, at)),
		};
		Object.assign(process, now);
		rows.credentials({ ts, upid: process.upid, pid: process.pid, tid, comm, ...now });
		return true;
	};
}

function unlessUnset(id: number): number | null {
	return id === UNSET_ID ? null : id;
}
