#!/usr/bin/env bash
# Installs the peers that the benchmark measures beside Relayscope. Silent when they are there.
set -euo pipefail
needed=(
	lttng:lttng-tools trace-cmd:trace-cmd perf:linux-perf strace:strace bpftrace:bpftrace
	babeltrace2:babeltrace2 sqlite3:sqlite3 gcc:gcc gcc-12:gcc-12 make:make
	fio:fio blkparse:blktrace
)
missing=()
for entry in "${needed[@]}"; do
	command -v "${entry%%:*}" >/dev/null || missing+=("${entry#*:}")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" != 0 ]; then
	echo "relayscope: the benchmark's peers are missing; run: sudo apt-get install ${missing[*]}" >&2
	exit 1
fi
echo "bench: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
