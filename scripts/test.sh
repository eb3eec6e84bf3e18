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
	--exclude 'test/vm/**' --exclude 'test/debug-kernel/**' --exclude 'vm/vm.test.ts' --exclude 'test/native/guest.test.ts' || status=1
npx --no-install vitest run --reporter=default --reporter=json --outputFile.json="$reports/vm.json" \
	--no-file-parallelism test/vm vm/vm.test.ts test/native/guest.test.ts || status=1

node scripts/count-tests.mjs "" "$reports/fast.json" "$reports/vm.json" || status=1
exit $status
