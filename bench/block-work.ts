/** Requests on null_blk, which completes them at once, bare, by our probes and by blktrace. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.js";
import type { GuestWork } from "./guest-work.js";

/** Over 9p blktrace cannot write: it maps its output. */
const FUNCTIONS = `
# Where LTTng's modules lie over the kernel's own, there is no null_blk.
unshare -m sh -c 'umount "/lib/modules/$(uname -r)"; modprobe null_blk nr_devices=1 queue_mode=2 irqmode=0'
device=/dev/nullb0
traced=/sys/kernel/debug/block/nullb0/trace0
requests() {
	local count=$1; shift
	(cd /tmp && fio --name=job --filename=$device --rw=randread --bs=4k --direct=1 --size=64m \\
		--number_ios=$count --output-format=json "$@")
}
start_blktrace() {
	rm -f /tmp/capture.blktrace.*
	blktrace -d $device -b 1024 -n 16 -o capture -D /tmp >/tmp/blktrace.log & recorder=$!
	until [ -e $traced ]; do kill -0 $recorder; sleep 0.1; done
	sleep 0.5
}
stop_recorder() { kill -INT $recorder; wait $recorder; }
`;

export const BLOCK_ROUNDS = 5;

/** A request after the other, so that what each takes is what the job takes. */
export function blockCostWork(bench: Bench): GuestWork {
	const count = bench.quick ? 3000 : 20_000;
	return {
		name: "block-cost",
		clock: "time",
		limitSeconds: 600,
		script: `${FUNCTIONS}
		requests 1000 --ioengine=psync >/dev/null
		for round in $(seq 0 ${blockRounds(bench) - 1}); do
			requests ${count} --ioengine=psync >bare.$round
			relayscope record -q -a --sources block --subbuf-size 256K --subbufs 32 -o ours.session & recorder=$!
			until [ -s ours.session/kernel.cpu0.raw ]; do kill -0 $recorder; sleep 0.1; done
			requests ${count} --ioengine=psync >ours.$round
			stop_recorder
			rm -r ours.session
			start_blktrace
			requests ${count} --ioengine=psync >blktrace.$round
			stop_recorder
			sed -n 's/.*dropped \\([0-9]*\\).*/\\1/p' /tmp/blktrace.log | tail -1 >dropped.$round
		done`,
	};
}

export function blockRounds(bench: Bench): number {
	return bench.quick ? 1 : BLOCK_ROUNDS;
}

/** Some 4.5 events a request. */
export function blockCaptureWork(bench: Bench): GuestWork {
	return {
		name: "block-capture",
		clock: "time",
		untimed: true,
		limitSeconds: 900,
		script: `${FUNCTIONS}
		start_blktrace
		requests ${bench.quick ? 2000 : 200_000} --ioengine=libaio --iodepth=8 --numjobs=2 >job
		stop_recorder
		cp /tmp/capture.blktrace.* .`,
	};
}

/** ns that a request took, by fio's own account. */
export function nsPerRequest(directory: string, run: string): number {
	const text = readFileSync(join(directory, run), "utf8");
	const { jobs } = JSON.parse(text.slice(text.indexOf("{"))) as {
		readonly jobs: readonly {
			readonly read: { readonly total_ios: number; readonly runtime: number };
		}[];
	};
	const [job] = jobs;
	if (job === undefined || job.read.total_ios === 0) throw new Error(`${run}: no requests`);
	return (job.read.runtime * 1e6) / job.read.total_ios;
}
