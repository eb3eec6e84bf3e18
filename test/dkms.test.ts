/**
 * DKMS builds and installs for the virtual machine's kernel, in a mount namespace whose /usr/src,
 * /var/lib/dkms and /lib/modules are its own: the host keeps nothing of it.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { packageRoot } from "../src/base/package-root.js";
import { DEFAULT_KERNEL, ensureKernel } from "../vm/kernel-cache.js";
import { silently } from "../vm/progress.js";

const read = (path: string): string => readFileSync(join(packageRoot(), path), "utf8");
const scratch = mkdtempSync(join(tmpdir(), "relayscope-dkms-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const installed = [...read("kmod/dkms.conf").matchAll(/^BUILT_MODULE_NAME\[\d+\]="(\w+)"$/gm)].map(
	([, name]) => name ?? "",
);

test("dkms.conf has the package's version and every module but the tests'", () => {
	const { version } = JSON.parse(read("package.json")) as { readonly version: string };
	expect(read("kmod/dkms.conf")).toContain(`PACKAGE_VERSION="${version}"`);
	const built = ["kmod/relay/Kbuild", "kmod/relay/probes/Kbuild"].flatMap((path) =>
		[...read(path).matchAll(/^obj-m \+?= (.*)$/gm)].flatMap(([, objects = ""]) =>
			[...objects.matchAll(/(\w+)\.o/g)].map(([, name]) => name ?? ""),
		),
	);
	expect([...installed].sort()).toEqual(["bufflink", ...built].sort());
});

test.runIf(process.getuid?.() === 0)(
	"dkms installs and removes them",
	async () => {
		const kernel = await ensureKernel(DEFAULT_KERNEL, silently);
		const script = `
			mount -t tmpfs tmpfs /usr/src
			mkdir -p /var/lib/dkms /lib/modules
			mount -t tmpfs tmpfs /var/lib/dkms
			mount -t tmpfs tmpfs /lib/modules
			mkdir /lib/modules/${kernel.release}
			touch /lib/modules/${kernel.release}/modules.{order,builtin}
			export DKMS_OPTIONS="-k ${kernel.release} --kernelsourcedir ${kernel.headersDirectory}"
			npm run --silent modules:install
			cp -r /lib/modules/${kernel.release} $1/installed
			npm run --silent modules:remove
			cp -r /lib/modules/${kernel.release} $1/removed
			find /usr/src /var/lib/dkms -name 'relayscope*' >$1/left`;
		const command = ["--mount", "bash", "-euc", script, "bash", scratch];
		execFileSync("unshare", command, { cwd: packageRoot(), stdio: "pipe" });
		for (const name of installed) {
			expect(existsSync(join(scratch, "installed/updates/dkms", `${name}.ko`)), name).toBe(true);
			expect(existsSync(join(scratch, "removed/updates/dkms", `${name}.ko`)), name).toBe(false);
		}
		expect(readFileSync(join(scratch, "left"), "utf8")).toBe("");
		// One without the other cannot be loaded by name.
		const dependencies = readFileSync(join(scratch, "installed/modules.dep"), "utf8");
		expect(dependencies).toMatch(/relayscope\.ko: .*bufflink\.ko/);
	},
	600_000,
);
