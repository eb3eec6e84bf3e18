import { expect, test } from "vitest";
import { StreamTrailer } from "./stream-trailer.js";

async function pass(chunks: readonly string[]): Promise<{ text: string; ends: number }> {
	let ends = 0;
	const stream = new StreamTrailer("ENDED", () => {
		ends += 1;
	});
	let text = "";
	stream.on("data", (chunk: Buffer) => {
		text += chunk.toString();
	});
	for (const chunk of chunks) stream.write(chunk);
	stream.end();
	await new Promise((resolve) => stream.on("end", resolve));
	return { text, ends };
}

test("the trailer is cut off wherever the chunks break", async () => {
	const input = "output with EN and END\nENDED";
	for (let first = 0; first <= input.length; first += 1) {
		for (let second = first; second <= input.length; second += 1) {
			const chunks = [input.slice(0, first), input.slice(first, second), input.slice(second)];
			expect(await pass(chunks)).toEqual({ text: "output with EN and END\n", ends: 1 });
		}
	}
});

test("without a trailer everything is passed on and no end is told", async () => {
	expect(await pass(["abc EN", "DE"])).toEqual({ text: "abc ENDE", ends: 0 });
});
