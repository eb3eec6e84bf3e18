import type { ReflectionObject } from "protobufjs";

type Refuse = (problem: string, hint: string) => Error;

/** The custom options of one message or field: only those that options.proto declares, well typed. */
export class ProtoOptions {
	readonly #values = new Map<string, unknown>();

	constructor(
		node: ReflectionObject,
		known: readonly string[],
		private readonly refuse: Refuse,
	) {
		for (const [key, value] of Object.entries(node.options ?? {})) {
			const name = /^\((?:\.?relayscope\.)?(\w+)\)$/.exec(key)?.[1];
			if (name === undefined || !known.includes(name)) {
				throw refuse(
					`the option ${key} has no meaning here.`,
					`Use ${known.map((option) => `(${option})`).join(", ")}, or remove it.`,
				);
			}
			this.#values.set(name, value);
		}
	}

	number(name: string): number | undefined {
		const value = this.#values.get(name);
		if (value === undefined || typeof value === "number") return value;
		throw this.#wrongType(name, "a number");
	}

	string(name: string): string | undefined {
		const value = this.#values.get(name);
		if (value === undefined || typeof value === "string") return value;
		throw this.#wrongType(name, "text in quotes");
	}

	boolean(name: string): boolean {
		const value = this.#values.get(name) ?? false;
		if (typeof value === "boolean") return value;
		throw this.#wrongType(name, "true or false");
	}

	#wrongType(name: string, wanted: string): Error {
		return this.refuse(
			`(${name}) is ${JSON.stringify(this.#values.get(name))}.`,
			`Give ${wanted}.`,
		);
	}
}
