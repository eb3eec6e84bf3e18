#!/usr/bin/env bash
# Everything that has a test: unit, property and golden tests, then what needs a kernel, in the
# virtual machine. Ends with `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh test || exit 1

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
status=0
# One file at a time where virtual machines run: two would share two processors.
npx --no-install vitest run --reporter=default --reporter=json --outputFile.json="$reports/fast.json" \
	--exclude 'test/vm/**' --exclude 'vm/vm.test.ts' --exclude 'test/native/guest.test.ts' || status=1
npx --no-install vitest run --reporter=default --reporter=json --outputFile.json="$reports/vm.json" \
	--no-file-parallelism test/vm vm/vm.test.ts test/native/guest.test.ts || status=1

node -e '
	const fs = require("node:fs");
	let passed = 0, failed = 0, skipped = 0;
	for (const file of process.argv.slice(1)) {
		const run = JSON.parse(fs.readFileSync(file, "utf8"));
		passed += run.numPassedTests;
		skipped += run.numPendingTests;
		// A file that could not be loaded or set up counts once, not as no test at all.
		const broken = run.testResults.filter((r) => r.status === "failed" && r.assertionResults.every((t) => t.status !== "failed"));
		failed += run.numFailedTests + broken.length;
	}
	console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
	process.exit(failed > 0 || passed === 0 ? 1 : 0);
' "$reports/fast.json" "$reports/vm.json" || status=1
exit $status
