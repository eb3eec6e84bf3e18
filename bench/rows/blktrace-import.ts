/** From blktrace's files to requests and their times: a database here, btt's averages there. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { blockCaptureWork } from "../block-work.js";
import { relayscopeCommand, runMeasured } from "../host-run.js";
import { atFullSize, type Figure, type Row } from "../row.js";

export const blktraceImport: Row = {
	name: "import of a blktrace capture",
	work: (bench) => [blockCaptureWork(bench)],
	async measure(bench, guest) {
		const directory = await guest.directoryOf(blockCaptureWork(bench));
		const capture = join(directory, "capture");
		const session = join(bench.directory, "blktrace-import");
		const files = [0, 1].map((cpu) => `${capture}.blktrace.${cpu}`);
		const merged = join(bench.directory, "blktrace-import.bin");
		const theirs = `blkparse -q -O -i ${capture} -d ${merged} && btt -i ${merged}`;
		const ours: number[] = [];
		const peer: number[] = [];
		for (let round = 0; round < bench.rounds; round++) {
			rmSync(session, { recursive: true, force: true });
			ours.push(runMeasured(bench, relayscopeCommand("import", "-o", session, ...files)).seconds);
			peer.push(runMeasured(bench, ["sh", "-c", theirs]).seconds);
		}
		return [
			(): Figure => ({
				name: "blktrace's files to block_requests and block_ios",
				unit: "s",
				workload: "fio on null_blk, 8 requests at a time from each of two tasks; whole processes",
				ours,
				peer: { name: "blkparse -d and btt", values: peer },
				...atFullSize(bench, { of: "ratio", atMost: 0.5 }),
			}),
		];
	},
};
