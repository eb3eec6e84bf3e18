/**
 * Where a declaration stands in the text of a .proto file; the parser does not keep it. Lines are
 * counted from 1. Undefined: not found, as a name that only the parser's view of the text has.
 */
export function lineOfDeclaration(
	text: string,
	message: string,
	field?: string,
): number | undefined {
	const code = withoutCommentsAndStrings(text);
	const declared = new RegExp(`\\bmessage\\s+${message}\\s*\\{`).exec(code);
	if (declared === null) return undefined;
	if (field === undefined) return lineAt(code, declared.index);
	const within = new RegExp(`\\b${field}\\s*=\\s*\\d`, "g");
	within.lastIndex = declared.index;
	const found = within.exec(code);
	return lineAt(code, found?.index ?? declared.index);
}

function lineAt(text: string, index: number): number {
	return text.slice(0, index).split("\n").length;
}

/** The same text, at the same places, with nothing that only looks like a declaration. */
function withoutCommentsAndStrings(text: string): string {
	return text.replace(
		/\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g,
		(match) => match.replace(/[^\n]/g, " "),
	);
}
