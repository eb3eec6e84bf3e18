#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Bufflink against its specification, in a VM, as root.
# usage: run.sh MODULES PROGRAMS
#   MODULES   directory of bufflink.ko and bufflink_test.ko
#   PROGRAMS  where this directory's Makefile put its programs
# Prints "ok - ..." and "not ok - ..." lines; exit status 1 if any is not ok.
set -u
PATH=$PATH:/usr/sbin:/sbin
modules=$1
programs=$2
scratch=$(mktemp -d)
failures=0

check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@"; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		failures=$((failures + 1))
	fi
}

devtest() { "$programs/devtest" "$@"; }

says() { # TEXT COMMAND...
	local expected=$1 actual
	shift
	actual=$("$@" 2>&1)
	[ "$actual" = "$expected" ] || { echo "# expected: $expected"; echo "# got: $actual"; false; }
}

within() { # SECONDS COMMAND...: until it succeeds
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

state() { awk '{ print $3 }' "/proc/$1/stat" 2>/dev/null; }
sleeping() { [ "$(state "$1")" = S ]; }
ended() { [ -z "$(state "$1")" ] || [ "$(state "$1")" = Z ]; }

readme_dialogue() {
	local minor reader
	check "the test module loads" insmod "$modules/bufflink_test.ko"
	minor=$(dmesg | sed -n 's/.*bufflink_test: minor \([0-9]*\)$/\1/p' | tail -1)
	check "it logs the minor it picked" [ "$minor" = 0 ]
	check "README: devtest w 8" says "wrote 8 bytes" devtest w 8
	check "README: devtest w 8 again" says "wrote 8 bytes" devtest w 8
	check "README: devtest r 2 gives the first 2 immediately" \
		says "read 2 bytes: ab" timeout 5 "$programs/devtest" r 2
	check "README: devtest r 40 gives the other 14 immediately" \
		says "read 14 bytes: cdefghabcdefgh" timeout 5 "$programs/devtest" r 40

	"$programs/devtest" r 40 >"$scratch/reader" &
	reader=$!
	check "README: devtest r 40 blocks" within 5 sleeping $reader
	sleep 0.5
	check "README: and goes on blocking" sleeping $reader
	check "README: devtest w 10" says "wrote 10 bytes" devtest w 10
	check "README: that wakes the reader" within 20 ended $reader
	kill $reader 2>/dev/null
	wait $reader
	check "README: which sees the 10 bytes" says "read 10 bytes: abcdefghij" cat "$scratch/reader"

	check "no overflow yet" says "overflow: no, refused so far: 0" devtest o
	check "the default size is 64 KiB" says "wrote 65536 bytes" devtest w 65536
	check "an overflow is refused" \
		says "devtest: write /dev/bufflink0: No space left on device" devtest w 1
	check "and told" says "overflow: yes, refused so far: 1" devtest o
	check "once" says "overflow: no, refused so far: 1" devtest o
	check "the test module unloads" rmmod bufflink_test
	check "its device node goes" [ ! -e /dev/bufflink0 ]
}

check "bufflink loads" insmod "$modules/bufflink.ko"
check "/proc/devices has major 120" grep -qx '120 bufflink' /proc/devices
check "its alias loads it for major 120" \
	says 'char-major-120-*' modinfo -F alias "$modules/bufflink.ko"

readme_dialogue
for program in fifo overflow lifetime storm; do
	check "$program" timeout 600 "$programs/$program" "$modules"
done

check "bufflink unloads" rmmod bufflink
check "/proc/devices forgets it" [ -z "$(grep bufflink /proc/devices)" ]

# Any driver that lets its major be chosen can take 120 away.
if modprobe -q ipmi_devintf ipmi_major=120 || {
	insmod "$modules/ipmi_msghandler.ko" && insmod "$modules/ipmi_devintf.ko" ipmi_major=120
} 2>/dev/null; then
	check "bufflink loads when major 120 is taken" insmod "$modules/bufflink.ko"
	major=$(awk '$2 == "bufflink" { print $1 }' /proc/devices)
	check "with another major" [ "${major:-120}" != 120 ]
	insmod "$modules/bufflink_test.ko"
	check "which its devices have" says "$(printf '%x' "${major:-0}")" stat -c %t /dev/bufflink0
	check "and which works" says "wrote 8 bytes" devtest w 8
	rmmod bufflink_test bufflink
else
	echo "# skipped: there is no ipmi_devintf.ko to take major 120 away"
fi
complaints=$(dmesg | grep -E 'WARNING|BUG|Oops|KASAN|UBSAN|INFO: |possible .*deadlock|unreferenced')
check "the kernel has nothing to complain of" [ -z "$complaints" ]
[ -z "$complaints" ] || dmesg | tail -60

rm -rf "$scratch"
[ "$failures" = 0 ]
