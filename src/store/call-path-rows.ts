import type { RowBuffer } from "./row-buffer.js";
import type { RowSink } from "./row-sink.js";

/** What one call names; null: nothing, or not known. */
export interface CallPaths {
	readonly path: string | null;
	/** Only where it is not the same as `path`. */
	readonly pathGiven: string | null;
	readonly path2: string | null;
	readonly path2Given: string | null;
	readonly fdPath: string | null;
	readonly fdPath2: string | null;
	/** Number that `file` gave, of the file that `fdPath` names. */
	readonly file: number | null;
	readonly truncated: boolean;
}

export interface OpenedFile {
	/** When it was first met; ns since the time base. */
	readonly ts: number;
	readonly path: string;
	readonly dev: number;
	readonly ino: bigint;
	/** As in stat(2). */
	readonly mode: number;
}

/** Rows of the dictionaries of files and of what calls name. */
export class CallPathRows {
	readonly #files: RowBuffer;
	readonly #paths: RowBuffer;
	#lastFile = 0;
	#lastPaths = 0;

	constructor(sink: RowSink) {
		this.#files = sink.table("file_row");
		this.#paths = sink.table("call_paths");
	}

	/** Number of a new row. */
	file({ ts, path, dev, ino, mode }: OpenedFile): number {
		const id = ++this.#lastFile;
		this.#files.add(id, ts, path, dev, BigInt.asIntN(64, ino), mode);
		return id;
	}

	/** Number of a new row; what calls refer to. */
	paths(paths: CallPaths): number {
		const id = ++this.#lastPaths;
		this.#paths.add(
			...[id, paths.path, paths.pathGiven, paths.path2, paths.path2Given],
			...[paths.fdPath, paths.fdPath2, paths.file, Number(paths.truncated)],
		);
		return id;
	}

	flush(): void {
		this.#files.flush();
		this.#paths.flush();
	}
}
