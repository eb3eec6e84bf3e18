/** Where a command's output goes: written in pieces of a useful size, at the reader's pace. */
export interface TextSink {
	/** Columns of the terminal; undefined when it is none, and lines are never cut. */
	readonly width: number | undefined;
	write(text: string): Promise<void> | undefined;
	flush(): Promise<void>;
}

const PIECE = 64 * 1024;

/** A TextSink over stdout or stderr. */
export class StreamSink implements TextSink {
	#pending = "";

	constructor(readonly stream: NodeJS.WriteStream) {}

	get width(): number | undefined {
		// A terminal that does not know its size says 0.
		return this.stream.isTTY && this.stream.columns > 0 ? this.stream.columns : undefined;
	}

	write(text: string): Promise<void> | undefined {
		this.#pending += text;
		return this.#pending.length < PIECE ? undefined : this.flush();
	}

	/** Waits until the stream has taken all: a slow reader must slow the query, not fill memory. */
	async flush(): Promise<void> {
		const text = this.#pending;
		this.#pending = "";
		if (text === "") return;
		await new Promise<void>((resolve, reject) => {
			this.stream.write(text, (error) => (error ? reject(error) : resolve()));
		});
	}
}

/** Writes every piece, waiting where the sink asks for it. */
export async function writeAll(sink: TextSink, pieces: Iterable<string>): Promise<void> {
	for (const piece of pieces) {
		const full = sink.write(piece);
		if (full !== undefined) await full;
	}
	await sink.flush();
}
