/** `{column}` or `{step.column}` in a rule's message. */
export interface Placeholder {
	readonly step: string | undefined;
	readonly column: string;
}

export type MessageTemplate = readonly (string | Placeholder)[];

const PLACEHOLDER = /\{([a-z_][\w-]*)(?:\.([a-z_]\w*))?\}/gi;

/** Braces around what is no name stay as they are. */
export function parseMessage(text: string): MessageTemplate {
	const parts: (string | Placeholder)[] = [];
	let at = 0;
	for (const match of text.matchAll(PLACEHOLDER)) {
		if (match.index > at) parts.push(text.slice(at, match.index));
		const [whole, first = "", second] = match;
		parts.push(
			second === undefined ? { step: undefined, column: first } : { step: first, column: second },
		);
		at = match.index + whole.length;
	}
	if (at < text.length) parts.push(text.slice(at));
	return parts;
}
