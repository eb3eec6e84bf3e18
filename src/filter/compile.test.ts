import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { arbitraryEvent, arbitraryValues } from "../../test/arbitrary-event.js";
import { encodePayload } from "../../test/encode-event.js";
import { type FieldValue, interpret } from "../../test/filter/interpret.js";
import {
	type Answer,
	type Call,
	compileMachine,
	type Problem,
	solve,
	type Task,
	threadOf,
} from "../../test/filter/kernel-machine.js";
import type { EventSchema } from "../schema/event-schema.js";
import type { DecodedValue } from "../schema/values.js";
import { CallNames } from "./call-names.js";
import { type FilterSource, fieldNames, findField } from "./fields.js";
import { parseFilter } from "./parse.js";
import { encodeInstructions, type Program } from "./program.js";
import { filtersOf, parseFilterRequest } from "./source-filters.js";

/** As the cgroups of the machine are: 3 is in 2, which is in 1. */
const CGROUPS = new Set([1n, 2n, 3n]);
const HOST = { cgroupId: () => undefined };
const CASES = 1500;
const HEADER = 12;
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

let machine: string;
beforeAll(() => {
	machine = compileMachine();
}, 60_000);

/** An expression over the fields, with values that are theirs or close to them. */
function arbitraryFilter(source: FilterSource, fieldOf: (name: string) => FieldValue) {
	const names = fieldNames(source).filter(
		(name) => !["name", "nr", "abi", "event"].includes(name) && findField(source, name),
	);
	const comparison = fc.constantFrom(...names).chain((name) => {
		const kind = findField(source, name)?.kind;
		const own = fieldOf(name);
		if (kind === "cgroup") return fc.constantFrom("cgroup == 2", "cgroup in (9, 3)", "cgroup != 7");
		return kind === "text"
			? textComparison(name, own instanceof Uint8Array ? own : undefined)
			: numberComparison(name, typeof own === "bigint" ? own : undefined);
	});
	const { filter } = fc.letrec<{ filter: string }>((tie) => ({
		filter: fc.oneof(
			{ maxDepth: 4, depthIdentifier: "filter" },
			comparison,
			fc.tuple(tie("filter"), tie("filter")).map(([a, b]) => `(${a} and ${b})`),
			fc.tuple(tie("filter"), tie("filter")).map(([a, b]) => `(${a} || ${b})`),
			tie("filter").map((part) => `not (${part})`),
			tie("filter").map((part) => `!(${part})`),
		),
	}));
	return filter;
}

function numberComparison(name: string, own: bigint | undefined): fc.Arbitrary<string> {
	const near = own === undefined ? [] : [own, own - 1n, own + 1n].filter((n) => n < 2n ** 64n);
	const exact = near.map((value) => fc.constant(value < INT64.min ? INT64.min : value));
	const value = fc.oneof(fc.bigInt(-20n, 20n), fc.bigInt(INT64), ...exact);
	const sign = fc.constantFrom("==", "!=", "<", "<=", ">", ">=", "&");
	return fc.oneof(
		fc.tuple(sign, value).map(([each, wanted]) => `${name} ${each} ${wanted}`),
		fc
			.tuple(fc.boolean(), fc.array(value, { minLength: 1, maxLength: 8 }))
			.map(([no, list]) => `${name}${no ? " not" : ""} in (${list.join(", ")})`),
	);
}

function textComparison(name: string, own: Uint8Array | undefined): fc.Arbitrary<string> {
	const text = own === undefined ? "" : Buffer.from(own).toString("latin1").slice(0, 15);
	const cut = fc.nat(text.length).map((length) => quote(text.slice(0, length)));
	const exact = fc.oneof(cut, fc.constant(quote(text)));
	const pattern = fc.oneof(
		cut.map((start) => `${start.slice(0, -1)}*"`),
		fc
			.array(fc.constantFrom("*", "?", "[a-z]", "[!b]", "a", "[]x]"), { maxLength: 6 })
			.map((parts) => `"${parts.join("")}"`),
	);
	return fc.oneof(
		fc.tuple(fc.constantFrom("==", "!="), exact).map(([sign, each]) => `${name} ${sign} ${each}`),
		fc.tuple(fc.constantFrom("~", "!~"), pattern).map(([sign, each]) => `${name} ${sign} ${each}`),
		fc.tuple(exact, exact).map(([a, b]) => `${name} in (${a}, ${b})`),
	);
}

/** Byte by byte; what a pattern takes for more than itself is left out. */
function quote(latin1: string): string {
	const plain = latin1.replaceAll(/[\\*?[\]]/g, "_");
	return `"${[...plain].map((c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`).join("")}"`;
}

interface Asked {
	readonly text: string;
	readonly expected: boolean;
	readonly early: Problem | undefined;
	readonly whole: Problem | undefined;
}

function ask(
	text: string,
	source: FilterSource,
	facts: Pick<Problem, "record" | "task" | "call">,
	fieldOf: (name: string) => FieldValue,
): Asked {
	const [filter] = filtersOf([parseFilterRequest(`any:${text}`)], [source], HOST);
	const problemOf = (program: Program | undefined, early: boolean): Problem | undefined =>
		program && {
			...facts,
			early,
			instructions: encodeInstructions(program.instructions),
			text: program.text,
		};
	const { expression } = parseFilter(text);
	return {
		text,
		expected: interpret(expression, fieldOf) === true,
		early: problemOf(filter?.early, true),
		whole: problemOf(filter?.whole, false),
	};
}

function expectAsInterpreted(asked: readonly Asked[]): void {
	const answersTo = (which: "early" | "whole"): readonly Answer[] => {
		const answers = [
			...solve(
				machine,
				asked.flatMap((each) => each[which] ?? []),
			),
		];
		return asked.map((each) =>
			each[which] === undefined ? "accepted" : (answers.shift() as Answer),
		);
	};
	const early = answersTo("early");
	const whole = answersTo("whole");
	const found = asked.map((each, index) => ({ ...each, early: early[index], whole: whole[index] }));
	expect(
		found.filter((each) => each.early === "bad program" || each.whole === "bad program"),
	).toEqual([]);
	const wrong = found.filter(
		(each) => (each.early === "accepted" && each.whole === "accepted") !== each.expected,
	);
	expect(wrong.slice(0, 3)).toEqual([]);
	// Neither always nor never: the expressions do decide something.
	const accepted = found.filter((each) => each.expected).length;
	expect(accepted).toBeGreaterThan(asked.length / 10);
	expect(accepted).toBeLessThan((asked.length * 9) / 10);
}

const arbitraryTask: fc.Arbitrary<Task> = fc.record({
	pid: fc.integer({ min: 1, max: 5 }),
	uid: fc.constantFrom(0, 1000, 65_534, 4_294_967_294),
	cpu: fc.nat(3),
	comm: fc.constantFrom("bash", "a", "sixteen-letters", ""),
});

function taskValue(task: Task, tid: number, name: string): FieldValue {
	switch (name) {
		case "pid":
			return BigInt(task.pid);
		case "tid":
			return BigInt(tid);
		case "uid":
			return BigInt(task.uid);
		case "cpu":
			return BigInt(task.cpu);
		case "comm":
			return Buffer.from(task.comm);
		case "cgroup":
			return CGROUPS;
		default:
			return undefined;
	}
}

function recordOf(schema: EventSchema, values: readonly DecodedValue[], tid: number): Uint8Array {
	const payload = encodePayload(schema, values);
	const record = Buffer.alloc(HEADER + payload.length);
	record.writeUInt16LE(schema.id, 0);
	record.writeUInt16LE(record.length, 2);
	record.writeUInt32LE(tid, 8);
	record.set(payload, HEADER);
	return record;
}

/** Of the event that happened; undefined where the name means another kind of field elsewhere. */
function eventValue(
	source: FilterSource,
	schema: EventSchema,
	values: readonly DecodedValue[],
	name: string,
): FieldValue {
	const index = schema.fields.findIndex((field) => field.name === name);
	const field = schema.fields[index];
	const value = values[index];
	if (field === undefined || value === undefined) return undefined;
	const isNumber = findField(source, name)?.kind === "number";
	if (typeof value === "number" || typeof value === "bigint") {
		return isNumber ? BigInt(value) : undefined;
	}
	if (isNumber || (typeof value === "object" && !Buffer.isBuffer(value))) return undefined;
	const bytes = Buffer.from(value as string | Buffer);
	return bytes;
}

describe("a filter's program, run by the kernel's code", () => {
	it("accepts the events that the expression holds for", () => {
		const asRecord = (event: EventSchema): EventSchema =>
			event.headerLength === HEADER
				? event
				: { ...event, fields: [], fixedLength: 0, headerLength: HEADER };
		const arbitrary = fc
			.tuple(arbitraryEvent(1000).map(asRecord), arbitraryEvent(1001).map(asRecord), arbitraryTask)
			.chain(([first, second, task]) => {
				const source: FilterSource = { name: "any", events: [first, second], calls: undefined };
				return fc.constantFrom(first, second).chain((schema) =>
					arbitraryValues(schema).chain((values) => {
						const tid = task.pid + 7;
						const fieldOf = (name: string): FieldValue =>
							taskValue(task, tid, name) ?? eventValue(source, schema, values, name);
						const record = recordOf(schema, values, tid);
						return arbitraryFilter(source, fieldOf).map((text) =>
							ask(text, source, { record, task, call: undefined }, fieldOf),
						);
					}),
				);
			});
		expectAsInterpreted(fc.sample(arbitrary, CASES));
	}, 60_000);

	it("accepts the calls that it holds for, at their entry as far as that can be known", () => {
		const calls = new CallNames("0 0 read 3\n0 59 execve 3\n1 11 execve 3\n");
		const source: FilterSource = { name: "any", events: [], calls, strings: true };
		const arbitraryPath = fc.option(
			fc.constantFrom("/etc/passwd", "a", "", "/etc").map((text) => Buffer.from(text)),
			{ nil: undefined },
		);
		const arbitraryCall: fc.Arbitrary<Call> = fc.record({
			abi: fc.constantFrom(0, 1, 2),
			nr: fc.bigInt(0n, 400n),
			args: fc.array(fc.oneof(fc.bigInt(INT64), fc.bigInt(0n, 9n)), { maxLength: 6 }),
			path: arbitraryPath,
			path2: arbitraryPath,
			returned: fc.record({
				ret: fc.oneof(fc.bigInt(INT64), fc.bigInt(-4096n, 4096n), fc.bigInt(-4n, 4n)),
				dur: fc.bigInt(0n, 2n ** 40n),
			}),
		});
		const arbitrary = fc.tuple(arbitraryCall, arbitraryTask).chain(([call, task]) => {
			const { ret = 0n, dur = 0n } = call.returned ?? {};
			const own: Readonly<Record<string, FieldValue>> = {
				path: call.path,
				path2: call.path2,
				ret,
				dur,
				errno: ret < 0n && ret >= -4095n ? -ret : undefined,
				...Object.fromEntries(call.args.map((value, index) => [`arg${index}`, value])),
			};
			const fieldOf = (name: string): FieldValue =>
				Object.hasOwn(own, name) ? own[name] : taskValue(task, threadOf(task), name);
			return arbitraryFilter(source, fieldOf).map((text): Asked => {
				const asked = ask(text, source, { record: new Uint8Array(), task, call }, fieldOf);
				const atEntry = { ...call, returned: undefined };
				return { ...asked, early: asked.early && { ...asked.early, call: atEntry } };
			});
		});
		expectAsInterpreted(fc.sample(arbitrary, CASES));
	}, 60_000);
});

describe("the kernel's code", () => {
	it("reads nothing beyond a record, whatever program it has taken", () => {
		const word = (values: readonly number[]): fc.Arbitrary<number> => fc.constantFrom(...values);
		const small = word([0, 0, 1, 2, 12, 14, 16, 20, 100, 4090, 4095, 65_535]);
		const instruction = fc
			.tuple(
				fc.integer({ min: 1, max: 20 }),
				fc.nat(6),
				word([0, 1, 2, 4, 8]),
				fc.nat(3),
				small,
				small,
			)
			.chain(([op, operand, width, flags, offset, size]) =>
				fc.tuple(word([0, 1, 2, 3]), word([0, 1, 2]), small, small).map(([yes, no, at, length]) => {
					const bytes = Buffer.alloc(24);
					bytes.set([op, operand, width, flags], 0);
					bytes.writeUInt16LE(7, 4);
					bytes.writeUInt16LE(offset, 6);
					bytes.writeUInt16LE(size, 8);
					bytes.writeUInt16LE(yes, 10);
					bytes.writeUInt16LE(no, 12);
					bytes.writeUInt32LE(at, 16);
					bytes.writeUInt32LE(length, 20);
					return bytes;
				}),
			);
		const end = Buffer.alloc(24);
		end[0] = 1;
		const problem = fc
			.tuple(
				fc.array(instruction, { maxLength: 5 }),
				fc.uint8Array({ maxLength: 200 }),
				fc.uint8Array({ maxLength: 120 }),
				arbitraryTask,
			)
			.map(([steps, text, payload, task]): Problem => {
				const record = Buffer.concat([Buffer.alloc(HEADER), payload]);
				record.writeUInt16LE(7, 0);
				record.writeUInt16LE(record.length, 2);
				const instructions = Buffer.concat([...steps, end, end, end]);
				return { early: false, instructions, text, record, task, call: undefined };
			});
		// The sanitizers end the machine, and this with it, on any bad access.
		const answers = solve(machine, fc.sample(problem, 20_000));
		expect(new Set(answers)).toEqual(new Set(["accepted", "bad program"]));
	}, 60_000);
});
