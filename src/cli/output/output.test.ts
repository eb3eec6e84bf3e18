import { describe, expect, it } from "vitest";
import { ProgressBar } from "./progress-bar.js";
import { formatBytes, formatCount, formatCounted, formatPercent } from "./quantity.js";
import { StatusLine } from "./status-line.js";
import { tableLines } from "./table.js";
import { printable, textWidth, truncate } from "./terminal-text.js";

class Screen {
	readonly columns = 60;
	written = "";

	constructor(readonly isTTY: boolean) {}

	write(text: string): void {
		this.written += text;
	}
}

describe("quantities", () => {
	it.each([
		[0, "0"],
		[999, "999"],
		[1_234_567, "1,234,567"],
		[-1_000, "-1,000"],
		[18_446_744_073_709_551_615n, "18,446,744,073,709,551,615"],
	])("count %s is %s", (value, text) => {
		expect(formatCount(value)).toBe(text);
	});

	it.each([
		[0, "0 B"],
		[999, "999 B"],
		[1000, "0.977 KiB"],
		[1536, "1.50 KiB"],
		[1_048_575, "1.00 MiB"],
		[5n * 2n ** 40n, "5.00 TiB"],
	])("bytes %s are %s", (value, text) => {
		expect(formatBytes(value)).toBe(text);
	});

	it.each([
		[0, "0.0 %"],
		[0.0001, "<0.1 %"],
		[0.1234, "12.3 %"],
		[1, "100.0 %"],
	])("share %s is %s", (value, text) => {
		expect(formatPercent(value)).toBe(text);
	});

	it("one is singular", () => {
		expect(formatCounted(1n, "record")).toBe("1 record");
		expect(formatCounted(1000, "record")).toBe("1,000 records");
	});
});

describe("terminal text", () => {
	it("knows wide and combining characters", () => {
		expect(textWidth("abc")).toBe(3);
		expect(textWidth("漢字")).toBe(4);
		expect(textWidth("e\u0301")).toBe(1);
		expect(textWidth("🚀")).toBe(2);
	});

	it("cuts to columns, not to characters", () => {
		expect(truncate("abcdef", 4)).toBe("abc…");
		expect(truncate("漢字漢字", 4)).toBe("漢…");
		expect(truncate("abc", 3)).toBe("abc");
	});

	it("lets no recorded byte steer the terminal", () => {
		expect(printable("a\u001b[2Jb\nc\u009b\u202e\u007f")).toBe("a\\x1b[2Jb\\nc\\x9b\\u202e\\x7f");
	});
});

describe("tableLines", () => {
	const columns = [
		{ title: "name", align: "left", shrinks: true },
		{ title: "n", align: "right" },
	] as const;

	it("aligns by width on the terminal", () => {
		expect(
			[
				...tableLines(
					columns,
					[
						["漢", "1"],
						["abc", "1,000"],
					],
					undefined,
				),
			].join(""),
		).toBe("name      n\n────  ─────\n漢        1\nabc   1,000\n");
	});

	it("cuts only for a terminal", () => {
		const long = "x".repeat(60);
		const cut = [...tableLines(columns, [[long, "1"]], 20)];
		expect(cut.every((line) => textWidth(line.trimEnd()) <= 20)).toBe(true);
		expect(cut[2]).toBe(`${"x".repeat(16)}…  1\n`);
		expect([...tableLines(columns, [[long, "1"]], undefined)][2]).toContain(long);
	});

	it("streams what comes after the rows it measured", () => {
		let taken = 0;
		function* rows(): Generator<string[]> {
			for (;;) yield [String(taken++), "1"];
		}
		const lines = tableLines(columns, rows(), undefined);
		for (let i = 0; i < 5000; i++) lines.next();
		expect(taken).toBeLessThan(5010);
	});
});

describe("ProgressBar", () => {
	it("appears after a second, says how far, and goes away", () => {
		const screen = new Screen(true);
		let now = 0;
		const bar = new ProgressBar("importing", screen, () => now);
		bar.update(1, 10);
		expect(screen.written).toBe("");
		now = 2000;
		bar.update(5, 10);
		expect(screen.written).toContain("importing ████████████░░░░░░░░░░░░ 50 %");
		bar.close();
		expect(screen.written.endsWith("\r\x1b[K")).toBe(true);
	});

	it("is silent where there is no terminal", () => {
		const screen = new Screen(false);
		let now = 0;
		const bar = new ProgressBar("importing", screen, () => now);
		now = 5000;
		bar.update(5, 10);
		bar.close();
		expect(screen.written).toBe("");
	});
});

describe("StatusLine", () => {
	it("rewrites one line, never wider than the terminal", () => {
		const screen = new Screen(true);
		const line = new StatusLine(screen);
		line.show("x".repeat(100));
		line.show("done\n");
		line.show("done\n");
		line.close();
		expect(screen.written).toBe(`\r\x1b[K${"x".repeat(58)}…\r\x1b[Kdone\\n\n`);
	});

	it("is silent where there is no terminal", () => {
		const screen = new Screen(false);
		const line = new StatusLine(screen);
		line.show("x");
		line.clear();
		line.close();
		expect(screen.written).toBe("");
	});
});
