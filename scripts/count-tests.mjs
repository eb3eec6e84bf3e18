// Sums vitest's JSON reports: `<prefix>N passed, N failed`. Fails when any test did, or none ran.
// usage: count-tests.mjs PREFIX REPORT...
import { readFileSync } from "node:fs";

const [prefix, ...files] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of files) {
	const text = readFileSync(file, "utf8");
	if (text === "") {
		failed += 1;
		continue;
	}
	const run = JSON.parse(text);
	passed += run.numPassedTests;
	skipped += run.numPendingTests;
	// A file that could not be loaded or set up counts once, not as no test at all.
	const broken = run.testResults.filter(
		({ status, assertionResults }) =>
			status === "failed" && assertionResults.every((test) => test.status !== "failed"),
	);
	failed += run.numFailedTests + broken.length;
}
console.log(
	`${prefix}${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
