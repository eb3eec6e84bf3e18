#!/usr/bin/env bash
# Everything at once, on the debug kernel, for at least the time given: writers in every context on
# every CPU, recorders that come, go and are killed, CPUs that go off and on, modules removed and
# loaded again, mappings that outlive their channel, and each allocation failing in turn. Says what
# it does, and leaves the kernel's log and leaks for the test to judge.
# usage: stress.sh SECONDS   ($RELAYSCOPE_MODULES, $PROGRAMS; writes to $OUT)
set -uo pipefail
seconds=$1
debugfs=/sys/kernel/debug
core=(bufflink relayscope relayscope_syscalls relayscope_sched relayscope_block)

say() { printf '%6d  %s\n' "$SECONDS" "$*"; }
failed() {
	say "FAILED: $*"
	echo "$*" >>"$OUT/failures"
}

load_modules() {
	for module in "$@"; do
		insmod "$RELAYSCOPE_MODULES/$module.ko" || failed "insmod $module"
	done
}

# In the order given; one in use is tried again, because a killed process lets go a moment later.
remove_modules() {
	local module attempt
	for module in "$@"; do
		for attempt in $(seq 100); do
			rmmod "$module" 2>/dev/null && continue 2
			sleep 0.2
		done
		failed "rmmod $module: $(rmmod "$module" 2>&1)"
	done
}

processors=$(seq 1 $(($(nproc --all) - 1)))
toggle_processors() {
	while :; do
		for cpu in $processors; do
			echo 0 >/sys/devices/system/cpu/cpu$cpu/online
			sleep 0.$((RANDOM % 10))
			echo 1 >/sys/devices/system/cpu/cpu$cpu/online
			sleep 0.$((RANDOM % 10))
		done
	done
}

make_load() { while :; do "$PROGRAMS/getppid" 500; done; }

# Calls with texts of every kind, and programs that are not there.
make_texts() {
	while :; do
		find /etc -name '*.conf' -exec cat {} + >/dev/null
		/nowhere/to/be/found "$RANDOM"
		(cd /tmp && mkdir -p "texts.$BASHPID" && mv "texts.$BASHPID" "other.$BASHPID" &&
			rmdir "other.$BASHPID")
		echo | cat | cat >/dev/null
	done 2>/dev/null
}

make_blocks() {
	while :; do
		dd if=/dev/zero of=/dev/nullb0 bs=256k count=40 oflag=direct
		dd if=/dev/zero of=/dev/nullb0 bs=4k count=500
		dd if=/dev/nullb0 of=/dev/null bs=64k count=100 iflag=direct
		sync
	done 2>/dev/null
}

come_and_go() { while :; do "$PROGRAMS/held_mapping" >>"$OUT/mappings" </dev/null || return; done; }

# Opens what is being made and taken down.
look_in() {
	while :; do
		for file in $debugfs/relayscope/*/cpu*; do : 2>/dev/null <"$file"; done
		sleep 0.01
	done 2>/dev/null
}

expect_conserved() {
	wait "$1" || failed "a recorder found: $(tail -n 8 "$2" | tr '\n' ';')"
}

allocations_fail() {
	say "each allocation of each step fails once"
	for fault in failslab fail_page_alloc; do
		echo N >$debugfs/$fault/ignore-gfp-wait
		echo 0 >$debugfs/$fault/verbose
	done
	echo N >$debugfs/fail_page_alloc/ignore-gfp-highmem
	echo 0 >$debugfs/fail_page_alloc/min-order
	local files=("${core[@]/#/$RELAYSCOPE_MODULES/}")
	"$PROGRAMS/failing_allocations" "${files[@]/%/.ko}" >"$OUT/allocations" 2>&1 ||
		failed "failing allocations: $(tail -n 1 "$OUT/allocations")"
	sed 's/^/        /' "$OUT/allocations"
}

# One round: modules loaded, used in every way while CPUs come and go, and removed.
round() {
	say "round $1: contexts and hotplug"
	load_modules "${core[@]}" test_relayscope bufflink_test
	toggle_processors &
	local toggler=$!
	make_load &
	local load=$!
	make_texts &
	local texts=$!
	make_blocks &
	local blocks=$!
	come_and_go &
	local visitor=$!
	look_in &
	local stranger=$!

	"$PROGRAMS/verifying_recorder" 12 4096 4 test,sched,syscalls >"$OUT/tiny.$1" 2>&1 &
	local tiny=$!
	"$PROGRAMS/verifying_recorder" 12 65536 8 test,sched >"$OUT/large.$1" 2>&1 &
	local large=$!
	"$PROGRAMS/global_recorder" 12 4096 16 test,sched >"$OUT/global.$1" 2>&1 &
	local global=$!
	"$PROGRAMS/global_recorder" 12 4096 64 test,sched overwrite >"$OUT/newest.$1" 2>&1 &
	local newest=$!
	FILTERED=1 "$PROGRAMS/verifying_recorder" 12 16384 8 test:15,sched:5,syscalls:15 \
		>"$OUT/filtered.$1" 2>&1 &
	local filtered=$!
	STRINGS=1 "$PROGRAMS/verifying_recorder" 12 65536 8 syscalls:15,block:5,test \
		>"$OUT/strings.$1" 2>&1 &
	local strings=$!
	STRINGS=1 FILTERED=1 "$PROGRAMS/verifying_recorder" 12 32768 8 test,sched,syscalls:15,block \
		>"$OUT/chosen.$1" 2>&1 &
	local chosen=$!
	cat /dev/bufflink* >/dev/null 2>&1 &
	local readers=$!
	# Threads that lost their CPU do not go back to it, so there are several storms.
	for storm in 1 2 3 4 5; do
		echo "1500 $((40 + RANDOM % 800))" >$debugfs/test_relayscope/storm || failed storm
	done
	echo "process,softirq,hardirq,nmi 500 100" >$debugfs/bufflink_test/storm || failed "bufflink storm"
	echo 3 >$debugfs/bufflink_test/recreate || failed recreate
	expect_conserved $tiny "$OUT/tiny.$1"
	expect_conserved $large "$OUT/large.$1"
	expect_conserved $global "$OUT/global.$1"
	expect_conserved $newest "$OUT/newest.$1"
	expect_conserved $filtered "$OUT/filtered.$1"
	expect_conserved $strings "$OUT/strings.$1"
	expect_conserved $chosen "$OUT/chosen.$1"

	say "round $1: recorders killed, modules removed under load"
	STRINGS=1 "$PROGRAMS/verifying_recorder" 60 65536 8 test,sched,syscalls,block $load >/dev/null &
	local victim=$!
	sleep 3
	for module in "${core[@]}"; do
		rmmod "$module" 2>/dev/null && failed "$module was removed in use"
	done
	kill -KILL $victim
	kill $visitor $stranger
	wait $victim $visitor $stranger 2>/dev/null
	kill $readers 2>/dev/null
	remove_modules bufflink_test test_relayscope relayscope_block relayscope_sched relayscope_syscalls \
		relayscope bufflink
	kill $load $toggler $texts $blocks
	wait $load $toggler $texts $blocks 2>/dev/null
	pkill -x getppid
	for cpu in $processors; do echo 1 >/sys/devices/system/cpu/cpu$cpu/online 2>/dev/null; done
}

: >"$OUT/failures"
echo clear >$debugfs/kmemleak
echo "stress begins" >/dev/kmsg
modprobe null_blk queue_mode=2 || failed "there is no null_blk"
allocations_fail
begun=$SECONDS
number=0
while [ $((SECONDS - begun)) -lt "$seconds" ]; do
	number=$((number + 1))
	round $number
done
say "$number rounds in $((SECONDS - begun)) s"

say "looking for leaks"
# A block counts as leaked once it has been unreachable in a scan after its first seconds.
sleep 10
for scan in 1 2; do
	# Refused once kmemleak has given up for want of memory: then it knows nothing.
	echo scan >$debugfs/kmemleak || failed "kmemleak has given up"
	sleep 10
done
cat $debugfs/kmemleak >"$OUT/leaks"
dmesg | sed -n '/stress begins/,$p' >"$OUT/log"
say "done"
