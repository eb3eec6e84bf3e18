#!/usr/bin/env bash
# The virtual machine's tests on every supported kernel, or on those named. Prints
# `<kernel>: N passed, N failed` for each; one that cannot be had or does not boot has failed.
# usage: test-kernels.sh [VERSION...]
set -uo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh test || exit 1
kernels=("$@")
[ $# -gt 0 ] || kernels=(6.1 6.12 7.2)

report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
for kernel in "${kernels[@]}"; do
	: >"$report"
	if node bin/relayscope.js vm --kernel "$kernel" --share out -- true; then
		RELAYSCOPE_TEST_KERNEL=$kernel npx --no-install vitest run --no-file-parallelism \
			--reporter=default --reporter=json --outputFile.json="$report" \
			test/vm test/native/guest.test.ts
	fi
	node scripts/count-tests.mjs "$kernel: " "$report" || status=1
done
exit $status
