/** In the place of a CPU's number: the one buffer of a global channel, which all CPUs write to. */
export const CPU_ALL = 0xffff_ffff;

/** As a row or an interval has it: a buffer of all CPUs is no CPU's. */
export function knownCpu(cpu: number): number | undefined {
	return cpu === CPU_ALL ? undefined : cpu;
}
