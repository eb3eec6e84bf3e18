/** Values of options that several commands take. */
import commander = require("commander");

export function parseCount(text: string): number {
	const value = Number(text);
	if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
		throw new commander.InvalidArgumentError("Give a whole number.");
	}
	return value;
}

const BYTE_SUFFIX: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** `65536`, `64K`, `1M`: bytes. */
export function parseByteSize(text: string): number {
	const match = /^(\d+)([KMG]?)(?:i?B)?$/i.exec(text);
	const unit = BYTE_SUFFIX[(match?.[2] ?? "").toUpperCase()];
	if (match === null || unit === undefined) {
		throw new commander.InvalidArgumentError("Give bytes, as 65536, 64K or 1M.");
	}
	return Number(match[1]) * unit;
}

const TIME_SUFFIX: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** `500ms`, `10s`, `2m`: ns. */
export function parseDuration(text: string): number {
	const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
	const unit = TIME_SUFFIX[match?.[2] ?? ""];
	if (match === null || unit === undefined) {
		throw new commander.InvalidArgumentError("Give a time with its unit, as 500ms, 10s or 2m.");
	}
	return Number(match[1]) * unit;
}
