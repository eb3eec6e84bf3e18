import type { TraceFile } from "./trace-file.js";

export interface ImportRequest {
	readonly files: readonly TraceFile[];
	/** Of the session; absent or empty. */
	readonly directory: string;
	readonly toolVersion: string;
}

/** Traces of another program that become sessions. */
export interface ImportFormat {
	readonly name: string;
	/** As it is listed to a user who gives something else. */
	readonly description: string;
	recognises(file: TraceFile): boolean;
	/** Makes the session, all but its database; returns what the user should know about it. */
	importFiles(request: ImportRequest): readonly string[];
}
