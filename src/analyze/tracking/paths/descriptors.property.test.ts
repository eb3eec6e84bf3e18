import fc from "fast-check";
import { expect, test } from "vitest";
import {
	type CallName,
	CLONE_FILES,
	named,
	StringsSession,
} from "../../../../test/strings-session.js";

/**
 * A model of what a kernel does, so plain that it is right by reading: tables of numbers, shared or
 * copied. Calls run one after another, so everything is certain, and every read must be named.
 */
class Model {
	readonly tables = new Map<number, Table>();

	of(task: number): Table {
		const table = this.tables.get(task);
		if (table === undefined) throw new Error(`no task ${task}`);
		return table;
	}

	lowest(task: number, from = 0): number {
		const table = this.of(task);
		let fd = from;
		while (table.has(fd)) fd++;
		return fd;
	}
}

const UNSHARE = 2;
const CLOSE_ON_EXEC = 4;
const FDS = 8;
const FIRST = 100;
const fd = fc.nat(FDS - 1);
const who = fc.nat(5);
const step = fc.oneof(
	fc.record({ op: fc.constant("open" as const), who, closeOnExec: fc.boolean() }),
	fc.record({ op: fc.constant("close" as const), who, fd }),
	fc.record({ op: fc.constant("dup" as const), who, fd }),
	fc.record({ op: fc.constant("dup2" as const), who, fd, to: fd }),
	fc.record({ op: fc.constant("dup3" as const), who, fd, to: fd, closeOnExec: fc.boolean() }),
	fc.record({ op: fc.constant("fcntl" as const), who, fd, from: fd, closeOnExec: fc.boolean() }),
	fc.record({ op: fc.constant("flag" as const), who, fd, closeOnExec: fc.boolean() }),
	fc.record({
		op: fc.constant("range" as const),
		who,
		fd,
		to: fd,
		how: fc.constantFrom(0, UNSHARE, CLOSE_ON_EXEC),
	}),
	fc.record({ op: fc.constant("fork" as const), who, shared: fc.boolean() }),
	fc.record({ op: fc.constant("exec" as const), who }),
	fc.record({ op: fc.constant("unshare" as const), who }),
	fc.record({ op: fc.constant("exit" as const), who }),
);

test("descriptors are those of a model, whatever is done one after another", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
			const session = new StringsSession([{ pid: FIRST, open: { 0: "/in", 1: "/out!" } }]);
			try {
				const run = new Run(session);
				for (const each of steps) {
					run.step(each);
					run.read();
				}
				expect(await named(await session.build(), "name = 'read'")).toEqual(run.expected);
			} finally {
				session.remove();
			}
		}),
		{ numRuns: 25 },
	);
}, 120_000);

type Table = Map<number, { path: string; closeOnExec: boolean }>;
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type StepOf<Op extends Step["op"]> = Extract<Step, { readonly op: Op }>;

/** Does the same to a session and to the model. */
class Run {
	readonly expected: string[] = [];
	readonly #model = new Model();
	#names = 0;
	#tasks = FIRST;

	constructor(private readonly session: StringsSession) {
		this.#model.tables.set(
			FIRST,
			new Map([
				[0, { path: "/in", closeOnExec: false }],
				[1, { path: "/out", closeOnExec: true }],
			]),
		);
	}

	step(each: Step): void {
		const alive = [...this.#model.tables.keys()];
		const task = alive[each.who % alive.length] ?? FIRST;
		const table = this.#model.of(task);
		switch (each.op) {
			case "open":
				this.#open(task, table, each);
				break;
			case "close":
				this.#call(task, "close", [each.fd], table.delete(each.fd) ? 0 : -9);
				break;
			case "dup":
				this.#copyTo(task, "dup", each.fd, [], this.#model.lowest(task), false);
				break;
			case "dup2":
				this.#copyTo(task, "dup2", each.fd, [each.to], each.to, false);
				break;
			case "dup3":
				this.#dup3(task, each);
				break;
			case "fcntl": {
				const made = this.#model.lowest(task, each.from);
				const command = each.closeOnExec ? 1030 : 0;
				this.#copyTo(
					...([task, "fcntl", each.fd, [command, each.from], made] as const),
					each.closeOnExec,
				);
				break;
			}
			case "flag":
				this.#flag(task, table, each);
				break;
			case "range":
				this.#range(task, table, each);
				break;
			case "fork":
				if (alive.length < 6) this.#fork(task, table, each);
				break;
			case "exec":
				this.#exec(task, table);
				break;
			case "unshare":
				this.#model.tables.set(task, copy(table));
				this.#call(task, "unshare", [CLONE_FILES], 0);
				break;
			case "exit":
				if (alive.length > 1) this.#exit(task);
				break;
		}
	}

	/** Every number of every task. */
	read(): void {
		for (const [task, table] of this.#model.tables) {
			for (let number = 0; number < FDS + 2; number++) {
				this.#call(task, "read", [number, 0, 0], 1);
				this.expected.push(`read - - ${table.get(number)?.path ?? "-"} -`);
			}
		}
	}

	#call(task: number, name: CallName, args: readonly number[], ret: number): void {
		this.session.call(task, name, args, ret);
	}

	#open(task: number, table: Table, { closeOnExec }: StepOf<"open">): void {
		const made = this.#model.lowest(task);
		const path = `/f${this.#names++}`;
		table.set(made, { path, closeOnExec });
		this.session.opens(task, path, made, { closeOnExec, ino: BigInt(this.#names) });
	}

	#copyTo(
		task: number,
		name: CallName,
		from: number,
		args: readonly number[],
		to: number,
		closeOnExec: boolean,
	): void {
		const table = this.#model.of(task);
		const open = table.get(from);
		this.#call(task, name, [from, ...args], open === undefined ? -9 : to);
		if (open !== undefined && from !== to) table.set(to, { ...open, closeOnExec });
	}

	#dup3(task: number, { fd, to, closeOnExec }: StepOf<"dup3">): void {
		const flags = closeOnExec ? 0o2000000 : 0;
		if (fd === to) this.#call(task, "dup3", [fd, to, flags], -22);
		else this.#copyTo(task, "dup3", fd, [to, flags], to, closeOnExec);
	}

	#flag(task: number, table: Table, { fd, closeOnExec }: StepOf<"flag">): void {
		const open = table.get(fd);
		this.#call(task, "fcntl", [fd, 2, closeOnExec ? 1 : 0], open === undefined ? -9 : 0);
		if (open !== undefined) open.closeOnExec = closeOnExec;
	}

	#range(task: number, table: Table, { fd, to, how }: StepOf<"range">): void {
		const [first, last] = [Math.min(fd, to), Math.max(fd, to)];
		this.#call(task, "close_range", [first, last, how], 0);
		const own = how === UNSHARE ? copy(table) : table;
		this.#model.tables.set(task, own);
		for (const [number, open] of own) {
			if (number < first || number > last) continue;
			if (how === CLOSE_ON_EXEC) open.closeOnExec = true;
			else own.delete(number);
		}
	}

	#fork(task: number, table: Table, { shared }: StepOf<"fork">): void {
		const child = ++this.#tasks;
		this.session.begin(task, "clone", [shared ? CLONE_FILES : 0]);
		this.session.fork(this.session.tick(), task, child).end(task, "clone", child);
		this.#model.tables.set(child, shared ? table : copy(table));
	}

	#exec(task: number, table: Table): void {
		this.session.begin(task, "execve", [1, 1, 1], { path: "/x" });
		this.session.exec(this.session.tick(), task, { comm: "x" }).end(task, "execve", 0);
		this.#model.tables.set(
			task,
			new Map([...copy(table)].filter(([, { closeOnExec }]) => !closeOnExec)),
		);
	}

	#exit(task: number): void {
		this.session.die(this.session.tick(), task);
		this.#model.tables.delete(task);
	}
}

function copy(table: Table): Table {
	return new Map([...table].map(([number, open]) => [number, { ...open }]));
}
