import { RelayscopeError } from "../base/error.js";
import { packageVersion } from "../base/package-version.js";
import { BLKTRACE_FORMAT } from "./blktrace/blktrace-format.js";
import type { ImportFormat } from "./import-format.js";
import { closeTraceFiles, openTraceFiles, type TraceFile } from "./trace-file.js";

/** What `import -o` takes: a new one is a file and a line here. */
const IMPORT_FORMATS: readonly ImportFormat[] = [BLKTRACE_FORMAT];

/**
 * Makes a session of another program's files; returns what the user should know about it.
 * @throws RelayscopeError when they cannot be read or are of no known format.
 */
export function importFiles(paths: readonly string[], directory: string): readonly string[] {
	const files = openTraceFiles(paths);
	try {
		const format = formatOf(files);
		return format.importFiles({ files, directory, toolVersion: packageVersion() });
	} finally {
		closeTraceFiles(files);
	}
}

function formatOf(files: readonly TraceFile[]): ImportFormat {
	const [first, ...others] = files.map((file) => {
		const format = IMPORT_FORMATS.find((each) => each.recognises(file));
		if (format !== undefined) return format;
		const known = IMPORT_FORMATS.map(({ name, description }) => `${name} (${description})`);
		throw new RelayscopeError("BAD_TRACE", `${file.path} is of no format that can be imported`, {
			hint: `These can: ${known.join(", ")}.`,
		});
	});
	if (first === undefined) {
		throw new RelayscopeError("BAD_ARGUMENT", "there is nothing to import", {
			hint: "Give the trace's files: relayscope import -o session sda.blktrace.*",
		});
	}
	if (others.some((format) => format !== first)) {
		throw new RelayscopeError("BAD_ARGUMENT", "the files are of several formats", {
			hint: "Import each format into a session of its own.",
		});
	}
	return first;
}
