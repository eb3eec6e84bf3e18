/** Packs of rules out of YAML files; docs/audit.md documents every key. */
import { readFileSync } from "node:fs";
import { isNode, LineCounter, type Node, parseDocument } from "yaml";
import { RelayscopeError } from "../base/error.js";
import { parseFilter } from "../filter/parse.js";
import type { Expression } from "../filter/syntax.js";
import { parseMessage } from "./message-template.js";
import type { Link, Pack, Rule, Step, WrittenCondition } from "./rule.js";
import { badRule } from "./rule-error.js";
import { isSeverity, SEVERITIES } from "./severity.js";
import { type PlacedText, YamlMap, type YamlSource } from "./yaml-map.js";

const PACK_KEYS = ["pack", "about", "sources", "define", "rules"];
const CONDITION_KEYS = ["view", "when", "unless", "sql"];
const RULE_KEYS = [
	...["rule", "about", "severity", ...CONDITION_KEYS, "sequence", "within", "same"],
	...["once_per", "message", "tags", "sources"],
];
const STEP_KEYS = ["step", ...CONDITION_KEYS, "link"];
const NAME = /^[a-z][a-z0-9_-]*$/;
const STEP_NAME = /^[a-z][a-z0-9_]*$/;
const LINK = /^\s*(\w+)\s*==\s*(\w+)\.(\w+)\s*$/;
const DURATION = /^(\d+)\s*(ms|s|m|h|d)$/;
const UNIT_NS: Readonly<Record<string, bigint>> = {
	ms: 1_000_000n,
	s: 1_000_000_000n,
	m: 60_000_000_000n,
	h: 3_600_000_000_000n,
	d: 86_400_000_000_000n,
};
const CONDITION_HINT =
	'Write comparisons such as: name in (open, openat) and path ~ "/etc/*". docs/audit.md has the language.';

/** @throws RelayscopeError BAD_RULE, with the place of the mistake. */
export function loadPack(file: string): Pack {
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (cause) {
		const why = cause instanceof Error ? cause.message : String(cause);
		throw new RelayscopeError("BAD_RULE", `the rules cannot be read: ${why}`, {
			hint: "Give a YAML file: relayscope audit SESSION --rules my-rules.yaml.",
			cause,
		});
	}
	return parsePack(file, text);
}

export function parsePack(file: string, text: string): Pack {
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines });
	const [error] = document.errors;
	if (error !== undefined) {
		const at = error.linePos?.[0] ?? { line: 1, col: 1 };
		const [problem = "it cannot be read"] = error.message.split(/ at line \d+/);
		const place = { file, line: at.line, column: at.col };
		throw badRule(place, `this is not YAML: ${problem}`, "Put texts with : or # in quotes.");
	}
	return new PackReader({ file, lines }).read(document.contents);
}

class PackReader {
	readonly #source: YamlSource;
	readonly #definitions = new Map<string, Expression>();
	readonly #written = new Map<Expression, WrittenCondition>();

	constructor(source: YamlSource) {
		this.#source = source;
	}

	read(contents: unknown): Pack {
		const node = isNode(contents) ? contents : undefined;
		const map = new YamlMap(this.#source, node, "a file of rules", PACK_KEYS);
		const name = this.#name(map.requiredText("pack", "Name the pack: pack: my-rules."));
		this.#define(map.textsByName("define"));
		const rules: Rule[] = [];
		for (const entry of map.list("rules")) {
			const rule = this.#rule(entry, name);
			if (rules.some(({ id }) => id === rule.id)) {
				throw badRule(rule.place, `there are two rules "${rule.id}"`, "Give each its own name.");
			}
			rules.push(rule);
		}
		if (rules.length === 0) {
			throw badRule(map.placeOf("rules"), "there is no rule", "Begin a list: rules: and - rule: …");
		}
		return {
			...{ name, about: map.text("about")?.text ?? "", file: this.#source.file },
			...{ sources: textsOf(map.texts("sources")), rules },
		};
	}

	#define(definitions: ReadonlyMap<string, PlacedText>): void {
		for (const [name, written] of definitions) {
			if (!STEP_NAME.test(name)) {
				throw badRule(
					written.place,
					`"${name}" cannot name a condition`,
					"Use small letters, digits and _.",
				);
			}
			const condition = this.#condition(written);
			this.#definitions.set(name, condition.expression);
			this.#written.set(condition.expression, condition);
		}
	}

	#rule(node: Node | null, pack: string): Rule {
		const map = new YamlMap(this.#source, node, "a rule", RULE_KEYS);
		const id = this.#name(map.requiredText("rule", "Name it: - rule: file-written."));
		const severity = map.requiredText("severity", `One of ${SEVERITIES.join(", ")}.`);
		if (!isSeverity(severity.text)) {
			const hint = `Use one of ${SEVERITIES.join(", ")}.`;
			throw badRule(severity.place, `"${severity.text}" is no severity`, hint);
		}
		const message = map.requiredText("message", 'Say what happened: message: "{comm} ran {path}".');
		return {
			...{ id, pack, place: map.place, severity: severity.text },
			about: map.text("about")?.text ?? "",
			tags: textsOf(map.texts("tags")),
			sources: textsOf(map.texts("sources")),
			steps: this.#steps(map),
			within: durationOf(map.text("within")),
			oncePer: map.texts("once_per").map(({ text, place }) => ({ column: text, place })),
			message: parseMessage(message.text),
			messagePlace: message.place,
			definitions: this.#written,
		};
	}

	#steps(map: YamlMap): Rule["steps"] {
		if (!map.has("sequence")) {
			for (const key of ["within", "same"]) {
				if (!map.has(key)) continue;
				const hint = "Remove it, or give the rule a sequence of steps.";
				throw badRule(map.placeOf(key), `"${key}" is for a sequence`, hint);
			}
			return [this.#step(map, "row", [])];
		}
		for (const key of CONDITION_KEYS) {
			if (!map.has(key)) continue;
			const hint = "Give it to the steps of the sequence.";
			throw badRule(map.placeOf(key), `"${key}" stands beside a sequence`, hint);
		}
		const steps: Step[] = [];
		const same = map.texts("same");
		for (const entry of map.list("sequence")) {
			const step = new YamlMap(this.#source, entry, "a step", STEP_KEYS);
			const name = step.requiredText("step", "Name each step: - step: written.");
			if (!STEP_NAME.test(name.text) || steps.some((other) => other.name === name.text)) {
				const hint = "Use small letters, digits and _, and each name once.";
				throw badRule(name.place, `"${name.text}" cannot name this step`, hint);
			}
			const first = steps[0];
			const links = step.texts("link").map((link) => linkOf(link, steps));
			const shared =
				first === undefined
					? []
					: same.map(({ text, place }) => {
							return { column: text, step: first.name, stepColumn: text, place };
						});
			steps.push(this.#step(step, name.text, [...links, ...shared]));
		}
		const [first, ...others] = steps;
		if (first === undefined || others.length === 0) {
			const hint = "For one step leave out sequence: view and when are keys of the rule.";
			throw badRule(map.placeOf("sequence"), "a sequence has two steps or more", hint);
		}
		return [first, ...others];
	}

	#step(map: YamlMap, name: string, links: readonly Link[]): Step {
		const view = map.requiredText("view", "Name what is asked: view: syscalls. docs/views.md.");
		const sql = map.text("sql");
		const when = map.texts("when").map((text) => this.#condition(text));
		if (when.length === 0 && sql === undefined) {
			throw badRule(map.place, "there is no condition", "Give when: (or sql:) what must hold.");
		}
		return {
			...{ name, view: view.text, viewPlace: view.place, when, links, sql },
			unless: map.texts("unless").map((text) => this.#condition(text)),
		};
	}

	#condition({ text, place }: PlacedText): WrittenCondition {
		try {
			return { text, place, expression: parseFilter(text, this.#definitions).expression };
		} catch (error) {
			if (!(error instanceof RelayscopeError)) throw error;
			throw badRule(place, aboutCondition(error.message), error.hint ?? CONDITION_HINT);
		}
	}

	#name({ text, place }: PlacedText): string {
		if (NAME.test(text)) return text;
		throw badRule(place, `"${text}" cannot be a name`, "Use small letters, digits, - and _.");
	}
}

/** What the parser of filters says, of a condition. */
export function aboutCondition(message: string): string {
	return message
		.replace("the filter is not", "the condition is not")
		.replace("filter", "condition");
}

function textsOf(texts: readonly PlacedText[]): readonly string[] {
	return texts.map(({ text }) => text);
}

function durationOf(written: PlacedText | undefined): bigint | undefined {
	if (written === undefined) return undefined;
	const [, count = "", unit = ""] = DURATION.exec(written.text) ?? [];
	const length = UNIT_NS[unit];
	if (length !== undefined) return BigInt(count) * length;
	const hint = `Use ${Object.keys(UNIT_NS).join(", ")}: 10m, 30s.`;
	throw badRule(written.place, `"${written.text}" is no duration`, hint);
}

function linkOf({ text, place }: PlacedText, before: readonly Step[]): Link {
	const [, column, step, stepColumn] = LINK.exec(text) ?? [];
	if (column === undefined || step === undefined || stepColumn === undefined) {
		const hint =
			"Write this step's column, == and one of an earlier step: path == written.fd_path.";
		throw badRule(place, `"${text}" is no link`, hint);
	}
	if (before.some(({ name }) => name === step)) return { column, step, stepColumn, place };
	const known = before.map(({ name }) => name).join(", ");
	const hint = known === "" ? "The first step has nothing to link to." : `Before it: ${known}.`;
	throw badRule(place, `there is no earlier step "${step}"`, hint);
}
