/** Holds for an argument when (argument & mask) = value. */
export interface ArgumentSymbol {
	readonly symbol: string;
	readonly mask: number;
	readonly value: number;
}

/** How the part of an argument that no symbol stands for is written. */
export type Rest = "hexadecimal" | "octal" | "decimal";

/** The names of an argument's bits or values. Of two that share a bit and both hold, the first does. */
export interface SymbolSet {
	readonly kind: string;
	readonly symbols: readonly ArgumentSymbol[];
	readonly rest: Rest;
}

/** Of an argument with one meaning: the kernel reads these as 32 bits. */
export const WHOLE = 0xffff_ffff;

type Values = Readonly<Record<string, number>>;

/** Each bit means something by itself. */
export function bits(values: Values): readonly ArgumentSymbol[] {
	return Object.entries(values).map(([symbol, value]) => ({ symbol, mask: value, value }));
}

/** The masked bits together mean one thing. */
export function oneOf(mask: number, values: Values): readonly ArgumentSymbol[] {
	return Object.entries(values).map(([symbol, value]) => ({ symbol, mask, value }));
}

export function symbolSet(
	kind: string,
	parts: readonly (readonly ArgumentSymbol[])[],
	rest: Rest = parts.length === 1 && parts[0]?.[0]?.mask === WHOLE ? "decimal" : "hexadecimal",
): SymbolSet {
	return { kind, symbols: parts.flat(), rest };
}
