/** Runs programs of filters through the kernel's own code, compiled for this process's side. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/base/package-root.js";

export interface Task {
	readonly pid: number;
	readonly uid: number;
	readonly cpu: number;
	readonly comm: string;
}

export interface Call {
	readonly abi: number;
	readonly nr: bigint;
	readonly args: readonly bigint[];
	readonly path?: Uint8Array | undefined;
	readonly path2?: Uint8Array | undefined;
	/** Undefined: it has not returned. */
	readonly returned: { readonly ret: bigint; readonly dur: bigint } | undefined;
}

export interface Problem {
	readonly early: boolean;
	readonly instructions: Uint8Array;
	readonly text: Uint8Array;
	/** Header and payload; empty: there is none. */
	readonly record: Uint8Array;
	readonly task: Task;
	readonly call: Call | undefined;
}

export type Answer = "accepted" | "refused" | "bad program";

const ANSWERS: Readonly<Record<string, Answer>> = { y: "accepted", n: "refused", x: "bad program" };
const INSTRUCTION_LENGTH = 24;
const NO_CALL: Call = { abi: 0, nr: 0n, args: [], returned: undefined };
const ARGUMENTS = 6;

/** Thread id of the task of a problem without a record. */
export function threadOf({ pid }: Task): number {
	return pid + 1;
}

export function compileMachine(): string {
	const directory = join(packageRoot(), "out", "test-programs");
	mkdirSync(directory, { recursive: true });
	const output = join(directory, "filter-machine");
	const source = join(packageRoot(), "test", "filter");
	const flags = ["-std=gnu11", "-O1", "-g", "-Wall", "-Werror", "-Wno-pointer-sign"];
	const checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
	const defines = ["-D_GNU_SOURCE", "-I", join(source, "shim")];
	execFileSync("gcc", [...flags, ...checks, ...defines, "-o", output, join(source, "machine.c")]);
	return output;
}

export function solve(machine: string, problems: readonly Problem[]): readonly Answer[] {
	const input = Buffer.concat(problems.flatMap(encode));
	const letters = execFileSync(machine, { input, encoding: "utf8", maxBuffer: 1 << 24 });
	return [...letters].map((letter) => ANSWERS[letter] ?? "bad program");
}

function encode({ early, instructions, text, record, task, call }: Problem): Uint8Array[] {
	const { abi, nr, args, returned, path, path2 } = call ?? NO_CALL;
	const sizeOf = (text: Uint8Array | undefined): number =>
		text === undefined ? 0 : text.length + 1;
	const words = new Uint32Array([
		...[Number(early), instructions.length / INSTRUCTION_LENGTH, text.length, record.length],
		...[Number(call !== undefined), task.pid, task.uid, task.cpu],
		...[abi, args.length, Number(returned !== undefined)],
		...[sizeOf(path), sizeOf(path2), 0],
	]);
	const registers = Array.from({ length: ARGUMENTS }, (_, index) => args[index] ?? 0n);
	const values = [...registers, nr, returned?.ret ?? 0n, returned?.dur ?? 0n];
	const longs = new BigUint64Array(values.map((value) => BigInt.asUintN(64, value)));
	const comm = Buffer.alloc(16);
	comm.write(task.comm);
	return [
		new Uint8Array(words.buffer),
		new Uint8Array(longs.buffer),
		comm,
		instructions,
		text,
		record,
		path ?? new Uint8Array(),
		path2 ?? new Uint8Array(),
	];
}
