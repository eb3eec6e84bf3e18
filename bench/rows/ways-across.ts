/** What a message costs from the kernel to user space, by bufflink, by relay and by the others. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../bench.js";
import type { GuestWork } from "../guest-work.js";
import type { Figure, Row } from "../row.js";
import { WAY_KINDS, WAYS, type Way, type WayKind, wayFigureName } from "../ways.js";

function waysAcrossWork(bench: Bench): GuestWork {
	return {
		name: "ways-across",
		clock: "time",
		limitSeconds: 60,
		script: `
# Where LTTng's modules lie over the kernel's own, there is no configfs.
unshare -m sh -c 'umount "/lib/modules/$(uname -r)"; modprobe configfs'
mount -t configfs none /sys/kernel/config
loaded=$(grep -c '^bufflink ' /proc/modules || true)
[ "$loaded" = 1 ] || insmod "$RELAYSCOPE_MODULES/bufflink.ko"
insmod "$RELAYSCOPE_MODULES/ways_across.ko" helper="$PROGRAMS/ways"
ways ${bench.rounds} ${bench.quick ? 16 : 24} >figures
umount /sys/kernel/config
rmmod ways_across
[ "$loaded" = 1 ] || rmmod bufflink`,
	};
}

export const waysAcross: Row = {
	name: "ways across",
	work: (bench) => [waysAcrossWork(bench)],
	async measure(bench, guest) {
		const directory = await guest.directoryOf(waysAcrossWork(bench));
		const text = readFileSync(join(directory, "figures"), "utf8");
		const values = (way: Way, kind: WayKind): number[] => {
			const reason = new RegExp(`^cannot ${way} (.*)$`, "m").exec(text)?.[1];
			if (reason !== undefined) throw new Error(`${way} is not to be had: ${reason}`);
			const lines = text.matchAll(new RegExp(`^figure \\d+ ${kind} ${way} (\\S+)$`, "gm"));
			return [...lines].map((match) => Number(match[1]) / (kind === "bulk" ? 1000 : 1));
		};
		const single = (kind: "turns" | "each", workload: string) => (): Figure => ({
			...{ name: `64-byte message, bufflink, ${WAY_KINDS[kind].title}`, unit: "ns", workload },
			ours: values("bufflink", kind),
			peer: { name: "generic netlink unicast", values: values("genetlink", kind) },
			target: { of: "ratio", atMost: 0.3 },
		});
		return [
			single(
				"each",
				"append + read; 64 are sent, then taken and checked one a call, 2 CPUs, clock tsc",
			),
			single("turns", "append + read; one is sent, taken and checked, what asks for it deducted"),
			...WAYS.flatMap(({ id, kinds }) =>
				kinds.map((kind) => (): Figure => {
					const { unit, workload } = WAY_KINDS[kind];
					return { name: wayFigureName(id, kind), unit, workload, ours: values(id, kind) };
				}),
			),
		];
	},
};
