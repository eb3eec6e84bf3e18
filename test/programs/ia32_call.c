// SPDX-License-Identifier: MIT
// Calls getpid (20) and a failing close (6) through the 32-bit entry of a 64-bit process.
static long ia32(long nr, long first)
{
	long value;

	__asm__ volatile("int $0x80" : "=a"(value) : "a"(nr), "b"(first) : "memory");
	return value;
}

int main(void)
{
	return ia32(20, 0) > 0 && (int)ia32(6, 4095) == -9 ? 0 : 1;
}
