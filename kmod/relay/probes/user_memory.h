/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading current's memory without faulting anything in. */
#ifndef _RELAYSCOPE_USER_MEMORY_H
#define _RELAYSCOPE_USER_MEMORY_H

#include <linux/compat.h>
#include <linux/uaccess.h>

/* False: it could not be read. */
static inline bool read_user(void *to, unsigned long address, size_t length)
{
	return !copy_from_user_nofault(to, (const void __user *)address, length);
}

/* Its length without the NUL, @size when there is none in as many bytes; negative: unreadable. */
static inline long read_user_text(u8 *to, unsigned long address, size_t size)
{
	long length;

	pagefault_disable();
	length = strncpy_from_user((char *)to, (const char __user *)address, size);
	pagefault_enable();
	return length;
}

/* Number @index of an array of pointers. */
static inline bool read_user_pointer(unsigned long *to, unsigned long array, unsigned int index,
				     bool compat)
{
	compat_uptr_t half;

	if (!compat)
		return read_user(to, array + index * sizeof(*to), sizeof(*to));
	if (!read_user(&half, array + index * sizeof(half), sizeof(half)))
		return false;
	*to = half;
	return true;
}

#endif
