/** A question that somebody has, and the SQL that answers it in any SQLite shell. */
export interface ViewQuestion {
	readonly question: string;
	readonly sql: string;
}

/** In docs/views.md; a test asks each of them. */
export const VIEW_QUESTIONS: readonly ViewQuestion[] = [
	{
		question: "Which calls took the most time, and how many failed?",
		sql: `SELECT name, count(*) AS calls, sum(dur) AS total_ns, max(dur) AS longest_ns, count(errno) AS errors
FROM syscalls GROUP BY name ORDER BY total_ns DESC, name LIMIT 10;`,
	},
	{
		question: "Which calls failed, how, and in which programs?",
		sql: `SELECT name, errno, comm, count(*) AS times FROM syscalls
WHERE errno IS NOT NULL GROUP BY name, errno, comm ORDER BY times DESC, name, errno;`,
	},
	{
		question: "How long do all but one in a hundred reads take?",
		sql: `SELECT max(dur) AS p99_ns FROM (
	SELECT dur, percent_rank() OVER (ORDER BY dur) AS rank FROM syscalls
	WHERE name = 'read' AND dur IS NOT NULL
) WHERE rank <= 0.99;`,
	},
	{
		question: "What time was it on the wall clock when that happened?",
		sql: `SELECT strftime('%Y-%m-%d %H:%M:%f', (s.ts - b.value + w.value) / 1e9, 'unixepoch') AS utc, s.name, s.path
FROM syscalls s, session b, session w
WHERE b.key = 'start_ts' AND w.key = 'start_wall_clock' AND s.path = '/etc/shadow'
ORDER BY s.ts LIMIT 1;`,
	},
	{
		question: "Who opened this file, and with which flags?",
		sql: `SELECT s.pid, s.comm, s.ret, (
	SELECT group_concat(y.symbol, '|') FROM argument_symbols y
	WHERE y.kind = a.kind AND s.arg2 & y.mask = y.value
) AS flags
FROM syscalls s
JOIN syscall_arguments a ON a.name = s.name AND a.abi = s.abi AND a.position = 2
WHERE s.name = 'openat' AND s.path = '/etc/passwd' ORDER BY s.ts;`,
	},
	{
		question: "Which files did programs look for in vain?",
		sql: `SELECT path, comm, count(*) AS times FROM syscalls
WHERE errno = 'ENOENT' AND path IS NOT NULL GROUP BY path, comm ORDER BY times DESC, path;`,
	},
	{
		question: "Who wrote how much to which file?",
		sql: `SELECT fd_path, pid, comm, sum(ret) AS bytes FROM syscalls
WHERE name IN ('write', 'pwrite64', 'writev', 'pwritev', 'pwritev2') AND ret > 0 AND fd_path IS NOT NULL
GROUP BY fd_path, pid, comm ORDER BY bytes DESC, fd_path;`,
	},
	{
		question: "What was changed under /etc, and how?",
		sql: `SELECT DISTINCT name, coalesce(path, fd_path) AS file, path2, comm FROM syscalls
WHERE errno IS NULL AND (path GLOB '/etc/*' OR path2 GLOB '/etc/*' OR fd_path GLOB '/etc/*')
	AND name IN ('write', 'rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'chmod', 'fchmodat',
		'chown', 'fchownat', 'truncate', 'ftruncate', 'link', 'linkat', 'symlink', 'symlinkat')
ORDER BY ts;`,
	},
	{
		question: "Which programs were run, by whom, and how did they end?",
		sql: `SELECT e.pid, e.ppid, e.command, p.uid, p.exit_status, p.end_ts - e.ts AS lived_ns
FROM execs e LEFT JOIN process p ON p.upid = e.upid WHERE e.errno IS NULL ORDER BY e.ts;`,
	},
	{
		question: "Which programs could not be run?",
		sql: `SELECT path, errno, comm, count(*) AS times FROM execs
WHERE errno IS NOT NULL GROUP BY path, errno, comm ORDER BY times DESC, path;`,
	},
	{
		question: "Who sent which signal to whom?",
		sql: `SELECT s.comm, y.symbol AS signal, p.comm AS receiver, s.errno FROM syscalls s
JOIN argument_symbols y ON y.kind = 'signal' AND s.arg1 & y.mask = y.value
LEFT JOIN process p ON p.pid = s.arg0 AND (p.start_ts IS NULL OR p.start_ts <= s.ts)
	AND (p.end_ts IS NULL OR p.end_ts >= s.ts)
WHERE s.name = 'kill' ORDER BY s.ts;`,
	},
	{
		question: "Which memory was made writable and executable at once?",
		sql: `SELECT ts, pid, comm, name, printf('0x%x', CASE name WHEN 'mmap' THEN ret ELSE arg0 END) AS address,
	arg1 AS bytes
FROM syscalls WHERE name IN ('mmap', 'mprotect') AND arg2 & 6 = 6 AND errno IS NULL ORDER BY ts;`,
	},
	{
		question: "Who became root?",
		sql: `SELECT pid, comm, before, euid, loginuid FROM (
	SELECT *, lag(euid) OVER (PARTITION BY upid ORDER BY ts) AS before FROM credentials
) WHERE euid = 0 AND before <> 0 ORDER BY ts;`,
	},
	{
		question: "Who connected where, and with what success?",
		sql: `SELECT comm, family, address, port, coalesce(errno, 'connected') AS result, count(*) AS times
FROM socket_calls WHERE name = 'connect' GROUP BY comm, family, address, port, result
ORDER BY times DESC, address, port;`,
	},
	{
		question: "Which requests to a disk took longest, and whose were they?",
		sql: `SELECT coalesce(d.name, r.dev) AS device, r.op, r.sector, r.bytes, r.q2c AS took_ns, r.comm
FROM block_requests r LEFT JOIN block_devices d ON d.dev = r.dev
WHERE r.q2c IS NOT NULL ORDER BY r.q2c DESC LIMIT 10;`,
	},
	{
		question: "Which process kept the disk busy?",
		sql: `SELECT pid, comm, count(*) AS requests, sum(bytes) AS bytes, sum(d2c) AS device_ns
FROM block_requests GROUP BY pid, comm ORDER BY device_ns DESC;`,
	},
	{
		question: "Which calls made the disk work, and how long did they wait for it?",
		sql: `SELECT c.name, c.comm, count(*) AS ios, sum(c.bytes) AS bytes, max(c.q2c) AS slowest_ns
FROM io_causes c GROUP BY c.name, c.comm ORDER BY bytes DESC;`,
	},
	{
		question: "Who had the processors, and how often were they taken away?",
		sql: `SELECT comm, sum(dur) AS cpu_ns, count(*) AS slices, sum(end_state = 'R+') AS preempted
FROM sched_slices WHERE pid <> 0 GROUP BY comm ORDER BY cpu_ns DESC;`,
	},
	{
		question: "What was the last that a process did before it ended?",
		sql: `SELECT p.pid, s.name, s.ret, p.end_ts - s.ts AS before_end_ns FROM process p
JOIN syscalls s ON s.pid = p.pid AND s.ts <= p.end_ts
WHERE p.end_ts IS NOT NULL GROUP BY p.upid HAVING s.ts = max(s.ts) ORDER BY p.end_ts;`,
	},
	{
		question: "Is an answer about this time whole, or were records lost?",
		sql: `SELECT channel, cpu, ts_begin, ts_end, lost FROM losses
WHERE ts_begin <= (SELECT value FROM session WHERE key = 'end_ts')
	AND coalesce(ts_end, ts_begin) >= (SELECT value FROM session WHERE key = 'start_ts');`,
	},
];
