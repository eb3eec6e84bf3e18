#!/usr/bin/env bash
# Builds every module with W=1 and sparse against the virtual machine's kernel; any warning fails.
set -euo pipefail
cd "$(dirname "$0")/.."
kernel=$(node scripts/vm-kernel-headers.mjs)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r kmod include "$work/"
log=$work/log
build() {
	if ! make -C "$kernel" M="$1" CC=gcc-12 W=1 C=1 CF=-Wsparse-error modules >>"$log" 2>&1; then
		cat "$log"
		exit 1
	fi
}
build "$work/kmod"
node bin/relayscope.js gen --c "$work/kmod/relay/sample/sample.proto" -o "$work/kmod/relay/sample" >/dev/null
build "$work/kmod/relay/sample"
if grep -E 'warning:|error:' "$log"; then
	exit 1
fi
