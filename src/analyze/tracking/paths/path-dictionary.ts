import type { CallPathRows, OpenedFile } from "../../../store/call-path-rows.js";
import { NO_PATHS } from "../../../store/call-path-tables.js";
import { RecentMap } from "./recent-map.js";

/** Rows remembered of each dictionary: some 50 MB with paths of ordinary length. */
const REMEMBERED = 2 ** 17;

/** A file that a descriptor stands for. */
export interface NamedFile {
	/** As it was named when it was opened. */
	readonly path: string;
	/** Row of `file_row`; null: only its path is known. */
	readonly id: number | null;
	/** Row of `call_paths` for calls that name nothing else; 0: not made yet. */
	row: number;
}

/** What one call names, in resolved form. */
export interface NamedByCall {
	readonly path: string | null;
	readonly pathGiven: string | null;
	readonly path2: string | null;
	readonly path2Given: string | null;
	readonly file: NamedFile | undefined;
	readonly file2: NamedFile | undefined;
	readonly truncated: boolean;
}

/** Numbers of what calls name: the same number for the same names. */
export class PathDictionary {
	readonly #rows: CallPathRows;
	readonly #files = new RecentMap<NamedFile>(REMEMBERED);
	readonly #names = new RecentMap<number>(REMEMBERED);

	constructor(rows: CallPathRows) {
		this.#rows = rows;
	}

	file(file: OpenedFile): NamedFile {
		const key = `${file.dev} ${file.ino} ${file.mode} ${file.path}`;
		let known = this.#files.get(key);
		if (known === undefined) {
			known = { path: file.path, id: this.#rows.file(file), row: 0 };
			this.#files.set(key, known);
		}
		return known;
	}

	/** One of which no more than its path is known. */
	pathOnly(path: string): NamedFile {
		let known = this.#files.get(path);
		if (known === undefined) {
			known = { path, id: null, row: 0 };
			this.#files.set(path, known);
		}
		return known;
	}

	/** Row of `call_paths` of a call that names no more than this descriptor's file. */
	ofFile(file: NamedFile | undefined): number {
		if (file === undefined) return NO_PATHS;
		if (file.row === 0) {
			file.row = this.#rows.paths({
				...{ path: null, pathGiven: null, path2: null, path2Given: null },
				...{ fdPath: file.path, fdPath2: null, file: file.id, truncated: false },
			});
		}
		return file.row;
	}

	/** Row of `call_paths`. */
	of(named: NamedByCall): number {
		const { path, path2, file, file2, truncated } = named;
		const pathGiven = named.pathGiven === path ? null : named.pathGiven;
		const path2Given = named.path2Given === path2 ? null : named.path2Given;
		const paths = [path, pathGiven, path2, path2Given, file?.path, file2?.path];
		// A path has no NUL; what is not there is shorter than what is empty.
		const key = `${paths.map((each) => (typeof each === "string" ? `=${each}` : "")).join("\0")}\0${file?.id ?? ""}\0${truncated}`;
		let row = this.#names.get(key);
		if (row === undefined) {
			row = this.#rows.paths({
				...{ path, pathGiven, path2, path2Given, truncated },
				...{ fdPath: file?.path ?? null, fdPath2: file2?.path ?? null, file: file?.id ?? null },
			});
			this.#names.set(key, row);
		}
		return row;
	}
}
