/**
 * What one run tells the guest, as a shell file that init.sh reads. Single quotes carry every byte
 * unchanged, so no argument or path needs special treatment on either side.
 */
export interface GuestParameters {
	readonly release: string;
	/** Host directory of the kernel's own modules. */
	readonly modules: string;
	readonly share: string;
	readonly workingDirectory: string;
	/** Host paths that must be visible although a memory file system covers their place. */
	readonly exposed: readonly string[];
	readonly command: readonly string[];
	readonly environment: ReadonlyMap<string, string>;
	/** The `relayscope` command of the guest: the host's node on the host's entry file. */
	readonly entry: readonly string[];
	readonly stdinForwarded: boolean;
	/** Ends each output stream; see stream-trailer.ts. */
	readonly trailer: string;
}

export function formatParameters(parameters: GuestParameters): string {
	const environment = [...parameters.environment].map(([name, value]) => `${name}=${value}`);
	const wrapper = `#!/bin/sh\nexec ${quoteAll(parameters.entry)} "$@"\n`;
	// The guest's sh runs the command, so that the statuses 126 and 127 mean what they mean there.
	const launcher = ["/bin/sh", "-c", 'exec "$@"', "relayscope vm", ...parameters.command];
	return `release=${quote(parameters.release)}
hostname=relayscope-vm
modules=${quote(parameters.modules)}
share=${quote(parameters.share)}
wrapper=${quote(wrapper)}
stdin_forwarded=${parameters.stdinForwarded ? 1 : 0}
trailer=${quote(parameters.trailer)}
with_exposed() {
	"$@" ${quoteAll(parameters.exposed)}
}
start_command() {
	cd ${quote(parameters.workingDirectory)} || exit 126
	exec env -i ${quoteAll(environment)} ${quoteAll(launcher)}
}
`;
}

export function quote(text: string): string {
	return `'${text.replaceAll("'", "'\\''")}'`;
}

function quoteAll(words: readonly string[]): string {
	return words.map(quote).join(" ");
}
