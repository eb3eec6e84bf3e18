#!/usr/bin/env bash
# Builds the debug kernel (ten minutes, once) and runs the stress on it: twenty minutes or so.
set -uo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh test || exit 1
node bin/relayscope.js vm --kernel 6.1-debug --share out -- uname -r || exit 1

report=$(mktemp)
trap 'rm -f "$report"' EXIT
echo "the stress tells what it does in out/test/debug-kernel/progress" >&2
npx --no-install vitest run --reporter=default --reporter=json --outputFile.json="$report" \
	test/debug-kernel
node scripts/count-tests.mjs "6.1-debug: " "$report"
