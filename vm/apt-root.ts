/**
 * A private apt: its own package lists, cache and state in the user's cache directory, so that
 * kernels of any Debian release can be fetched without root and without touching the host's apt.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { RelayscopeError } from "../src/base/error.js";
import {
	type DebianMirror,
	findDebianMirror,
	formatSource,
	readAptSources,
} from "./apt-sources.js";
import { lastLines, runTool } from "./subprocess.js";
import { requireTool } from "./tools.js";

const DEFAULT_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

export class AptRoot {
	readonly #configuration: string;
	readonly #archives: string;

	private constructor(configuration: string, archives: string) {
		this.#configuration = configuration;
		this.#archives = archives;
	}

	/** `suites` are names of the main archive; the security archive's are recognised. */
	static create(directory: string, suites: readonly string[]): AptRoot {
		const mirror = findDebianMirror(readAptSources());
		if (mirror === undefined) {
			throw new RelayscopeError("NO_KERNEL", "no Debian archive is configured in /etc/apt", {
				hint: "Kernels come from the Debian mirror this machine uses: add one to /etc/apt/sources.list.d",
			});
		}
		const state = join(directory, "apt");
		for (const part of ["lists/partial", "archives/partial", "empty"]) {
			mkdirSync(join(state, part), { recursive: true });
		}
		writeFileSync(join(state, "status"), "");
		writeFileSync(join(state, "debian.sources"), formatSources(mirror, suites));
		const configuration = join(state, "apt.conf");
		writeFileSync(configuration, aptConfiguration(state));
		return new AptRoot(configuration, join(state, "archives"));
	}

	async update(): Promise<void> {
		await this.#run(requireTool("aptGet"), ["update", "-q"], "update the package lists");
	}

	/** Names of the packages that begin with `prefix`. */
	async packageNames(prefix: string): Promise<string[]> {
		const purpose = `list packages ${prefix}*`;
		const text = await this.#run(requireTool("aptCache"), ["pkgnames", prefix], purpose);
		return text.split("\n").filter((name) => name !== "");
	}

	/** The Depends of a package's newest version, without version constraints. */
	async dependencies(name: string): Promise<string[]> {
		const text = await this.#run(
			requireTool("aptCache"),
			["show", "--no-all-versions", name],
			`find the package ${name}`,
		);
		const depends = /^Depends: (.*)$/m.exec(text)?.[1] ?? "";
		// Of alternatives the first is what Debian prefers.
		return depends.split(",").map((item) => item.trim().split(/[\s:(|]/)[0] ?? "");
	}

	/** A package that is already in `directory` with the right checksum is not fetched again. */
	async download(name: string, directory: string): Promise<void> {
		mkdirSync(directory, { recursive: true });
		await this.#run(requireTool("aptGet"), ["download", "-q", name], `download ${name}`, directory);
	}

	/** Downloads packages with all they need on an empty system; the directory they are in. */
	async downloadWithDependencies(names: readonly string[]): Promise<string> {
		const options = ["-q", "-y", "--no-install-recommends", "--download-only"];
		const purpose = `download ${names.join(", ")}`;
		await this.#run(requireTool("aptGet"), ["install", ...options, ...names], purpose);
		return this.#archives;
	}

	async #run(command: string, args: string[], purpose: string, cwd?: string): Promise<string> {
		const configured = ["-c", this.#configuration, ...args];
		const result = await runTool(command, configured, cwd === undefined ? {} : { cwd });
		if (result.status === 0) return result.stdout;
		throw new RelayscopeError(
			"NO_KERNEL",
			`apt could not ${purpose}:\n${lastLines(result.transcript, 5)}`,
			{ hint: "Check that the machine's Debian mirror can be reached, then try again" },
		);
	}
}

function formatSources(mirror: DebianMirror, suites: readonly string[]): string {
	const keyring = existsSync(DEFAULT_KEYRING) ? DEFAULT_KEYRING : undefined;
	const stanzas: string[] = [];
	for (const [source, wanted] of [
		[mirror.archive, suites.filter((suite) => !suite.endsWith("-security"))],
		[mirror.security, suites.filter((suite) => suite.endsWith("-security"))],
	] as const) {
		if (source === undefined || wanted.length === 0) continue;
		// The host's key may sign only its own release; the archive keyring holds all of them.
		stanzas.push(formatSource({ ...source, signedBy: keyring ?? source.signedBy }, wanted));
	}
	return stanzas.join("\n");
}

/**
 * Given by `-c`, which apt loads after /etc/apt: the host's proxy and credentials stay in force,
 * and its hooks, which act on the host's own apt, can be cleared.
 */
function aptConfiguration(state: string): string {
	const quoted = JSON.stringify;
	return `Dir::Etc::sourcelist ${quoted(join(state, "debian.sources"))};
Dir::Etc::sourceparts ${quoted(join(state, "empty"))};
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts ${quoted(join(state, "empty"))};
Dir::State ${quoted(state)};
Dir::State::status ${quoted(join(state, "status"))};
Dir::State::lists ${quoted(join(state, "lists"))};
Dir::Cache ${quoted(state)};
Dir::Cache::archives ${quoted(join(state, "archives"))};
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User ${quoted(userInfo().username)};
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::Retries "3";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`;
}
