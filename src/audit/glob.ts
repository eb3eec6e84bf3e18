/** A shell pattern, as filters have it, in the words of SQLite's GLOB. */
export function globOf(pattern: string): string {
	let glob = "";
	for (let at = 0; at < pattern.length; at++) {
		const char = pattern.charAt(at);
		if (char === "\\" && at + 1 < pattern.length) {
			const next = pattern.charAt(++at);
			glob += "*?[".includes(next) ? `[${next}]` : next;
		} else if (char === "[" && pattern.charAt(at + 1) === "!") {
			glob += "[^";
			at++;
		} else glob += char;
	}
	return glob;
}
