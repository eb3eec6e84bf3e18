import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./package-root.js";

/** This program's version, as package.json says. */
export function packageVersion(): string {
	const parsed: unknown = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8"));
	if (typeof parsed === "object" && parsed !== null && "version" in parsed) {
		if (typeof parsed.version === "string") return parsed.version;
	}
	throw new Error("package.json has no version");
}
