/**
 * Rows say who and where by one integer: the number of a dictionary row times a power of two, plus
 * the CPU. A column of its own for the CPU would cost a byte or two in each of many million rows.
 */
export class PlaceCode {
	/** Smallest power of two that every CPU number is below. */
	readonly scale: number;

	constructor(cpuIds: number) {
		this.scale = 2 ** Math.ceil(Math.log2(Math.max(1, cpuIds)));
	}

	encode(dictionaryId: number, cpu: number): number {
		return dictionaryId * this.scale + cpu;
	}

	/** SQL for the dictionary row's number. */
	idSql(column: string): string {
		return `${column} / ${this.scale}`;
	}

	/** SQL for the CPU. */
	cpuSql(column: string): string {
		return `${column} % ${this.scale}`;
	}
}
