/** `1234567` as `1,234,567`. */
export function formatCount(value: bigint | number): string {
	const text = typeof value === "number" ? Math.round(value).toString() : value.toString();
	return text.replace(/\B(?=(\d{3})+$)/g, ",");
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

/** Bytes in binary units, three significant digits: `1.50 MiB`; exact below 1,000. */
export function formatBytes(value: bigint | number): string {
	let size = Math.abs(Number(value));
	const sign = value < 0 ? "-" : "";
	if (size < 1000) return `${sign}${size} B`;
	for (const unit of BYTE_UNITS) {
		// 1,000 to 1,023 of a unit would need four digits: it is 0.98 of the next.
		const digits = size.toPrecision(3);
		if (unit !== "B" && Number(digits) < 1000) return `${sign}${digits} ${unit}`;
		size /= 1024;
	}
	return `${sign}${size.toFixed(0)} ZiB`;
}

/** A share as `12.3 %`; what is there but rounds to nothing is `<0.1 %`. */
export function formatPercent(share: number): string {
	if (share > 0 && share < 0.0005) return "<0.1 %";
	return `${(share * 100).toFixed(1)} %`;
}

/** `1 record`, `12,345 records`. */
export function formatCounted(
	count: bigint | number,
	singular: string,
	plural = `${singular}s`,
): string {
	return `${formatCount(count)} ${Number(count) === 1 ? singular : plural}`;
}
