#!/usr/bin/env bash
# Formatter, linter, types, import directions, dead code, stale derived files, kernel code and its style.
set -uo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh test || exit 1
status=0
check() {
	local title=$1
	shift
	local output
	if output=$("$@" 2>&1); then
		echo "ok      $title"
	else
		printf 'FAILED  %s\n%s\n' "$title" "$output"
		status=1
	fi
}
check "format and lint (biome)" npx --no-install biome check --error-on-warnings .
check "types (tsc)" npx --no-install tsc --noEmit -p tsconfig.json
check "import directions (dependency-cruiser)" npx --no-install depcruise --config .dependency-cruiser.cjs src vm bench
check "dead code (knip)" npx --no-install knip
check "derived files are fresh (relayscope gen)" node bin/relayscope.js gen --check
check "kernel code (W=1, sparse)" scripts/lint-kernel.sh
check "kernel style (checkpatch)" node scripts/checkpatch.mjs
exit $status
