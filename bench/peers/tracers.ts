/**
 * Every tracer as one shell function, `trace_ID DATA COMMAND...`: it runs COMMAND while it records
 * to DATA on the share and writes the records it lost to DATA.lost and, for those whose recorder's
 * CPU time is compared, microseconds to DATA.cpu.
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

export const RELAYSCOPE_ALL: Tracer = {
	id: "relayscope_all",
	label: "relayscope, system-wide",
	command: "relayscope record -a --sources syscalls -o DATA",
	shell: `
	local data=$1 recorder; shift
	usage "$data.usage" relayscope record -a --sources syscalls ${RECORD} -o "$data" 2>"$data.log" &
	recorder=$!
	# The clocks at the start are written after the probes went on.
	until [ -s "$data/kernel.cpu0.raw" ]; do
		kill -0 $recorder || { cat "$data.log"; return 1; }
		sleep 0.1
	done
	"$@"
	kill -INT $recorder
	wait $recorder || { cat "$data.log"; return 1; }
	cut -d' ' -f1 "$data.usage" >"$data.cpu"
	${OUR_LOSSES}`,
};

export const RELAYSCOPE_COMMAND: Tracer = {
	id: "relayscope_command",
	label: "relayscope, one command",
	command: "relayscope record --sources syscalls -o DATA -- COMMAND",
	shell: `
	local data=$1; shift
	relayscope record --sources syscalls ${RECORD} -o "$data" -- "$@" 2>"$data.log" ||
		{ cat "$data.log"; return 1; }
	${OUR_LOSSES}`,
};

export const LTTNG: Tracer = {
	id: "lttng",
	label: "LTTng",
	command:
		"lttng enable-channel -k c --subbuf-size SIZE --num-subbuf N; lttng enable-event -k -c c --syscall -a",
	shell: `
	local data=$1 consumer before; shift
	{
		pgrep -x lttng-sessiond || lttng-sessiond --daemonize
		lttng create bench -o "$data"
		lttng enable-channel -k c --subbuf-size "\${SUBBUF_KIB}K" --num-subbuf "$SUBBUFS"
		lttng enable-event -k -c c --syscall -a
		lttng start
	} >"$data.log" 2>&1 || { cat "$data.log"; return 1; }
	consumer=$(pgrep -f '^lttng-consumerd' | head -n 1)
	before=$(process_cpu $consumer)
	"$@"
	{
		lttng stop
		echo $(( $(process_cpu $consumer) - before )) >"$data.cpu"
		lttng list bench
		lttng destroy
	} >>"$data.log" 2>&1 || { cat "$data.log"; return 1; }
	sed -n 's/.*Discarded events: *//p' "$data.log" >"$data.lost"`,
};

export const TRACE_CMD: Tracer = {
	id: "trace_cmd",
	label: "trace-cmd",
	command: "trace-cmd record -e raw_syscalls -b KIB --compression none -o DATA",
	shell: `
	local data=$1 recorder; shift
	usage "$data.usage" trace-cmd record -e raw_syscalls -b $((SUBBUF_KIB * SUBBUFS)) \\
		--compression none -o "$data" >"$data.log" 2>&1 &
	recorder=$!
	until [ "$(cat /sys/kernel/tracing/events/raw_syscalls/enable)" = 1 ] &&
		[ "$(cat /sys/kernel/tracing/tracing_on)" = 1 ]; do
		kill -0 $recorder || { cat "$data.log"; return 1; }
		sleep 0.1
	done
	"$@"
	kill -INT $recorder
	wait $recorder || { cat "$data.log"; return 1; }
	cut -d' ' -f1 "$data.usage" >"$data.cpu"
	trace-cmd report --stat -i "$data" 2>/dev/null >"$data.stat" || true
	awk '/^(overrun|dropped events|commit overrun):/ { n += $NF } /[0-9]+ events lost/ { n += $1 }
		END { print n + 0 }' "$data.stat" >"$data.lost"`,
};

export const PERF: Tracer = {
	id: "perf",
	label: "perf record",
	command: "perf record -a -m PAGES -e 'raw_syscalls:*' -o DATA COMMAND",
	shell: `
	local data=$1; shift
	perf record -q -a -m $((SUBBUF_KIB * SUBBUFS / 4)) -e 'raw_syscalls:*' -o "$data" "$@" \\
		>"$data.log" 2>&1 || { cat "$data.log"; return 1; }
	perf report --stats -i "$data" 2>/dev/null |
		awk '/LOST(_SAMPLES)? events:/ { n += $3 } END { print n + 0 }' >"$data.lost"`,
};

export const STRACE: Tracer = {
	id: "strace",
	label: "strace",
	command: "strace -o DATA COMMAND",
	shell: `
	local data=$1; shift
	strace -o "$data" "$@"
	echo 0 >"$data.lost"`,
};

export const BPFTRACE: Tracer = {
	id: "bpftrace",
	label: "bpftrace, count only",
	command:
		"bpftrace -e 'tracepoint:raw_syscalls:sys_enter { @[pid] = count(); } tracepoint:raw_syscalls:sys_exit { @[pid] = count(); }' -c COMMAND",
	shell: `
	local data=$1; shift
	bpftrace -e 'tracepoint:raw_syscalls:sys_enter { @[pid] = count(); }
		tracepoint:raw_syscalls:sys_exit { @[pid] = count(); }' -c "$*" >"$data" 2>"$data.log" ||
		{ cat "$data.log"; return 1; }
	echo 0 >"$data.lost"`,
};

export const TRACERS: readonly Tracer[] = [
	RELAYSCOPE_ALL,
	RELAYSCOPE_COMMAND,
	LTTNG,
	TRACE_CMD,
	PERF,
	STRACE,
	BPFTRACE,
];

export function tracerFunctions(): string {
	const functions = TRACERS.map(({ id, shell }) => `trace_${id}() {${shell}\n}`);
	return `
# User and system time of a living process, in microseconds.
process_cpu() { awk '{ sub(/.*\\) /, ""); print ($12 + $13) * 10000 }' "/proc/$1/stat"; }
trace_bare() { shift; "$@"; }
${functions.join("\n")}`;
}
