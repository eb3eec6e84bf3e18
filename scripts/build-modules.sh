#!/usr/bin/env bash
# Builds every kernel module out of tree. usage: build-modules.sh KERNEL_BUILD_DIR OUTPUT_DIR
set -euo pipefail
cd "$(dirname "$0")/.."
kernel=$1
output=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r kmod include "$work/"
make -C "$kernel" M="$work/kmod" modules
mkdir -p "$output"
find "$work/kmod" -name '*.ko' -exec cp {} "$output/" \;
