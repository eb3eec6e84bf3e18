import { RelayscopeError } from "../../base/error.js";
import type { QueryDatabase } from "../query/query-database.js";

/** A block device that was asked for. */
export interface Device {
	/** `major:minor`, as the column `dev` has it. */
	readonly dev: string;
	/** As the recorded machine called it; undefined: the session does not tell. */
	readonly name: string | undefined;
}

/** View of the session's devices. */
const DEVICES = "block_devices";

/** `8:0`, or a name of the recorded machine: `sda`, `/dev/sda`. */
export function findDevice(database: QueryDatabase, text: string): Device {
	const known = readDevices(database);
	const numbers = /^(\d{1,4}):(\d{1,7})$/.exec(text);
	if (numbers !== null) {
		const dev = `${Number(numbers[1])}:${Number(numbers[2])}`;
		return { dev, name: known.find((device) => device.dev === dev)?.name };
	}
	const name = text.replace(/^\/dev\//, "");
	const device = known.find((candidate) => candidate.name === name);
	if (device !== undefined) return device;
	throw new RelayscopeError("BAD_ARGUMENT", `the session knows no device ${text}`, {
		hint:
			known.length === 0
				? "It has no names of devices; give its numbers, as in 8:0."
				: `Its devices: ${known.map((each) => `${each.name} (${each.dev})`).join(", ")}.`,
	});
}

function readDevices(database: QueryDatabase): readonly Device[] {
	if (!database.has(DEVICES, "name")) return [];
	const rows = database.rows<[string, string | null]>(
		`SELECT dev, name FROM ${DEVICES} ORDER BY dev`,
	);
	return [...rows].map(([dev, name]) => ({ dev, name: name ?? undefined }));
}
