import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { inGuest } from "../vm/guest.js";

const program = fileURLToPath(new URL("guest/record.mjs", import.meta.url));
const scenarios = [
	"command",
	"overload",
	"disk-full",
	"hotplug",
	"close-early",
	"collect",
	"refusals",
	"exit",
] as const;

test("the addon records from the real device and every record is accounted for", async () => {
	const guest = await inGuest(
		"native",
		`for module in bufflink relayscope relayscope_syscalls; do
			grep -q "^$module " /proc/modules || insmod "$RELAYSCOPE_MODULES/$module.ko"
		 done
		 for scenario in ${scenarios.join(" ")}; do
			scratch=$(mktemp -d)
			timeout 150 node --expose-gc ${program} $scenario $scratch || echo "not ok $scenario"
		 done
		 rmmod relayscope_syscalls`,
		{ timeoutSeconds: 420 },
	);
	expect(guest.stdout).not.toMatch(/^not ok/m);
	for (const scenario of scenarios)
		expect(guest.stdout).toMatch(new RegExp(`^ok ${scenario}`, "m"));
	expect(guest.status, guest.output).toBe(0);
}, 480_000);
