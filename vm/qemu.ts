/** The command line of one QEMU process. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { RelayscopeError } from "../src/base/error.js";
import { findExecutable } from "./tools.js";

export type Accelerator = "kvm" | "tcg";

export interface MachineShape {
	/** The start of the command line; see ensureEmulator. */
	readonly qemu: readonly string[];
	readonly accelerator: Accelerator;
	readonly kernel: string;
	readonly initramfs: string;
	readonly cpus: number;
	readonly memoryMiB: number;
	/** The guest's clock counts executed instructions, one a nanosecond. Emulation only. */
	readonly instructionClock?: boolean | undefined;
	/** Added at the end of the kernel's command line. */
	readonly append?: string | undefined;
	/** File that takes the kernel's console. */
	readonly console: string;
}

/** File descriptors that carry the guest's serial ports, and the port numbers init.sh uses. */
export const PORTS = {
	stdout: { fd: 3, number: 1 },
	stderr: { fd: 4, number: 2 },
	status: { fd: 5, number: 3 },
	stdin: { fd: 6, number: 4 },
} as const;

/** The executable and its arguments, without disks, ports or network. */
export function machineArguments(shape: MachineShape): string[] {
	const append = ["console=ttyS0 panic=-1 quiet mitigations=off tsc=reliable cryptomgr.notests"];
	// Interpreting the ACPI tables' interrupt routing costs most of a second, emulated.
	if (shape.accelerator === "tcg") append.push("acpi=noirq");
	const clock = shape.instructionClock === true ? ["-icount", "shift=0,sleep=off"] : [];
	if (shape.append !== undefined) append.push(shape.append);
	return [
		...dieWithParent(),
		...shape.qemu,
		...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none"],
		...["-machine", "pc,hpet=off,vmport=off", "-accel", shape.accelerator, "-cpu", "max"],
		...clock,
		...["-smp", String(shape.cpus), "-m", String(shape.memoryMiB)],
		...["-kernel", shape.kernel, "-initrd", shape.initramfs, "-append", append.join(" ")],
		...[
			"-chardev",
			`file,id=console,path=${optionValue(shape.console)}`,
			"-serial",
			"chardev:console",
		],
	];
}

/** The host's root, read-only, and the one directory the guest may write. */
export function shareArguments(share: string): string[] {
	// Device numbers may differ below a directory; `remap` keeps inode numbers unique all the same.
	const host = "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap";
	// `none` makes ordinary files owned by the caller, and needs no privilege.
	const shared = `local,path=${optionValue(share)},mount_tag=share,security_model=none,multidevs=remap`;
	return ["-virtfs", host, "-virtfs", shared];
}

/** Before the shares: the guest numbers its virtio devices in this order, and init.sh expects 0. */
export function portArguments(): string[] {
	const args = ["-device", "virtio-serial-pci"];
	for (const [name, port] of Object.entries(PORTS)) {
		args.push("-chardev", `socket,id=${name},fd=${port.fd}`);
		args.push("-device", `virtserialport,chardev=${name},nr=${port.number},name=${name}`);
	}
	return args;
}

/** QEMU separates options by commas; a doubled one stands for itself. */
function optionValue(value: string): string {
	return value.replaceAll(",", ",,");
}

/**
 * A machine must not outlive a caller that is killed outright. Node cannot ask for that signal;
 * setpriv (util-linux, on every Debian system) can.
 */
function dieWithParent(): string[] {
	const setpriv = findExecutable("setpriv");
	return setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL"];
}

/** For an error: what is known to make QEMU fail before the guest starts. */
export function explainStartFailure(transcript: string): RelayscopeError {
	const hint = existsSync(join("/usr/share/qemu", "pvh.bin"))
		? "The lines above are QEMU's own"
		: "QEMU's firmware is incomplete: apt-get install qemu-system-data seabios";
	return new RelayscopeError("VM_FAILED", `QEMU did not start:\n${transcript.trimEnd()}`, { hint });
}
