import { buildDatabase, type Progress } from "../pipeline.js";
import type { Session } from "../session/session-reader.js";
import { ProgressBar } from "./output/progress-bar.js";
import { formatCounted } from "./output/quantity.js";

export interface BuildResult {
	readonly path: string;
	readonly records: number;
	readonly seconds: number;
}

/** Builds a session's database from its raw files, with a progress bar where there is a terminal. */
export async function buildWithProgress(session: Session): Promise<BuildResult> {
	const began = performance.now();
	using bar = new ProgressBar("building the database");
	let records = 0;
	const progress = (done: Progress): void => {
		records = done.records;
		bar.update(done.bytes, done.totalBytes, formatCounted(done.records, "record"));
	};
	const path = await buildDatabase(session, { progress });
	return { path, records, seconds: (performance.now() - began) / 1000 };
}
