/** Watches over one running machine: its streams, its status, its limits and its end. */
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { RelayscopeError } from "../src/base/error.js";
import { explainStartFailure, PORTS } from "./qemu.js";
import type { RunDirectory } from "./run-directory.js";
import { StreamTrailer } from "./stream-trailer.js";
import { lastLines } from "./subprocess.js";

export interface ProcessOptions {
	/** For the whole run. Without it a command may run as long as it likes. */
	readonly timeoutSeconds?: number;
	/** How long the machine may take to start the command; two minutes unless given. */
	readonly bootSeconds?: number;
	/** `inherit` passes this process's own stdin, stdout and stderr through. */
	readonly streams: "inherit" | "collect";
	/** Called when the machine has booted and starts the command. */
	readonly onStart?: () => void;
	/** Given to the command when streams are collected. */
	readonly input?: string;
}

export interface VmResult {
	readonly status: number;
	/** Both streams as they came; empty when they were inherited. */
	readonly output: string;
	readonly stdout: string;
	readonly stderr: string;
	/** What the kernel wrote on its console. */
	readonly console: string;
}

/** Emulated and on a busy machine, a boot has been seen to take 20 s. */
const BOOT_LIMIT_S = 120;
/** After the command's end: how long nothing may come before the machine is stopped anyway. */
const DRAIN_LIMIT_MS = 5000;

const FATAL_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** One QEMU process, from its start to the certainty that it is gone. */
export class VmProcess {
	readonly #options: ProcessOptions;
	readonly #directory: RunDirectory;
	readonly #child: ChildProcess;
	readonly #output: Buffer[] = [];
	readonly #stdout: Buffer[] = [];
	readonly #stderr: Buffer[] = [];
	#qemuErrors = "";
	#status: number | undefined;
	#started = false;
	#streamsOpen = 2;
	/** Settle when this process has passed all output on. */
	readonly #delivered: Promise<void>[] = [];
	/** Output streams that wait for their reader. */
	#stalled = 0;
	#stopReason: RelayscopeError | NodeJS.Signals | undefined;
	#watchdog: NodeJS.Timeout | undefined;

	constructor(
		args: readonly string[],
		trailer: string,
		options: ProcessOptions,
		directory: RunDirectory,
	) {
		this.#options = options;
		this.#directory = directory;
		const [command = "", ...rest] = args;
		// A process group of its own: the terminal's Ctrl-C reaches this process alone, which then
		// decides. The four pipes are the ports.
		this.#child = spawn(command, rest, {
			detached: true,
			stdio: ["ignore", "ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
		});
		this.#child.stderr?.on("data", (chunk: Buffer) => {
			this.#qemuErrors += chunk.toString("utf8");
		});
		this.#watch((options.bootSeconds ?? BOOT_LIMIT_S) * 1000, "the virtual machine did not boot");
		this.#readStatus(this.#port("status"));
		this.#connect("stdout", trailer, this.#stdout, process.stdout);
		this.#connect("stderr", trailer, this.#stderr, process.stderr);
		this.#forwardInput(this.#port("stdin"));
	}

	async run(): Promise<VmResult> {
		const onSignal = (signal: NodeJS.Signals): void => this.#stop(signal);
		for (const signal of FATAL_SIGNALS) process.on(signal, onSignal);
		const { timeoutSeconds } = this.#options;
		const limit =
			timeoutSeconds === undefined
				? undefined
				: setTimeout(() => {
						const text = `the virtual machine was stopped after ${timeoutSeconds} s`;
						this.#stop(this.#failure(text));
					}, timeoutSeconds * 1000);
		try {
			await new Promise<void>((resolve, reject) => {
				this.#child.on("error", reject);
				// "close", not "exit": the pipes may still hold output.
				this.#child.on("close", () => resolve());
			});
			if (this.#stopReason === undefined) await Promise.all(this.#delivered);
		} finally {
			clearTimeout(limit);
			clearTimeout(this.#watchdog);
			if (this.#options.streams === "inherit") releaseInput(process.stdin);
			for (const signal of FATAL_SIGNALS) process.off(signal, onSignal);
		}
		return this.#result();
	}

	#result(): VmResult {
		const reason = this.#stopReason;
		if (reason instanceof RelayscopeError) throw reason;
		if (reason !== undefined) {
			// The machine is gone: now end as the signal would have ended this process.
			this.#directory.remove();
			process.kill(process.pid, reason);
			return this.#collected(128 + constants.signals[reason]);
		}
		if (this.#status !== undefined) return this.#collected(this.#status);
		if (!this.#started && this.#directory.readConsole() === "" && this.#qemuErrors !== "") {
			throw explainStartFailure(this.#qemuErrors);
		}
		const panic = /Kernel panic - not syncing: .*/.exec(this.#directory.readConsole())?.[0];
		const cause = panic === undefined ? "" : ` (${panic})`;
		throw this.#failure(`the virtual machine ended before its command did${cause}`);
	}

	#collected(status: number): VmResult {
		return {
			status,
			output: Buffer.concat(this.#output).toString("utf8"),
			stdout: Buffer.concat(this.#stdout).toString("utf8"),
			stderr: Buffer.concat(this.#stderr).toString("utf8"),
			console: this.#directory.readConsole(),
		};
	}

	#failure(what: string): RelayscopeError {
		const tail = lastLines(this.#directory.readConsole(), 20);
		const shown = tail === "" ? "Its console is empty" : `The end of its console:\n${tail}`;
		let hint = "Run it again; a command that needs long may need a longer time limit";
		try {
			hint = `The whole console is in ${this.#directory.keepConsole()}`;
		} catch {
			// QEMU was stopped before it made the file.
		}
		return new RelayscopeError("VM_FAILED", `${what}. ${shown}`, { hint });
	}

	#stop(reason: RelayscopeError | NodeJS.Signals | undefined): void {
		this.#stopReason ??= reason;
		this.#child.kill("SIGKILL");
	}

	#watch(limitMs: number, what: string | undefined): void {
		clearTimeout(this.#watchdog);
		this.#watchdog = setTimeout(() => {
			// A reader who takes time, a pager for one, is no fault of the machine.
			if (this.#stalled > 0) this.#watch(limitMs, what);
			else this.#stop(what === undefined ? undefined : this.#failure(what));
		}, limitMs);
	}

	#port(name: keyof typeof PORTS): Socket {
		const stream = (this.#child.stdio as readonly unknown[])[PORTS[name].fd];
		if (!(stream instanceof Socket)) throw new Error(`QEMU was started without the port ${name}`);
		// The other end closes when the machine is stopped; that is how every run ends.
		stream.on("error", () => undefined);
		return stream;
	}

	#readStatus(port: Readable): void {
		let text = "";
		port.on("data", (chunk: Buffer) => {
			text += chunk.toString("latin1");
			if (!this.#started && text.includes("started\n")) {
				this.#started = true;
				clearTimeout(this.#watchdog);
				this.#options.onStart?.();
			}
			const status = /exited (\d+)\n/.exec(text)?.[1];
			if (status === undefined || this.#status !== undefined) return;
			this.#status = Number(status);
			this.#watch(DRAIN_LIMIT_MS, undefined);
			this.#stopWhenDrained();
		});
	}

	#connect(
		name: "stdout" | "stderr",
		trailer: string,
		collected: Buffer[],
		inherited: Writable,
	): void {
		const content = new StreamTrailer(trailer, () => {
			this.#streamsOpen -= 1;
			this.#stopWhenDrained();
		});
		const port = this.#port(name);
		port.pipe(content);
		// A connection that breaks does not end what it is piped into.
		port.on("close", () => content.end());
		content.on("data", (chunk: Buffer) => {
			if (this.#status !== undefined) this.#watch(DRAIN_LIMIT_MS, undefined);
			if (this.#options.streams === "collect") {
				collected.push(chunk);
				this.#output.push(chunk);
			} else if (!inherited.write(chunk)) {
				this.#stalled += 1;
				content.pause();
				inherited.once("drain", () => {
					this.#stalled -= 1;
					content.resume();
				});
			}
		});
		const onError = (): void => {
			// Nobody reads any more: end as other programs do then.
			this.#stop("SIGPIPE");
			content.destroy();
		};
		if (this.#options.streams === "inherit") inherited.on("error", onError);
		this.#delivered.push(
			new Promise((resolve) => {
				content.on("close", () => resolve());
			}),
		);
	}

	#stopWhenDrained(): void {
		// Killed, not powered off: files were written through and nothing else is to be kept.
		if (this.#status !== undefined && this.#streamsOpen === 0) this.#stop(undefined);
	}

	#forwardInput(port: Socket): void {
		if (this.#options.streams === "inherit") process.stdin.pipe(port);
		else port.end(this.#options.input ?? "");
	}
}

/** A paused terminal or pipe no longer keeps this process alive. */
function releaseInput(stdin: NodeJS.ReadStream): void {
	stdin.unpipe();
	stdin.pause();
	stdin.unref?.();
}
