// The kernel's own style checker on what is written by hand for the kernel. It comes from Debian's kernel sources, once,
// into the user's cache. Prints what it finds; ends with 1 when it finds anything.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AptRoot } from "../dist/vm/apt-root.js";
import { cacheRoot } from "../dist/vm/cache.js";

const PACKAGE = "linux-source-6.1";
const PARTS = ["checkpatch.pl", "spelling.txt", "const_structs.checkpatch"];

// Rules for code within the kernel, or that our reasons in the code overrule.
const IGNORED = [
	"LINUX_VERSION_CODE", // compat.h is for it
	"CONSTANT_COMPARISON", // LINUX_VERSION_CODE again
	"LONG_LINE", // a formatter's work, with its own idea of a tab
	"LONG_LINE_COMMENT",
	"MACRO_WITH_FLOW_CONTROL", // those define functions
	"MACRO_ARG_REUSE",
	"MACRO_ARG_PRECEDENCE",
	"LINE_SPACING", // a #define directly before what uses it
	"BRACKET_SPACE", // [nr] = in a macro's body
	"CONST_STRUCT", // relay's operations are copied at run time
	"MEMORY_BARRIER", // the comment stands above the function
	"PREFER_BIT_ULL",
	"BIT_MACRO",
	"CAMELCASE", // _Static_assert
	"EMBEDDED_FUNCTION_NAME", // a user program's usage
	"BRACES",
	"SPACING", // & before typeof
	"LEADING_SPACE", // blank lines in macros
	"CODE_INDENT",
];

async function ensureCheckpatch() {
	const directory = join(cacheRoot(), "checkpatch");
	if (existsSync(directory)) return directory;
	const partial = `${directory}.${process.pid}`;
	rmSync(partial, { recursive: true, force: true });
	mkdirSync(partial, { recursive: true });
	const apt = AptRoot.create(partial, ["bookworm", "bookworm-security"]);
	console.error("fetching the kernel's sources for checkpatch, once");
	await apt.update();
	await apt.download(PACKAGE, partial);
	const archive = readdirSync(partial).find((name) => name.endsWith(".deb"));
	const inside = PARTS.map((name) => `${PACKAGE}/scripts/${name}`);
	const script = `dpkg-deb --fsys-tarfile "$1" | tar -xO ./usr/src/${PACKAGE}.tar.xz |
		xz -dc | tar -x ${inside.join(" ")}`;
	execFileSync("sh", ["-ec", script, "sh", archive], { cwd: partial });
	renameSync(join(partial, PACKAGE, "scripts"), directory);
	rmSync(partial, { recursive: true, force: true });
	return directory;
}

const directory = await ensureCheckpatch();
const tracked = ["ls-files", "kmod/*.c", "kmod/*.h", "include/uapi/*.h"];
const listed = execFileSync("git", tracked, { encoding: "utf8" }).trim().split("\n");
const files = listed.map((name) => join(process.cwd(), name));
const options = ["--no-tree", "--no-summary", "--terse", "--strict", "--max-line-length=100"];
const result = spawnSync(
	"perl",
	[join(directory, "checkpatch.pl"), ...options, `--ignore=${IGNORED.join()}`, "-f", ...files],
	// It leaves notes of its own where it runs.
	{ encoding: "utf8", cwd: directory },
);
process.stdout.write(result.stdout.replaceAll(`${process.cwd()}/`, ""));
if (result.stdout !== "" || result.error !== undefined) process.exit(1);
