import { expect, test } from "vitest";
import { containerOf } from "./container-id.js";

const ID = "4f3c1a".padEnd(64, "0");

test.each([
	[`/system.slice/docker-${ID}.scope`, ID],
	[`/docker/${ID}`, ID],
	[`/docker/${ID}/init.scope`, ID],
	[`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`, ID],
	[
		`/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-${ID}.scope`,
		ID,
	],
	[`/kubepods/besteffort/pod0f8c4d2e-1111-2222-3333-444455556666/${ID}`, ID],
	[`/kubepods.slice/kubepods-pod1.slice/crio-${ID}.scope`, ID],
	[`/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:${ID}`, ID],
	["/lxc/web", "web"],
	["/lxc.payload.web/init.scope", "web"],
	["/machine.slice/machine-deb\\x2d12.scope/payload", "deb-12"],
	["/", null],
	["/user.slice/user-1000.slice/session-4.scope", null],
	["/system.slice/docker.service", null],
	[`/notes/${ID.slice(1)}`, null],
])("%s", (cgroup, id) => {
	expect(containerOf(cgroup)).toBe(id);
});
