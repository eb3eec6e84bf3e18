/* SPDX-License-Identifier: GPL-2.0-only */
/* One "ok - " or "not ok - " line for each thing that must hold. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

bool check(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* For what must work before anything can be checked. */
void bail_out(const char *what) __attribute__((noreturn));
int check_status(void);

long long now_ms(void);
void sleep_ms(int ms);

#endif
