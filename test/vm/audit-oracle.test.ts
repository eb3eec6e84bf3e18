/**
 * The kernel's own audit, with watches as CIS has them, beside a recording of the same run: what
 * ausearch finds is what rule account-file-changed finds.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { auditToolsSetUp } from "./audit-tools.js";
import { ask, inGuest, relayscope } from "./guest.js";

const WATCHED = ["passwd", "shadow", "group", "gshadow", "nsswitch.conf", "pam.conf", "pam.d"];
/** Watches of `wa` are about opening and attributes, not about each write. */
const WRITES = "'write', 'pwrite64', 'writev', 'ftruncate', 'fallocate'";

const WORK = `
cd /var/work
ln -s /etc dir
cp /etc/group /etc/new
calls 'open /etc/passwd 1'
calls 'open /etc/passwd 0'
calls 'openat -100 /etc 0x10000' 'openat @1 shadow 2'
calls 'open dir/gshadow 1'
calls 'openat -100 /etc/group 0x200000' 'open /proc/self/fd/@1 1'
calls 'rename /etc/new /etc/group'
calls 'chmod /etc/shadow 0640'
calls 'open /etc/pam.d/own 0x41 0644'
calls 'unlink /etc/pam.d/own'
calls 'ia32:5 /etc/nsswitch.conf 1'
calls 'ia32:15 /etc/passwd 0644'
calls 'open /etc/hostname 1'
calls 'truncate /etc/pam.conf 0'
echo '# x' >> /etc/passwd
`;

let directory = "";

beforeAll(async () => {
	const watches = WATCHED.map((name) => `auditctl -w /etc/${name} -p wa -k account`).join("\n");
	const result = await inGuest(
		"audit-oracle",
		`
${auditToolsSetUp()}
cp "$PROGRAMS/calls" /usr/local/bin/calls
mkdir -p /var/work
for name in passwd shadow group gshadow nsswitch.conf pam.conf; do touch /etc/$name; done
mkdir -p /etc/pam.d
cat > "$OUT/work.sh" <<'WORK'
${WORK}
WORK
sed -i 's/^flush = .*/flush = SYNC/; s/^freq = .*/freq = 0/' /etc/audit/auditd.conf
auditd -n > "$OUT/auditd.txt" 2>&1 &
daemon=$!
for i in $(seq 50); do auditctl -s | grep -q "^pid $daemon" && break; sleep 0.1; done
auditctl -D > /dev/null
auditctl -b 8192 -r 0 > /dev/null
auditctl -e 1 > /dev/null
${watches}
relayscope record --strings --sources syscalls -q -o "$OUT/session" -- bash "$OUT/work.sh" > "$OUT/work.txt" 2>&1
auditctl -s > "$OUT/status.txt"
auditctl -D > /dev/null
kill $daemon
wait $daemon || true
ausearch -i -k account --input-logs > "$OUT/ausearch.txt" 2> "$OUT/ausearch.err" || cat "$OUT/ausearch.err" >&2
`,
	);
	expect(result.status, result.stderr).toBe(0);
	directory = result.directory;
	expect(relayscope("audit", join(directory, "session")).status).toBe(1);
}, 500_000);

/** `PID CALL` of every call that succeeded, as the kernel's audit has it. */
function foundByAusearch(): string[] {
	const text = readFileSync(join(directory, "ausearch.txt"), "utf8");
	const calls = [...text.matchAll(/^type=SYSCALL .* syscall=(\S+) success=yes .* pid=(\d+) /gm)];
	// By sendto auditctl itself asks for its watches.
	const found = calls.filter(([, call]) => call !== "sendto");
	return [...new Set(found.map(([, call, pid]) => `${pid} ${call}`))].sort();
}

describe("account files", () => {
	it("ausearch and rule account-file-changed find the same calls", () => {
		const session = join(directory, "session");
		const found = ask(
			session,
			`SELECT DISTINCT s.pid || ' ' || s.name AS call FROM alerts a
				JOIN syscalls s ON s.ts = a.ts AND a.source_id = s.ts || '/' || s.tid
				WHERE a.rule = 'account-file-changed' AND s.name NOT IN (${WRITES}) ORDER BY 1`,
		);
		const expected = foundByAusearch();
		expect(readFileSync(join(directory, "status.txt"), "utf8")).toContain("lost 0");
		expect(expected.length).toBeGreaterThan(8);
		expect(found.map(({ call }) => call)).toEqual(expected);
	});
});
