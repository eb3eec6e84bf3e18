import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QueryDatabase } from "../query/query-database.js";
import { findDevice } from "./device.js";

let directory: string;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "relayscope-device-"));
});

afterEach(() => {
	rmSync(directory, { recursive: true });
});

function databaseWith(sql: string): QueryDatabase {
	const path = join(directory, "session.db");
	const database = new Database(path);
	database.exec(sql);
	database.close();
	return new QueryDatabase(path);
}

const DISKS = `CREATE TABLE block_devices (dev, name);
	INSERT INTO block_devices VALUES ('8:0', 'sda'), ('8:1', 'sda1'), ('253:0', 'dm-0')`;

describe("findDevice", () => {
	it.each([
		["8:1", { dev: "8:1", name: "sda1" }],
		["sda", { dev: "8:0", name: "sda" }],
		["/dev/dm-0", { dev: "253:0", name: "dm-0" }],
		["008:0", { dev: "8:0", name: "sda" }],
		["9:3", { dev: "9:3", name: undefined }],
	])("%s", (text, device) => {
		using database = databaseWith(DISKS);
		expect(findDevice(database, text)).toEqual(device);
	});

	it("a name that the session does not have is BAD_ARGUMENT, with those it has", () => {
		using database = databaseWith(DISKS);
		expect(() => findDevice(database, "sdb")).toThrow(
			expect.objectContaining({
				code: "BAD_ARGUMENT",
				hint: "Its devices: dm-0 (253:0), sda (8:0), sda1 (8:1).",
			}),
		);
	});

	it("without names, numbers are still understood", () => {
		using database = databaseWith("CREATE TABLE session (key, value)");
		expect(findDevice(database, "8:0")).toEqual({ dev: "8:0", name: undefined });
		expect(() => findDevice(database, "/dev/sda")).toThrow(/knows no device/);
	});
});
