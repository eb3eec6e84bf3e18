#!/usr/bin/env bash
# Builds Debian's lttng-modules for a kernel of the virtual machine, out of tree.
# usage: build-lttng.sh HEADERS_DIR KERNEL_MODULES_DIR OUTPUT_DIR
# OUTPUT_DIR becomes a /lib/modules/RELEASE with LTTng's modules only, made by depmod.
set -euo pipefail
headers=$1
kernel_modules=$2
output=$3
release=$(basename "$kernel_modules")
[ -e "$output/complete" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# The package installs through DKMS only; its payload is plain source.
apt-get download -q lttng-modules-dkms >/dev/null 2>&1
dpkg-deb -x lttng-modules-dkms_*.deb package
cd package/usr/src/lttng-modules-*
# The timer probe clashes with a change that Debian's 6.1 kernel has backported.
sed -i '/timer/d' src/probes/Kbuild
make -j"$(nproc)" KERNELDIR="$headers" CC=gcc-12 >"$work/log" 2>&1 || {
	tail -n 20 "$work/log" >&2
	exit 1
}
tree=$work/tree/lib/modules/$release
mkdir -p "$tree/extra"
find . -name '*.ko' -exec cp {} "$tree/extra/" \;
cp "$kernel_modules"/modules.{order,builtin,builtin.modinfo} "$tree/"
PATH=$PATH:/usr/sbin:/sbin depmod -b "$work/tree" "$release"
touch "$tree/complete"
rm -rf "$output"
mkdir -p "$(dirname "$output")"
cp -r "$tree" "$output"
