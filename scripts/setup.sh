#!/usr/bin/env bash
# Prepares a checkout: system packages, npm packages, native addon, TypeScript, and kernel modules
# where the running kernel's headers are installed. Silent when there is nothing to do.
# usage: setup.sh [run|test]   (test: also what the tests compare with)
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-run}

say() { printf 'setup: %s\n' "$*" >&2; }
die() {
	printf 'relayscope: %s\n' "$*" >&2
	exit 1
}

state=node_modules/.relayscope
log=out/setup.log
mkdir -p out

# Runs a step, its output in the log; shows the log's end when it fails.
step() {
	local title=$1
	shift
	say "$title"
	if ! "$@" >>"$log" 2>&1; then
		tail -n 25 "$log" >&2
		die "set-up failed at: $title (whole output in $log)"
	fi
}

fingerprint() { cat "$@" 2>/dev/null | sha256sum | cut -d' ' -f1; }
current() { [ "$(cat "$state/$1" 2>/dev/null)" = "$2" ]; }
remember() {
	mkdir -p "$state"
	echo "$2" >"$state/$1"
}

command -v node >/dev/null || die "Node.js is not installed; install Node 20.19 or later"
node -e 'const [a, b] = process.versions.node.split(".").map(Number);
	process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
	die "Node $(node -v) is too old; install Node 20.19 or later"

# ---- system packages: command or file that shows it is there, Debian package ----
needed=(
	gcc:gcc g++:g++ make:make python3:python3 gcc-12:gcc-12
	qemu-system-x86_64:qemu-system-x86 busybox:busybox-static depmod:kmod xz:xz-utils
)
[ "$purpose" = test ] && needed+=(
	strace:strace sqlite3:sqlite3 sparse:sparse pgrep:procps dkms:dkms blkparse:blktrace fio:fio
	dmsetup:dmsetup
)
missing=()
for entry in "${needed[@]}"; do
	PATH=$PATH:/usr/sbin:/sbin command -v "${entry%%:*}" >/dev/null || missing+=("${entry#*:}")
done
# pahole and objtool of the kernel's build need libelf.
[ -e /usr/lib/x86_64-linux-gnu/libelf.so.1 ] || missing+=(libelf1)
if [ ${#missing[@]} -gt 0 ]; then
	[ "$(id -u)" = 0 ] || die "these packages are missing; run: sudo apt-get install ${missing[*]}"
	command -v apt-get >/dev/null || die "install these first: ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	step "installing ${missing[*]}" sh -c \
		'apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"' sh "${missing[@]}"
fi

# ---- npm packages (better-sqlite3 compiles from source where no prebuilt one can be had) ----
# Node's own headers, where its installation has them, save node-gyp a download.
headers=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
[ -e "$headers/include/node/node.h" ] && export npm_config_nodedir=$headers
lock=$(fingerprint package-lock.json <(node -p process.versions.modules))
if ! current packages "$lock"; then
	step "installing npm packages (a minute or two the first time)" \
		npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	step "building better-sqlite3" npm rebuild better-sqlite3 --loglevel=error
	remember packages "$lock"
fi

addon=$(fingerprint binding.gyp $(find native include -name '*.cc' -o -name '*.h' | sort) <(echo "$lock"))
if ! current addon "$addon" || [ ! -e build/Release/relayscope_native.node ]; then
	step "building the native reader" npx --no-install node-gyp configure build --loglevel=error
	remember addon "$addon"
fi

code=$(fingerprint tsconfig.json tsconfig.build.json $(find src vm bench -name '*.ts' | sort) <(echo "$lock"))
if ! current code "$code" || [ ! -d dist ]; then
	rm -rf dist
	step "compiling TypeScript" npx --no-install tsc -p tsconfig.build.json
	remember code "$code"
fi

# ---- kernel modules for this machine's own kernel, where that is possible ----
kernel=/lib/modules/$(uname -r)/build
if [ -e "$kernel/Makefile" ]; then
	modules=$(fingerprint $(find kmod include -type f | sort) <(uname -r))
	if ! current modules "$modules"; then
		step "building kernel modules for $(uname -r)" scripts/build-modules.sh "$kernel" "out/modules/$(uname -r)"
		remember modules "$modules"
	fi
fi
