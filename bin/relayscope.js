#!/usr/bin/env node
// Starts the built program; the only JavaScript that is not compiled.
import { existsSync } from "node:fs";

const main = new URL("../dist/src/cli/main.js", import.meta.url);
if (existsSync(main)) {
	const program = await import(main.href);
	process.exitCode = await program.main(process.argv.slice(2));
} else {
	process.stderr.write("relayscope: this checkout is not built yet\n  Run: npm run setup\n");
	process.exitCode = 1;
}
