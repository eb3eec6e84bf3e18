/** Columns that text takes on a terminal: wide East Asian characters and emoji take two. */
export function textWidth(text: string): number {
	if (/^[\x20-\x7e]*$/.test(text)) return text.length;
	let width = 0;
	for (const char of text) width += charWidth(char);
	return width;
}

const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE =
	/^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u;

function charWidth(char: string): number {
	if (ZERO.test(char)) return 0;
	return WIDE.test(char) ? 2 : 1;
}

/** The text cut to `width` columns, its last one an ellipsis when something was cut. */
export function truncate(text: string, width: number): string {
	if (textWidth(text) <= width) return text;
	if (width <= 0) return "";
	let kept = "";
	let used = 0;
	for (const char of text) {
		const next = charWidth(char);
		if (used + next > width - 1) break;
		kept += char;
		used += next;
	}
	return `${kept}…`;
}

export function padEnd(text: string, width: number): string {
	return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

export function padStart(text: string, width: number): string {
	return " ".repeat(Math.max(0, width - textWidth(text))) + text;
}

const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

// Anyone can name a process or a file: an escape sequence in a recording must not reach the
// terminal, nor a direction override reorder a line, nor a newline fake a row.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Recorded text made safe to print on a terminal. */
export function printable(text: string): string {
	return text.replace(UNPRINTABLE, (char) => {
		const code = char.charCodeAt(0);
		return NAMED[char] ?? (code < 256 ? `\\x${hexDigits(code, 2)}` : `\\u${hexDigits(code, 4)}`);
	});
}

function hexDigits(code: number, length: number): string {
	return code.toString(16).padStart(length, "0");
}
