/** Debian's audit tools, unpacked and not installed: that would start a daemon on this machine. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/base/package-root.js";

/** auditd and the libraries that a machine without it may lack. */
const PACKAGES = [
	...["auditd", "libauparse0", "libaudit1", "libwrap0", "libgssapi-krb5-2", "libkrb5-3"],
	...["libk5crypto3", "libkrb5support0", "libkeyutils1"],
	...["libcom-err2", "libnsl2", "libtirpc3", "libcap-ng0"],
];

/** A script's first lines that put them on the guest's path. */
export function auditToolsSetUp(): string {
	const directory = join(packageRoot(), "out", "audit-tools");
	const packages = join(directory, "packages");
	if (!existsSync(join(directory, "sbin", "auditctl"))) {
		mkdirSync(packages, { recursive: true });
		execFileSync("apt-get", ["download", "-q", ...PACKAGES], { cwd: packages, stdio: "pipe" });
		for (const file of readdirSync(packages)) {
			execFileSync("dpkg-deb", ["-x", join(packages, file), directory]);
		}
	}
	const libraries = ["lib", "usr/lib"].map((lib) => join(directory, lib, "x86_64-linux-gnu"));
	return `
export PATH="${directory}/sbin:${directory}/usr/sbin:$PATH"
export LD_LIBRARY_PATH="${libraries.join(":")}"
mkdir -p /etc/audit /var/log/audit
cp -r "${directory}"/etc/audit/. /etc/audit/
chmod 0750 /etc/audit
`;
}
