import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. Found by walking up, because code runs both from src/ (tests) and from dist/. */
export function packageRoot(): string {
	let directory = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(directory, "package.json"))) {
		const parent = dirname(directory);
		if (parent === directory) throw new Error("package.json not found above the program");
		directory = parent;
	}
	return directory;
}
