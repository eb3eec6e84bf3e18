import { describe, expect, it } from "vitest";
import { RelayscopeError } from "../base/error.js";
import { parsePack } from "./load-pack.js";

function pack(...lines: readonly string[]): string {
	return `${lines.join("\n")}\n`;
}

function errorOf(text: string): RelayscopeError {
	try {
		parsePack("rules.yaml", text);
	} catch (error) {
		if (error instanceof RelayscopeError) return error;
		throw error;
	}
	throw new Error("no error");
}

const RULE = [
	"pack: own",
	"rules:",
	"  - rule: one",
	"    severity: low",
	"    view: syscalls",
	'    message: "{comm}"',
];

describe("a pack", () => {
	it("is read with its definitions", () => {
		const { rules } = parsePack(
			"rules.yaml",
			pack("define:", "  failed: ret < 0", ...RULE, "    when: failed and name == open"),
		);
		expect(rules.map(({ id, severity }) => [id, severity])).toEqual([["one", "low"]]);
		expect(rules[0]?.steps[0].when[0]?.expression.kind).toBe("and");
	});

	it("takes a duration and links to earlier steps", () => {
		const { rules } = parsePack(
			"rules.yaml",
			pack(
				...["pack: own", "rules:", "  - rule: two", "    severity: high", "    within: 10m"],
				...["    sequence:", "      - { step: a, view: syscalls, when: ret > 0 }"],
				"      - { step: b, view: execs, when: ret == 0, link: path == a.fd_path }",
				...["    same: [pid]", '    message: "{a.path}"'],
			),
		);
		expect(rules[0]?.within).toBe(600_000_000_000n);
		expect(
			rules[0]?.steps[1]?.links.map(({ column, step, stepColumn }) => [column, step, stepColumn]),
		).toEqual([
			["path", "a", "fd_path"],
			["pid", "a", "pid"],
		]);
	});
});

describe("a mistake is told with its place and what to do", () => {
	it.each([
		["no YAML", "pack: [", /^rules\.yaml:\d+:\d+: this is not YAML/, "quotes"],
		[
			"an unknown key",
			pack(...RULE, "    wen: ret < 0"),
			/^rules\.yaml:7:5: a rule has no key "wen"/,
			"when",
		],
		["no condition", pack(...RULE), /^rules\.yaml:3:5: there is no condition/, "when"],
		[
			"a condition's syntax",
			pack(...RULE, "    when: ret <"),
			/^rules\.yaml:7:11: the condition is not understood: a value is due/,
			"number",
		],
		[
			"a severity",
			pack(...RULE, "    when: ret < 0").replace("low", "bad"),
			/^rules\.yaml:4:15: "bad" is no severity/,
			"medium",
		],
		[
			"a step",
			pack(...RULE, "    when: ret < 0", "    within: 5m"),
			/^rules\.yaml:8:5: "within" is for a sequence/,
			"sequence",
		],
	] as const)("%s", (_name, text, message, hint) => {
		const error = errorOf(text);
		expect(error.code).toBe("BAD_RULE");
		expect(error.message).toMatch(message);
		expect(error.hint).toContain(hint);
	});

	it("two rules of a name", () => {
		const rule = ["  - { rule: a, severity: low, view: syscalls, when: ret < 0, message: m }"];
		expect(errorOf(pack("pack: own", "rules:", ...rule, ...rule)).message).toContain(
			'two rules "a"',
		);
	});

	it("a link to a step that is not before", () => {
		const text = pack(
			...[
				"pack: own",
				"rules:",
				"  - rule: a",
				"    severity: low",
				"    message: m",
				"    sequence:",
			],
			"      - { step: a, view: syscalls, when: ret < 0, link: path == b.path }",
			"      - { step: b, view: syscalls, when: ret < 0 }",
		);
		expect(errorOf(text).message).toContain('there is no earlier step "b"');
	});
});
