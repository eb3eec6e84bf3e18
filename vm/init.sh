#!/bin/busybox sh
# The machine's first process. It makes the host's file system the guest's root, read-only below a
# memory overlay, with the shared directory writable at its own path, runs one command there and
# reports its exit status.
#
# /parameters is appended to the initramfs for each run and defines: release, hostname, modules,
# share, wrapper, stdin_forwarded, trailer, and the functions with_exposed and start_command.
#
# Ports on the virtio serial bus (machine.ts knows them by the same numbers):
stdout_port=/dev/vport0p1
stderr_port=/dev/vport0p2
status_port=/dev/vport0p3
stdin_port=/dev/vport0p4

# Where the second stage finds what it needs after the switch to the new root.
state=/run/relayscope-vm

fail() {
	echo "relayscope-vm: $*" >/dev/console
	poweroff -f
}

# share_9p TAG TARGET OPTIONS: as much per request as virtio carries.
share_9p() {
	mount -t 9p -o "trans=virtio,version=9p2000.L,msize=512000,$3" "$1" "$2"
}

# Makes host files visible again that a memory file system would hide.
expose() {
	for path in "$@"; do
		if [ -d "/host$path" ]; then
			mkdir -p "/root$path"
		else
			mkdir -p "/root${path%/*}"
			: >"/root$path"
		fi
		mount -o bind "/host$path" "/root$path" || fail "cannot show $path"
	done
}

build_root() {
	/bin/busybox mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs devtmpfs /dev
	. /parameters
	for module in /modules/*; do
		insmod "$module" || fail "cannot load $module"
	done

	# The host's files do not change during a run as far as the guest cares, so it may cache them.
	share_9p host /host ro,cache=loose || fail "cannot mount the host's root"
	mount -t tmpfs tmpfs /overlay
	mkdir /overlay/upper /overlay/work
	mount -t overlay -o lowerdir=/host,upperdir=/overlay/upper,workdir=/overlay/work overlay /root ||
		fail "cannot overlay the host's root"

	mkdir -p /root/proc /root/sys /root/dev /root/tmp /root/run
	mount -t proc proc /root/proc
	mount -t sysfs sysfs /root/sys
	mount -t debugfs debugfs /root/sys/kernel/debug
	mount -t tracefs tracefs /root/sys/kernel/tracing
	mount -t securityfs securityfs /root/sys/kernel/security
	mount -t cgroup2 cgroup2 /root/sys/fs/cgroup
	mount -t devtmpfs devtmpfs /root/dev
	mkdir -p /root/dev/pts /root/dev/shm
	mount -t devpts -o ptmxmode=0666 devpts /root/dev/pts
	mount -t tmpfs -o mode=1777 tmpfs /root/dev/shm
	mount -t tmpfs -o mode=1777 tmpfs /root/tmp
	mount -t tmpfs -o mode=755 tmpfs /root/run
	# udev makes these elsewhere; shells and tee need them.
	ln -s /proc/self/fd /root/dev/fd
	ln -s fd/0 /root/dev/stdin
	ln -s fd/1 /root/dev/stdout
	ln -s fd/2 /root/dev/stderr

	with_exposed expose
	mkdir -p "/root/lib/modules/$release"
	mount -o bind "/host$modules" "/root/lib/modules/$release" || fail "cannot show $modules"

	# Last, because it may lie in, or be, one of the directories mounted above. Not cached: what
	# the guest writes is on the host when the write returns.
	mkdir -p "/root$share"
	share_9p share "/root$share" cache=none || fail "cannot mount $share"

	mkdir -p /root/usr/local/bin
	printf '%s' "$wrapper" >/root/usr/local/bin/relayscope
	chmod 755 /root/usr/local/bin/relayscope

	mkdir "/root$state"
	cp /bin/busybox /init /parameters "/root$state/"
	exec switch_root /root "$state/busybox" sh "$state/init" run
}

# Whatever the command left running would hold its output open.
kill_the_rest() {
	for entry in /proc/[0-9]*; do
		pid=${entry#/proc/}
		case $pid in 1 | "$stdout_reader" | "$stderr_reader") continue ;; esac
		# Kernel threads have no program.
		[ -e "$entry/exe" ] && kill -9 "$pid"
	done 2>/dev/null
}

run_command() {
	. "$state/parameters"
	hostname "$hostname"
	ifconfig lo 127.0.0.1 up
	cd "$state" || fail "no $state"
	until [ -c $stdout_port ] && [ -c $stderr_port ] && [ -c $status_port ] && [ -c $stdin_port ]; do
		usleep 10000
	done
	exec 9>$status_port

	# A port can be opened once only, but commands reopen /dev/stderr: they are given pipes.
	mkfifo stdin stdout stderr
	cat <stdout >$stdout_port 9>&- &
	stdout_reader=$!
	cat <stderr >$stderr_port 9>&- &
	stderr_reader=$!
	stdin=/dev/null
	if [ "$stdin_forwarded" = 1 ]; then
		stdin=stdin
		cat <$stdin_port >stdin 9>&- 2>/dev/null &
	fi

	echo started >&9
	(start_command) <$stdin >stdout 2>stderr 9>&-
	echo "exited $?" >&9
	sync
	kill_the_rest
	kill_the_rest
	wait $stdout_reader $stderr_reader
	# The host stops the machine when it has read these: then nothing is left on the way.
	printf '%s' "$trailer" >$stdout_port
	printf '%s' "$trailer" >$stderr_port
	# Reached only when the host does not answer.
	sleep 60
	poweroff -f
}

if [ "$1" = run ]; then
	run_command
else
	build_root
fi
