#!/usr/bin/env bash
# Builds every module with W=1 and sparse against the virtual machine's kernel; any warning fails.
set -euo pipefail
cd "$(dirname "$0")/.."
kernel=$(node scripts/vm-kernel-headers.mjs)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r kmod include "$work/"
log=$work/log
if ! make -C "$kernel" M="$work/kmod" CC=gcc-12 W=1 C=1 CF=-Wsparse-error modules >"$log" 2>&1; then
	cat "$log"
	exit 1
fi
if grep -E 'warning:|error:' "$log"; then
	exit 1
fi
