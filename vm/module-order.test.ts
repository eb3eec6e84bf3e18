import { expect, test } from "vitest";
import { moduleOrder } from "./module-order.js";

const MODULES_DEP = `kernel/fs/9p/9p.ko: kernel/net/9p/9pnet.ko kernel/fs/netfs/netfs.ko
kernel/net/9p/9pnet.ko:
kernel/fs/netfs/netfs.ko:
kernel/net/9p/9pnet_virtio.ko.xz: kernel/net/9p/9pnet.ko kernel/drivers/virtio/virtio-ring.ko
kernel/drivers/virtio/virtio-ring.ko:
`;

test("each module comes once, after what it needs", () => {
	expect(moduleOrder(MODULES_DEP, ["9pnet_virtio", "9p"])).toEqual([
		"kernel/net/9p/9pnet.ko",
		"kernel/drivers/virtio/virtio-ring.ko",
		"kernel/net/9p/9pnet_virtio.ko.xz",
		"kernel/fs/netfs/netfs.ko",
		"kernel/fs/9p/9p.ko",
	]);
});

test("names match with dashes or underscores, and built-in modules need no file", () => {
	expect(moduleOrder(MODULES_DEP, ["virtio_ring", "virtio-ring", "built_in"])).toEqual([
		"kernel/drivers/virtio/virtio-ring.ko",
	]);
});
