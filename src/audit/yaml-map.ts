import { isMap, isScalar, isSeq, type LineCounter, type Node, type Pair, type YAMLMap } from "yaml";
import { nearestName } from "../base/nearest-name.js";
import { badRule, type Place } from "./rule-error.js";

/** A file's text with the places of its nodes. */
export interface YamlSource {
	readonly file: string;
	readonly lines: LineCounter;
}

/** A text that stands in the file, and where. */
export interface PlacedText {
	readonly text: string;
	readonly place: Place;
}

/** A mapping whose keys are known; whatever else stands in it is told with its place. */
export class YamlMap {
	readonly place: Place;
	readonly #source: YamlSource;
	readonly #values = new Map<string, { readonly key: Place; readonly value: Node | null }>();

	constructor(
		source: YamlSource,
		node: Node | null | undefined,
		what: string,
		keys: readonly string[],
	) {
		this.#source = source;
		this.place = placeOf(source, node);
		if (!isMap(node)) {
			throw badRule(
				this.place,
				`${what} must be a mapping of keys`,
				`It may have: ${keys.join(", ")}.`,
			);
		}
		for (const { key, value } of (node as YAMLMap<Node, Node | null>).items as Pair<
			Node,
			Node | null
		>[]) {
			const name = isScalar(key) ? String(key.value) : "";
			const at = placeOf(source, key);
			if (!keys.includes(name)) {
				const nearest = nearestName(name, keys);
				const meant = nearest === undefined ? "" : `Did you mean ${nearest}? `;
				throw badRule(
					at,
					`${what} has no key "${name}"`,
					`${meant}It may have: ${keys.join(", ")}.`,
				);
			}
			this.#values.set(name, { key: at, value });
		}
	}

	has(key: string): boolean {
		return this.#values.has(key);
	}

	/** Of a key, or of the mapping when the key is not there. */
	placeOf(key: string): Place {
		return this.#values.get(key)?.key ?? this.place;
	}

	node(key: string): Node | null | undefined {
		return this.#values.get(key)?.value;
	}

	text(key: string): PlacedText | undefined {
		const found = this.#values.get(key);
		return found === undefined ? undefined : this.#textOf(found.value, `"${key}"`, found.key);
	}

	requiredText(key: string, hint: string): PlacedText {
		const found = this.text(key);
		if (found === undefined) throw badRule(this.place, `"${key}" is missing`, hint);
		return found;
	}

	/** A text, or a list of them. */
	texts(key: string): readonly PlacedText[] {
		const found = this.#values.get(key);
		if (found === undefined) return [];
		if (!isSeq(found.value)) return [this.#textOf(found.value, `"${key}"`, found.key)];
		return found.value.items.map((item) =>
			this.#textOf(item as Node | null, `an entry of "${key}"`, found.key),
		);
	}

	/** The entries of a list. */
	list(key: string): readonly (Node | null)[] {
		const found = this.#values.get(key);
		if (found === undefined) return [];
		if (isSeq(found.value)) return found.value.items as (Node | null)[];
		throw badRule(found.key, `"${key}" must be a list`, "Begin each entry with a dash: - …");
	}

	/** Keys with texts, whatever the keys are. */
	textsByName(key: string): ReadonlyMap<string, PlacedText> {
		const found = this.#values.get(key);
		const texts = new Map<string, PlacedText>();
		if (found === undefined) return texts;
		if (!isMap(found.value)) {
			throw badRule(
				found.key,
				`"${key}" must be a mapping`,
				"Write a name, a colon and a condition.",
			);
		}
		for (const { key: name, value } of found.value.items as Pair<Node, Node | null>[]) {
			const at = placeOf(this.#source, name);
			texts.set(String(isScalar(name) ? name.value : ""), this.#textOf(value, "a definition", at));
		}
		return texts;
	}

	#textOf(node: Node | null, what: string, fallback: Place): PlacedText {
		const place = node === null ? fallback : placeOf(this.#source, node);
		const value = isScalar(node) ? node.value : undefined;
		if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") {
			if (String(value).trim() !== "") return { text: String(value), place };
		}
		throw badRule(
			place,
			`${what} must be a text`,
			"Put it in quotes when YAML reads it otherwise.",
		);
	}
}

function placeOf({ file, lines }: YamlSource, node: Node | null | undefined): Place {
	const at = lines.linePos(node?.range?.[0] ?? 0);
	return { file, line: Math.max(1, at.line), column: Math.max(1, at.col) };
}
