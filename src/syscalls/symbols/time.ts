import { bits, oneOf, type SymbolSet, symbolSet, WHOLE } from "../symbol-set.js";

/** Clocks and timers. */
export const TIME_SYMBOLS: readonly SymbolSet[] = [
	symbolSet("clock", [
		oneOf(WHOLE, {
			CLOCK_REALTIME: 0,
			CLOCK_MONOTONIC: 1,
			CLOCK_PROCESS_CPUTIME_ID: 2,
			CLOCK_THREAD_CPUTIME_ID: 3,
			CLOCK_MONOTONIC_RAW: 4,
			CLOCK_REALTIME_COARSE: 5,
			CLOCK_MONOTONIC_COARSE: 6,
			CLOCK_BOOTTIME: 7,
			CLOCK_REALTIME_ALARM: 8,
			CLOCK_BOOTTIME_ALARM: 9,
			CLOCK_SGI_CYCLE: 0xa,
			CLOCK_TAI: 0xb,
		}),
	]),
	symbolSet("timer_flags", [bits({ TIMER_ABSTIME: 1 })]),
	symbolSet("interval_timer", [
		oneOf(WHOLE, { ITIMER_REAL: 0, ITIMER_VIRTUAL: 1, ITIMER_PROF: 2 }),
	]),
];
