import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SYMBOL_SETS } from "./symbol-sets.js";
import { symbolize, symbolSetOf } from "./symbolize.js";

/** The kernel's headers for programs and, where it has no names for its numbers, the C library's. */
const HEADERS = {
	kernel: `stddef.h asm/termbits.h asm/fcntl.h linux/fcntl.h linux/stat.h linux/fs.h linux/xattr.h
		linux/falloc.h linux/inotify.h linux/fanotify.h linux/close_range.h linux/fadvise.h linux/memfd.h
		linux/eventpoll.h linux/userfaultfd.h linux/io_uring.h linux/loop.h linux/sockios.h
		linux/perf_event.h linux/kd.h linux/blktrace_api.h linux/mount.h linux/mman.h linux/mempolicy.h
		linux/membarrier.h linux/sched.h linux/wait.h linux/resource.h linux/ioprio.h linux/kcmp.h
		linux/prctl.h asm/prctl.h asm/ptrace.h linux/ptrace.h linux/futex.h linux/rseq.h asm/signal.h
		linux/netlink.h asm/socket.h linux/in.h linux/in6.h linux/tcp.h linux/udp.h linux/if_packet.h
		linux/net.h linux/ipc.h linux/shm.h linux/sem.h linux/msg.h linux/time.h linux/seccomp.h
		linux/capability.h linux/landlock.h linux/keyctl.h linux/bpf.h linux/module.h linux/kexec.h
		linux/reboot.h linux/random.h linux/personality.h`,
	library: `unistd.h fcntl.h sys/eventfd.h sys/signalfd.h sys/timerfd.h sys/swap.h sys/mman.h
		sys/socket.h netinet/in.h sys/personality.h`,
} as const;

/** In a 64-bit program these are others' values. */
const ONLY_IA32 = new Set(["F_GETLK64", "F_SETLK64", "F_SETLKW64"]);

/** Macros that a program with these headers has, of those asked for, with the low 32 bits. */
function valuesOf(headers: string, names: readonly string[]): ReadonlyMap<string, number> {
	const directory = mkdtempSync(join(tmpdir(), "relayscope-symbols-"));
	try {
		const lines = names.map(
			(name) => `#ifdef ${name}\nprintf("${name} %u\\n", (unsigned)${name});\n#endif`,
		);
		const includes = headers.split(/\s+/).map((header) => `#include <${header}>`);
		const source = ["#define _GNU_SOURCE", ...includes, "int printf(const char *, ...);"];
		writeFileSync(
			join(directory, "p.c"),
			[...source, "int main(void) {", ...lines, "}\n"].join("\n"),
		);
		execFileSync("gcc", ["-w", "-o", join(directory, "p"), join(directory, "p.c")]);
		const output = execFileSync(join(directory, "p"), { encoding: "utf8" });
		return new Map(
			output
				.trim()
				.split("\n")
				.map((line) => line.split(" "))
				.map(([name = "", value]) => [name, Number(value)]),
		);
	} finally {
		rmSync(directory, { recursive: true });
	}
}

test.skipIf(process.arch !== "x64")("symbols have the values of the kernel's headers", () => {
	const symbols = SYMBOL_SETS.flatMap((set) =>
		set.symbols.map((each) => ({ ...each, kind: set.kind })),
	);
	const names = [...new Set(symbols.map(({ symbol }) => symbol))];
	const kernel = valuesOf(HEADERS.kernel, names);
	const library = valuesOf(HEADERS.library, names);
	let compared = 0;
	for (const { symbol, value, kind } of symbols) {
		const known = kernel.get(symbol) ?? library.get(symbol);
		if (known === undefined || ONLY_IA32.has(symbol)) continue;
		expect([kind, symbol, value]).toEqual([kind, symbol, known]);
		compared++;
	}
	// The rest are enumerators, and names of newer kernels.
	expect(compared).toBeGreaterThan(symbols.length * 0.8);
});

test("a kind is described once, a symbol fits its mask, and no name hides another", () => {
	const kinds = SYMBOL_SETS.map(({ kind }) => kind);
	expect(new Set(kinds).size).toBe(kinds.length);
	for (const { kind, symbols } of SYMBOL_SETS) {
		for (const { symbol, mask, value } of symbols) {
			expect((value & mask) >>> 0, `${kind} ${symbol}`).toBe(value);
		}
		const keys = symbols.map(({ mask, value }) => `${mask} ${value}`);
		expect(new Set(keys).size, kind).toBe(keys.length);
	}
});

test("a name a bit: what is written can be read back", () => {
	const sets = SYMBOL_SETS.map(({ kind }) => kind);
	fc.assert(
		fc.property(
			fc.constantFrom(...sets),
			fc.integer({ min: 0, max: 0xffff_ffff }),
			(kind, value) => {
				const set = symbolSetOf(kind);
				if (set === undefined) throw new Error(kind);
				const bySymbol = new Map(set.symbols.map((each) => [each.symbol, each.value]));
				const read = symbolize(set, value)
					.split("|")
					.map(
						(word) =>
							bySymbol.get(word) ?? (/^0\d/.test(word) ? Number.parseInt(word, 8) : Number(word)),
					)
					.reduce((sum, each) => sum + (each >>> 0), 0);
				expect(read).toBe(value);
			},
		),
	);
});
