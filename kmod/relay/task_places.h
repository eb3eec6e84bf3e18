/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which task has which place in a table of fixed size. Without locks, for a place is touched by the
 * task that took it alone; nothing is allocated where one is taken.
 */
#ifndef _RELAYSCOPE_TASK_PLACES_H
#define _RELAYSCOPE_TASK_PLACES_H

#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>

/* A task that finds all of these taken has no place: the table is too full for it. */
#define RELAYSCOPE_PLACES_TRIED 32u
#define RELAYSCOPE_NO_PLACE (-1)

struct relayscope_task_places {
	unsigned int bits; /* 1 << bits places */
	atomic_t tries; /* that any task has needed for its place so far: nobody has to look further */
	struct task_struct *tasks[]; /* compared only */
};

/* @count: a power of two; NULL when there is no memory. */
static inline struct relayscope_task_places *relayscope_task_places_create(unsigned int count)
{
	struct relayscope_task_places *places =
		kvzalloc(struct_size(places, tasks, count), GFP_KERNEL);

	if (places)
		places->bits = ilog2(count);
	return places;
}

static inline void relayscope_task_places_destroy(struct relayscope_task_places *places)
{
	kvfree(places);
}

static inline unsigned int relayscope_task_place(const struct relayscope_task_places *places,
						 unsigned int try)
{
	return (hash_ptr(current, places->bits) + try) & ((1u << places->bits) - 1);
}

/* Where current's place is; RELAYSCOPE_NO_PLACE: it has none. */
static inline int relayscope_task_place_find(const struct relayscope_task_places *places)
{
	const unsigned int tries = atomic_read(&places->tries);
	unsigned int try;

	for (try = 0; try < tries; try++) {
		const unsigned int at = relayscope_task_place(places, try);

		if (READ_ONCE(places->tasks[at]) == current)
			return at;
	}
	return RELAYSCOPE_NO_PLACE;
}

/* A place for current, which has none yet; RELAYSCOPE_NO_PLACE: they are taken. */
static inline int relayscope_task_place_take(struct relayscope_task_places *places)
{
	unsigned int try;
	int tries;

	for (try = 0; try < RELAYSCOPE_PLACES_TRIED; try++) {
		const unsigned int at = relayscope_task_place(places, try);

		if (READ_ONCE(places->tasks[at]) || cmpxchg(&places->tasks[at], NULL, current))
			continue;
		/* Never falls, or a task could overlook its own place. */
		tries = atomic_read(&places->tries);
		while (unlikely(tries < (int)try + 1) &&
		       !atomic_try_cmpxchg(&places->tries, &tries, try + 1))
			;
		return at;
	}
	return RELAYSCOPE_NO_PLACE;
}

static inline void relayscope_task_place_give_back(struct relayscope_task_places *places, int at)
{
	/* Whoever takes the place next writes to it after this. */
	smp_store_release(&places->tasks[at], NULL);
}

#endif
