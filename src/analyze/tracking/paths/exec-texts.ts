/** Arguments and chosen environment of a program, as an execve was given them. */
export interface ExecTexts {
	readonly argv: readonly string[];
	readonly env: readonly string[];
}

/**
 * `bytes`: each argument ended by NUL, a NUL, each variable ended by NUL. No variable is empty, so
 * what parts the two is the last empty text, whatever arguments are empty.
 */
export function execTexts(bytes: Buffer, truncated: boolean): ExecTexts {
	const texts = bytes.toString("utf8").split("\0");
	// What follows the last NUL is nothing, or a text that was cut.
	const cut = texts.pop() ?? "";
	const parts = texts.lastIndexOf("");
	const whole = parts >= 0 && (!truncated || texts.slice(parts + 1).every(isVariable));
	const argv = whole ? texts.slice(0, parts) : texts;
	const env = whole ? texts.slice(parts + 1) : [];
	if (cut !== "") (whole ? env : argv).push(cut);
	return { argv, env };
}

function isVariable(text: string): boolean {
	return /^[^=]+=/.test(text);
}

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** What a shell would run them by. */
export function shellQuoted(argv: readonly string[]): string {
	return argv
		.map((text) => (PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`))
		.join(" ");
}

/** As JSON of a name and a value each. */
export function environmentJson(env: readonly string[]): string {
	return JSON.stringify(
		Object.fromEntries(
			env.map((text) => {
				const at = text.indexOf("=");
				return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
			}),
		),
	);
}
