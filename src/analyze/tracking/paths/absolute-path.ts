/** Something that has to be made shorter: `//`, `/.`, `/..` or a `/` at the end. */
const NOT_PLAIN = /\/(?:\.{0,2})(?:\/|$)/;

/**
 * `given` as seen from the root of all: joined to `base` where it is relative, behind `root` where it
 * is absolute. Lexical, as nobody can ask the file system any more: `..` takes away the name before
 * it, whatever that was a link to, and never leads out of `root`. null: not known.
 */
export function absolutePath(given: string, base: string | null, root: string): string | null {
	const inside = root === "/" ? "" : root;
	if (given.startsWith("/")) return inside + plain(given) || "/";
	if (base === null) return null;
	// What lies outside the root, as a directory that was opened before chroot, has its whole path.
	const below = inside !== "" && (base === inside || base.startsWith(`${inside}/`)) ? inside : "";
	const joined = plain(`${base.slice(below.length)}/${given}`);
	return below + joined || "/";
}

/** Absolute, without what means nothing; empty for `/`. */
function plain(path: string): string {
	if (!NOT_PLAIN.test(path)) return path;
	const names: string[] = [];
	for (const name of path.split("/")) {
		if (name === "..") names.pop();
		else if (name !== "" && name !== ".") names.push(name);
	}
	return names.length === 0 ? "" : `/${names.join("/")}`;
}
