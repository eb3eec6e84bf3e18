/**
 * Reads the apt sources this machine is configured with, so that kernels of other Debian releases
 * come from the same mirror, through the same keys, as everything else on it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface AptSource {
	readonly uri: string;
	readonly suites: readonly string[];
	readonly components: readonly string[];
	/** Keyring path, or an armoured key as deb822 allows; undefined = apt's trusted keys. */
	readonly signedBy: string | undefined;
}

export interface DebianMirror {
	readonly archive: AptSource;
	/** The security archive is a mirror of its own; a machine may have none configured. */
	readonly security: AptSource | undefined;
}

/** `deb [arch=amd64 signed-by=/k.gpg] URI SUITE COMPONENT...` */
export function parseOneLineSources(text: string): AptSource[] {
	const sources: AptSource[] = [];
	for (const line of text.split("\n")) {
		const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)([^#]*)/.exec(line);
		if (match === null) continue;
		const [, options = "", uri = "", suite = "", components = ""] = match;
		sources.push({
			uri,
			suites: [suite],
			components: words(components),
			signedBy: /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1],
		});
	}
	return sources;
}

/** The stanza format of `.sources` files; see deb822(5) and sources.list(5). */
export function parseDeb822Sources(text: string): AptSource[] {
	const sources: AptSource[] = [];
	const uncommented = text.replace(/^#.*\n?/gm, "");
	for (const stanza of uncommented.split(/\n\s*\n/)) {
		const fields = parseStanza(stanza);
		if (!words(fields.get("types")).includes("deb")) continue;
		if (/^(no|false|off|0|disable|without)$/i.test(fields.get("enabled") ?? "")) continue;
		for (const uri of words(fields.get("uris"))) {
			sources.push({
				uri,
				suites: words(fields.get("suites")),
				components: words(fields.get("components")),
				signedBy: fields.get("signed-by"),
			});
		}
	}
	return sources;
}

function parseStanza(stanza: string): Map<string, string> {
	const fields = new Map<string, string>();
	let name: string | undefined;
	for (const line of stanza.split("\n")) {
		const field = /^([A-Za-z0-9-]+):\s*(.*)$/.exec(line);
		if (field !== null) {
			name = (field[1] ?? "").toLowerCase();
			fields.set(name, (field[2] ?? "").trim());
		} else if (name !== undefined && /^\s/.test(line)) {
			fields.set(name, `${fields.get(name) ?? ""}\n${line}`);
		}
	}
	return fields;
}

function words(text = ""): string[] {
	return text.split(/\s+/).filter((word) => word !== "");
}

/** All enabled binary sources below an apt configuration directory. */
export function readAptSources(etc = "/etc/apt"): AptSource[] {
	const sources: AptSource[] = [];
	const main = join(etc, "sources.list");
	if (existsSync(main)) sources.push(...parseOneLineSources(readFileSync(main, "utf8")));
	const parts = join(etc, "sources.list.d");
	if (!existsSync(parts)) return sources;
	for (const name of readdirSync(parts).sort()) {
		const read = (): string => readFileSync(join(parts, name), "utf8");
		if (name.endsWith(".list")) sources.push(...parseOneLineSources(read()));
		else if (name.endsWith(".sources")) sources.push(...parseDeb822Sources(read()));
	}
	return sources;
}

const DEBIAN_CODENAME = /^(bullseye|bookworm|trixie|forky|duke|sid)$/;
const DEBIAN_SUITE =
	/^(oldoldstable|oldstable|stable|testing|unstable|bullseye|bookworm|trixie|forky|duke|sid)$/;
const SECURITY_SUITE = /^[a-z]+-security(\/updates)?$/;

/**
 * Picks the Debian archive among the sources. Vendors publish a `stable main` of their own, some
 * below a path that ends in /debian, so the archive is the source with the most marks of one.
 */
export function findDebianMirror(sources: readonly AptSource[]): DebianMirror | undefined {
	const usable = sources.filter(
		(source) => source.components.includes("main") && !source.uri.startsWith("cdrom:"),
	);
	let archive: AptSource | undefined;
	let best = 0;
	for (const source of usable) {
		const marks = archiveMarks(source, usable);
		if (marks > best) [archive, best] = [source, marks];
	}
	if (archive === undefined) return undefined;
	return {
		archive,
		security: usable.find((source) => source.suites.some((suite) => SECURITY_SUITE.test(suite))),
	};
}

function archiveMarks(source: AptSource, all: readonly AptSource[]): number {
	if (!source.suites.some((suite) => DEBIAN_SUITE.test(suite))) return 0;
	const siblings = all.filter((other) => other.uri === source.uri).flatMap((other) => other.suites);
	const marks = [
		/\/debian\/?$/.test(source.uri),
		/debian-archive/.test(source.signedBy ?? ""),
		siblings.some((suite) => /-(updates|backports)$/.test(suite)),
		source.suites.some((suite) => DEBIAN_CODENAME.test(suite)),
	];
	return marks.filter(Boolean).length;
}

/** A deb822 stanza for other suites of the same mirror. */
export function formatSource(source: AptSource, suites: readonly string[]): string {
	const lines = [
		"Types: deb",
		`URIs: ${source.uri}`,
		`Suites: ${suites.join(" ")}`,
		"Components: main",
		"Architectures: amd64",
	];
	if (source.signedBy !== undefined) lines.push(`Signed-By: ${source.signedBy}`);
	return `${lines.join("\n")}\n`;
}
