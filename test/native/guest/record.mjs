// Run as root on a machine with relayscope.ko and relayscope_syscalls.ko loaded (the VM): records with
// the real device and accounts for every record. usage: record.mjs SCENARIO SCRATCH_DIRECTORY
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
	BufflinkReader,
	ChannelReader,
	HeldCommand,
	Recorder,
	SnapshotReader,
} from "../../../native/index.js";

const DEBUGFS = "/sys/kernel/debug";
const MAGIC = 0x53594c52;
const [scenario, scratch] = process.argv.slice(2);

const check = (condition, what) => {
	if (!condition) throw new Error(`${scenario}: ${what}`);
};

/** Walks a raw file by the ABI's offsets and checks what can be seen without a schema. */
function walk(bytes, cpu) {
	let at = 0;
	let records = 0n;
	let subbufs = 0n;
	for (; at < bytes.length; subbufs++) {
		const end = at + bytes.readUInt32LE(at + 20);
		check(bytes.readUInt32LE(at) === MAGIC, `cpu${cpu}: magic at ${at}`);
		check(bytes.readUInt32LE(at + 12) === cpu, `cpu${cpu}: cpu at ${at}`);
		check(bytes.readBigUInt64LE(at + 24) === subbufs, `cpu${cpu}: sequence at ${at}`);
		let walked = 0;
		let record = at + bytes.readUInt16LE(at + 6);
		for (; record < end; walked++) record += Math.ceil(bytes.readUInt16LE(record + 2) / 8) * 8;
		check(walked === bytes.readUInt32LE(at + 48), `cpu${cpu}: record count at ${at}`);
		records += BigInt(walked);
		at += Math.ceil((end - at) / 8) * 8;
	}
	check(at === bytes.length, `cpu${cpu}: the file ends within a sub-buffer`);
	return { records, subbufs };
}

function open({ subbufSize = 65536, subbufCount = 8, output = scratch } = {}) {
	const recorder = new Recorder();
	const options = { name: "kernel", subbufSize, subbufCount, flushIntervalMs: 100 };
	const channel = recorder.createChannel(options);
	recorder.attachSource(channel.id, "syscalls");
	const file = (cpu) => join(output, `kernel.cpu${cpu}.raw`);
	const directory = join(DEBUGFS, channel.directory);
	const reader = new ChannelReader(recorder, options, {
		channelId: channel.id,
		dataDirectory: directory,
		outputPrefix: join(output, "kernel.cpu"),
		outputSuffix: ".raw",
	});
	const errors = [];
	reader.onError((error, cpu) => errors.push({ code: error.code, cpu }));
	const device = `/dev/bufflink${recorder.info().bufflinkMinor}`;
	const bufflink = new BufflinkReader(device, join(scratch, "bufflink.raw"));
	return { recorder, channel, reader, bufflink, errors, file, directory };
}

const load = (calls) =>
	execFileSync("dd", ["if=/dev/zero", "of=/dev/null", "bs=1", `count=${calls}`], {
		stdio: "ignore",
	});

/** Stops, drains, and checks seen = filtered + lost + written and written = stored + unread. */
async function account({ recorder, channel, reader, bufflink, file }) {
	recorder.stop();
	const unread = new Map((await reader.finish()).map((entry) => [entry.cpu, entry.unread]));
	const { refused, error } = await bufflink.finish();
	check(refused === 0n && error === undefined, "the bufflink overflowed or failed");
	const totals = { stored: 0n, lost: 0n, unread: 0n, cpus: [] };
	for (const progress of reader.progress()) {
		const { cpu } = progress;
		const stats = recorder.stats(channel.id, cpu);
		const bytes = readFileSync(file(cpu));
		const { records, subbufs } = walk(bytes, cpu);
		const lost = stats.lost.reduce((sum, count) => sum + count, 0n);
		const left = unread.get(cpu);
		check(stats.seen === stats.filtered + lost + stats.written, `cpu${cpu}: seen`);
		check(
			stats.written === records + left,
			`cpu${cpu}: ${stats.written} written, ${records} + ${left}`,
		);
		check(progress.records === records && progress.subbufs === subbufs, `cpu${cpu}: progress`);
		check(progress.bytes === BigInt(bytes.length) && progress.faults === 0n, `cpu${cpu}: bytes`);
		check(stats.consumed === subbufs, `cpu${cpu}: consumed`);
		check(progress.error !== undefined || stats.sealed === subbufs, `cpu${cpu}: sealed`);
		check(progress.lost <= lost, `cpu${cpu}: lost in the headers`);
		totals.stored += records;
		totals.lost += lost;
		totals.unread += left;
		totals.cpus.push(cpu);
	}
	return totals;
}

const scenarios = {
	async command() {
		const recording = open();
		const command = new HeldCommand({
			file: "/bin/dd",
			argv: ["dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=20000", "status=none"],
			env: [],
			cwd: "/",
		});
		recording.recorder.addProcess(command.pid, true);
		recording.recorder.start();
		command.release();
		check((await command.wait()).status === 0, "the command failed");
		const { stored, unread } = await account(recording);
		check(stored > 20_000n && unread === 0n, `${stored} stored, ${unread} unread`);
		recording.recorder.close();
		await sleep(20);
		check(!existsSync(recording.directory), "the channel outlives its recorder");
	},

	async overload() {
		const recording = open({ subbufSize: 4096, subbufCount: 2 });
		recording.recorder.start();
		load(30_000);
		const { stored, lost } = await account(recording);
		check(stored > 0n && lost > 0n, `${stored} stored, ${lost} lost: no overload`);
	},

	async "disk-full"() {
		const output = join(scratch, "small");
		mkdirSync(output);
		execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "small", output]);
		const recording = open({ subbufSize: 32768, subbufCount: 4, output });
		recording.recorder.start();
		load(20_000);
		const { lost, unread } = await account(recording);
		await sleep(10);
		check(recording.errors.length > 0, "nobody was told");
		check(
			recording.errors.every((error) => error.code === "ENOSPC"),
			"not ENOSPC",
		);
		check(unread > 0n && lost > 0n, `${unread} unread, ${lost} lost`);
	},

	async hotplug() {
		const online = (value) => writeFileSync("/sys/devices/system/cpu/cpu1/online", value);
		online("0");
		const recording = open();
		recording.recorder.start();
		load(2000);
		online("1");
		await sleep(1500);
		for (let i = 0; i < 4; i++) execFileSync("taskset", ["2", "ls", "/"], { stdio: "ignore" });
		const { cpus } = await account(recording);
		check(cpus.join() === "0,1", `read cpu ${cpus}`);
		check(walk(readFileSync(recording.file(1)), 1).records > 0n, "nothing from cpu1");
	},

	async "close-early"() {
		const recording = open();
		recording.recorder.start();
		load(2000);
		// The readers keep the kernel's side until they are closed.
		recording.recorder.close();
		check(existsSync(recording.directory), "the channel went under its readers");
		const finished = recording.reader.finish();
		recording.reader.close();
		recording.bufflink.close();
		await finished;
		await sleep(20);
		check(!existsSync(recording.directory), "the channel outlives its readers");
	},

	async collect() {
		const { directory } = (() => {
			const recording = open();
			recording.recorder.start();
			load(2000);
			return { directory: recording.directory };
		})();
		for (let i = 0; i < 200 && existsSync(directory); i++) {
			globalThis.gc();
			await sleep(10);
		}
		check(!existsSync(directory), "the channel outlives its collected readers");
	},

	async refusals() {
		const recorder = new Recorder();
		const options = { name: "big", subbufSize: 64 << 20, subbufCount: 16, flushIntervalMs: 0 };
		const code = (wanted) => {
			try {
				recorder.createChannel(wanted);
			} catch (error) {
				return error.code;
			}
			return "none";
		};
		// More than half of what this machine has: refused before the first page is taken.
		check(code(options) === "ENOMEM", "memory");
		check(code({ ...options, overwrite: true }) === "ENOMEM", "memory of a flight recorder");
		const small = { ...options, subbufSize: 4096, subbufCount: 2 };
		check(code({ ...small, overwrite: true, flushIntervalMs: 100 }) === "EINVAL", "flush interval");
		// A snapshot is a flight recorder's; a ring that nobody waits for has no consumer.
		const channel = recorder.createChannel(small);
		const directory = join(DEBUGFS, channel.directory);
		const snapshots = new SnapshotReader(recorder, small, {
			channelId: channel.id,
			dataDirectory: directory,
		});
		const request = { outputPrefix: join(scratch, "big.cpu"), outputSuffix: ".raw", keep: 0n };
		const failed = await snapshots.snapshot(request).then(
			() => "none",
			(error) => error.code,
		);
		check(failed === "EINVAL", `snapshot of a channel that discards: ${failed}`);
		snapshots.close();
		recorder.close();
	},

	async exit() {
		const recording = open();
		recording.recorder.start();
		load(2000);
		console.log(`ok ${scenario} ${recording.directory}`);
		process.exit(0);
	},
};

await scenarios[scenario]();
console.log(`ok ${scenario}`);
