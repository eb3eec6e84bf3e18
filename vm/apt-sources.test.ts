import { expect, test } from "vitest";
import {
	findDebianMirror,
	formatSource,
	parseDeb822Sources,
	parseOneLineSources,
} from "./apt-sources.js";

test("one-line sources: options, comments and other types", () => {
	const text = `# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/keys/a.gpg] http://mirror.example/debian bookworm main contrib # note
deb-src http://mirror.example/debian bookworm main
  deb	https://mirror.example/security bookworm-security main
`;
	expect(parseOneLineSources(text)).toEqual([
		{
			uri: "http://mirror.example/debian",
			suites: ["bookworm"],
			components: ["main", "contrib"],
			signedBy: "/keys/a.gpg",
		},
		{
			uri: "https://mirror.example/security",
			suites: ["bookworm-security"],
			components: ["main"],
			signedBy: undefined,
		},
	]);
});

test("deb822 sources: several URIs, continuation lines, disabled stanzas, comments", () => {
	const text = `Types: deb deb-src
# a comment inside a stanza
URIs: http://one.example/debian http://two.example/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /keys/archive.gpg

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main
`;
	const common = {
		suites: ["bookworm", "bookworm-updates"],
		components: ["main"],
		signedBy: "/keys/archive.gpg",
	};
	expect(parseDeb822Sources(text)).toEqual([
		{ uri: "http://one.example/debian", ...common },
		{ uri: "http://two.example/debian", ...common },
	]);
});

test("the Debian archive is told from vendors' repositories", () => {
	const sources = parseOneLineSources(`
deb https://vendor.example/debian stable main
deb https://vendor.example/apt sdk-bookworm main
deb cdrom:[Debian GNU/Linux]/ bookworm main
deb [signed-by=/k/debian-archive-keyring.gpg] http://local.example/mirror bookworm main
deb http://local.example/mirror bookworm-updates main
deb http://local.example/security bookworm-security main
`);
	const mirror = findDebianMirror(sources);
	expect(mirror?.archive.uri).toBe("http://local.example/mirror");
	expect(mirror?.security?.uri).toBe("http://local.example/security");
	expect(findDebianMirror(sources.slice(1, 2))).toBeUndefined();
});

test("a source formatted for another suite reads back", () => {
	const [source] = parseOneLineSources(
		"deb [signed-by=/k.gpg] http://m.example/debian bookworm main",
	);
	if (source === undefined) throw new Error("the line is a source");
	const suites = ["trixie-backports"];
	expect(parseDeb822Sources(formatSource(source, suites))).toEqual([{ ...source, suites }]);
});
