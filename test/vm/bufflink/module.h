/* SPDX-License-Identifier: GPL-2.0-only */
/* Loads and unloads bufflink_test.ko, and turns its knobs. */
#ifndef MODULE_H
#define MODULE_H

/* Directory of the .ko files; before anything else. */
void modules_in(const char *directory);
/* 0 or -errno */
int load(const char *module, const char *parameters);
int unload(const char *module);
/* The test module, or the program ends. */
void load_test(const char *parameters);
void unload_test(void);

/* 0 or -errno; knob is a file of debugfs' bufflink_test. */
int turn(const char *knob, const char *value);

/* What the module says it tried and what was refused, of one context and CPU. */
struct source_count {
	unsigned int attempted;
	unsigned int refused;
};

struct source_count source_count(const char *context, unsigned int cpu);
unsigned long long bufflink_count_refused(void);

#endif
