/**
 * Every tracer as one shell function, `trace_ID DATA COMMAND...`: it runs COMMAND, which may be a
 * shell function, while it records to DATA on the share, and writes the records it lost to
 * DATA.lost. Those that run beside COMMAND also tell, while they record, the records lost so far
 * (`lost_ID`) and the processes whose CPU time is the recorder's own (`recorder_ID`). With $DISCARD
 * set, the recording itself is not wanted.
 */
export interface Tracer {
	readonly id: string;
	readonly label: string;
	/** As printed in the results. */
	readonly command: string;
	readonly shell: string;
}

const RECORD = `--subbuf-size "\${SUBBUF_KIB}K" --subbufs "$SUBBUFS"`;

/** `none lost` or `1,234 LOST` of the recorder's last line. */
const OUR_LOSSES = `sed -n 's/.*records\\?, \\(.*\\) \\(lost\\|LOST\\), in.*/\\1/p' "$data.log" |
		sed 's/none/0/; s/,//g' >"$data.lost"`;

/** Of the whole system. */
function relayscopeAll(id: string, label: string, options: string): Tracer {
	return {
		id,
		label,
		command: `relayscope record -a ${options} -o DATA`,
		shell: `
recorder_${id}() { descendants $recorder; }
lost_${id}() { lost "$data"/*.raw; }
trace_${id}() {
	data=$1; shift
	usage "$data.usage" relayscope record -a ${options} ${RECORD} -o "$data" 2>"$data.log" &
	recorder=$!
	# The clocks at the start are written after the probes went on.
	until [ -s "$data/kernel.cpu0.raw" ]; do
		kill -0 $recorder || { cat "$data.log"; return 1; }
		sleep 0.1
	done
	"$@"
	kill -INT $recorder
	wait $recorder || { cat "$data.log"; return 1; }
	${OUR_LOSSES}
}`,
	};
}

export const RELAYSCOPE_ALL = relayscopeAll(
	"relayscope_all",
	"relayscope, system-wide",
	"--sources syscalls",
);

export const RELAYSCOPE_STRINGS = relayscopeAll(
	"relayscope_strings",
	"relayscope with strings, system-wide",
	"--sources syscalls --strings",
);

export const RELAYSCOPE_COMMAND: Tracer = {
	id: "relayscope_command",
	label: "relayscope, one command",
	command: "relayscope record --sources syscalls -o DATA -- COMMAND",
	shell: `
trace_relayscope_command() {
	data=$1; shift
	relayscope record --sources syscalls ${RECORD} -o "$data" -- "$@" 2>"$data.log" ||
		{ cat "$data.log"; return 1; }
	${OUR_LOSSES}
}`,
};

export const LTTNG: Tracer = {
	id: "lttng",
	label: "LTTng",
	command:
		"lttng enable-channel -k c --subbuf-size SIZE --num-subbuf N; lttng enable-event -k -c c --syscall -a",
	shell: `
recorder_lttng() { pgrep -f '^lttng-consumerd'; }
# What was refused is known when its sub-buffer ends, which stopping makes it do.
lost_lttng() {
	lttng stop >/dev/null
	lttng list bench | sed -n 's/.*Discarded events: *//p'
	lttng start >/dev/null
}
trace_lttng() {
	data=$1; shift
	{
		pgrep -x lttng-sessiond || lttng-sessiond --daemonize
		lttng create bench -o "$data"
		lttng enable-channel -k c --subbuf-size "\${SUBBUF_KIB}K" --num-subbuf "$SUBBUFS"
		lttng enable-event -k -c c --syscall -a
		lttng start
	} >"$data.log" 2>&1 || { cat "$data.log"; return 1; }
	"$@"
	{
		lttng stop
		lttng list bench
		lttng destroy
	} >>"$data.log" 2>&1 || { cat "$data.log"; return 1; }
	sed -n 's/.*Discarded events: *//p' "$data.log" >"$data.lost"
}`,
};

export const TRACE_CMD: Tracer = {
	id: "trace_cmd",
	label: "trace-cmd",
	command: "trace-cmd record -e raw_syscalls -b KIB --compression none -o DATA",
	shell: `
recorder_trace_cmd() { descendants $recorder; }
lost_trace_cmd() {
	cat /sys/kernel/tracing/per_cpu/cpu*/stats |
		awk '/^(overrun|commit overrun|dropped events):/ { n += $NF } END { print n + 0 }'
}
trace_trace_cmd() {
	local events=/sys/kernel/tracing
	data=$1; shift
	usage "$data.usage" trace-cmd record -e raw_syscalls -b $((SUBBUF_KIB * SUBBUFS)) \\
		--compression none -o "$data" >"$data.log" 2>&1 &
	recorder=$!
	until [ "$(cat $events/events/raw_syscalls/enable)" = 1 ] && [ "$(cat $events/tracing_on)" = 1 ]
	do
		kill -0 $recorder || { cat "$data.log"; return 1; }
		sleep 0.1
	done
	"$@"
	# The counters are the buffer's, which the recorder empties and clears when it starts.
	lost_trace_cmd >"$data.lost"
	# Joining its files on the share takes longer than what was to be measured.
	if [ -n "\${DISCARD-}" ]; then
		kill -KILL $(descendants $recorder)
		wait $recorder || true
		trace-cmd reset
		return
	fi
	kill -INT $recorder
	wait $recorder || { cat "$data.log"; return 1; }
}`,
};

export const PERF: Tracer = {
	id: "perf",
	label: "perf record",
	command: "perf record -a -m PAGES -e 'raw_syscalls:*' -o DATA COMMAND",
	shell: `
trace_perf() {
	data=$1; shift
	perf record -q -a -m $((SUBBUF_KIB * SUBBUFS / 4)) -e 'raw_syscalls:*' -o "$data" "$@" \\
		>"$data.log" 2>&1 || { cat "$data.log"; return 1; }
}`,
};

export const STRACE: Tracer = {
	id: "strace",
	label: "strace",
	command: "strace -o DATA COMMAND",
	shell: `
trace_strace() {
	data=$1; shift
	strace -o "$data" "$@"
	echo 0 >"$data.lost"
}`,
};

export const BPFTRACE: Tracer = {
	id: "bpftrace",
	label: "bpftrace, count only",
	command:
		"bpftrace -e 'tracepoint:raw_syscalls:sys_enter { @[pid] = count(); } tracepoint:raw_syscalls:sys_exit { @[pid] = count(); }' -c COMMAND",
	shell: `
trace_bpftrace() {
	data=$1; shift
	bpftrace -e 'tracepoint:raw_syscalls:sys_enter { @[pid] = count(); }
		tracepoint:raw_syscalls:sys_exit { @[pid] = count(); }' -c "$*" >"$data" 2>"$data.log" ||
		{ cat "$data.log"; return 1; }
	echo 0 >"$data.lost"
}`,
};

export const TRACERS: readonly Tracer[] = [
	RELAYSCOPE_ALL,
	RELAYSCOPE_STRINGS,
	RELAYSCOPE_COMMAND,
	LTTNG,
	TRACE_CMD,
	PERF,
	STRACE,
	BPFTRACE,
];

export function tracerFunctions(): string {
	return `
descendants() {
	local child
	for child in $(pgrep -P "$1" || true); do
		echo $child
		descendants $child
	done
}
# Of all the threads that live: nanoseconds on a CPU.
recorder_cpu() {
	local process
	for process in $(recorder_$1); do cat /proc/$process/task/*/schedstat; done |
		awk '{ sum += $1 } END { printf "%.0f\\n", sum }'
}
# trace-cmd joins its files, one a CPU, at the end.
recorded_bytes() {
	{ find "$data" "$data".cpu* -type f -printf '%s\\n' 2>/dev/null || true; } |
		awk '{ sum += $1 } END { printf "%.0f\\n", sum }'
}
trace_bare() { shift; "$@"; }
# A tracer that fails leaves its figures unmeasured, and the others theirs.
attempt() {
	local status begun=$EPOCHREALTIME
	set +e
	(
		set -euo pipefail
		trap 'kill $(descendants $BASHPID) 2>/dev/null || true' EXIT
		"$@"
	)
	status=$?
	if [ $status != 0 ]; then
		echo "$* ended with $status" >&2
		{ lttng destroy --all; trace-cmd reset; } >/dev/null 2>&1
	fi
	awk -v from=$begun -v to=$EPOCHREALTIME -v what="\${*%%$'\\n'*}" \
		'BEGIN { printf "%6.1f s %s\\n", to - from, what }' >>"$OUT/durations"
	set -e
}
${TRACERS.map(({ shell }) => shell.trim()).join("\n")}`;
}
