/**
 * Names that container engines give the cgroup of a container: docker-ID.scope, crio-ID.scope,
 * cri-containerd-ID.scope, libpod-ID.scope under systemd; /docker/ID, /kubepods/.../ID without it.
 */
const BY_HASH = /(?:^|[/:-])([0-9a-f]{64})(?:\.scope|\.slice)?(?=$|\/)/;
/** lxc.payload.NAME, lxc/NAME, lxc.payload/NAME; systemd-nspawn's machine-NAME.scope. */
const LXC = /\/lxc(?:\.payload)?[./]([^/]+)/;
const MACHINE = /\/machine-([^/]+)\.scope/;
/** As /proc/PID/cgroup shows a pod's container, whose runtime numbers it otherwise. */
const KUBERNETES =
	/\/kubepods[^/]*(?:\/[^/]+)*\/(?:[a-z-]+-)?([0-9a-f]{32,64})(?:\.scope)?(?=$|\/)/;

/** Id of the container whose cgroup this path is, or is below; null: none that is known. */
export function containerOf(cgroup: string): string | null {
	const match =
		BY_HASH.exec(cgroup) ?? KUBERNETES.exec(cgroup) ?? LXC.exec(cgroup) ?? MACHINE.exec(cgroup);
	const [, id] = match ?? [];
	// libpod-payload and the monitor's own cgroup lie beside the container's.
	return id === undefined || id === "" ? null : decodeUnitName(id);
}

/** systemd writes what is no letter of a unit's name as \xNN. */
function decodeUnitName(name: string): string {
	return name.replace(/\\x([0-9a-f]{2})/g, (_, code: string) =>
		String.fromCharCode(Number.parseInt(code, 16)),
	);
}
