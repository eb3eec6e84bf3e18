import { afterEach, expect, test } from "vitest";
import { StringsSession } from "../../../../test/strings-session.js";

const P = 10;
let session: StringsSession;

function open(): StringsSession {
	session = new StringsSession([{ pid: P, cwd: "/home", open: { 3: "socket:[7]" } }], {
		processes: [
			{
				...{ pid: P, ppid: 1, uid: 1000, comm: "p", exe: "", cmdline: new Uint8Array() },
				threads: [{ tid: P, comm: "p", startTicks: 0n }],
				identity: {
					...{ euid: 1000, gid: 100, egid: 100, loginuid: 1000, sessionId: 0xffff_ffff },
					cgroup: `/docker/${"a".repeat(64)}`,
				},
			},
		],
	});
	return session;
}

afterEach(() => {
	session.remove();
});

test("an execve that fails is there, with arguments and variables", async () => {
	const details = Buffer.from("sh\0-c\0a b\0\0PATH=/bin\0");
	open().call(P, "execve", [1, 1, 1], -2, { path: "bin/sh", details });
	session.call(P, "execve", [1, 1, 1], -14, { path: "x", flags: 32 });
	expect(
		(await session.build()).ask(
			"SELECT ppid, path, path_given, argv, command, env, ret, errno FROM execs",
		),
	).toEqual([
		`1|/home/bin/sh|bin/sh|["sh","-c","a b"]|sh -c 'a b'|{"PATH":"/bin"}|-2|ENOENT`,
		"1|/home/x|x|-|-|-|-14|EFAULT",
	]);
});

test("addresses are of the calls, and of the sockets", async () => {
	const inet = (port: number) => Buffer.from([2, 0, port >> 8, port & 255, 10, 0, 0, 1]);
	open().call(P, "bind", [3, 1, 16], 0, { details: inet(80) });
	session.call(P, "accept4", [3, 1, 1, 0], 4, {
		later: { details: inet(4000) },
		answers: [{ fd: 4, path: "socket:[8]" }],
	});
	session.call(P, "connect", [9, 1, 16], -9, { details: inet(1) });
	const database = await session.build();
	expect(
		database.ask(
			"SELECT name, fd, socket, side, family, address, port, ret, errno FROM socket_calls",
		),
	).toEqual([
		"bind|3|socket:[7]|local|inet|10.0.0.1|80|0|-",
		"accept4|4|socket:[8]|peer|inet|10.0.0.1|4000|4|-",
		"connect|9|-|peer|inet|10.0.0.1|1|-9|EBADF",
	]);
	expect(
		database.ask("SELECT socket, family, local, local_port, peer, peer_port FROM sockets"),
	).toEqual(["socket:[7]|inet|10.0.0.1|80|-|-", "socket:[8]|inet|-|-|10.0.0.1|4000"]);
});

test("who a process is comes from the start, its parent and its own changes", async () => {
	open().begin(P, "fork", []).fork(session.tick(), P, 20).end(P, "fork", 20);
	session.event(0, session.tick(), 20, "task_credentials", 20, 0, 0, 5, 5, 7, 9);
	session.call(20, "getpid", [], 20);
	const database = await session.build();
	expect(
		database.ask(
			"SELECT pid, uid, euid, gid, loginuid, session_id, substr(cgroup, 1, 9), length(container) FROM process ORDER BY pid",
		),
	).toEqual(["10|1000|1000|100|1000|-|/docker/a|64", "20|0|0|5|7|9|/docker/a|64"]);
	expect(
		database.ask("SELECT pid, tid, uid, euid, gid, egid, loginuid, session_id FROM credentials"),
	).toEqual(["20|20|0|0|5|5|7|9"]);
});
