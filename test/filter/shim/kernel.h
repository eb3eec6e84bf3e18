/* SPDX-License-Identifier: MIT */
/* As much of the kernel as kmod/relay/predicate*.c need, so that they run in a test. */
#ifndef SHIM_KERNEL_H
#define SHIM_KERNEL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define U32_MAX UINT32_MAX
#define U64_MAX UINT64_MAX
#define MAX_ERRNO 4095
#define BITS_PER_BYTE 8
#define BIT(n) (1ul << (n))
#define TASK_COMM_LEN 16
#define GFP_KERNEL 0
#define __user
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define array_size(n, size) ((size_t)(n) * (size))
#define struct_size(object, member, n) \
	(sizeof(*(object)) + (size_t)(n) * sizeof((object)->member[0]))
#define ERR_PTR(error) ((void *)(long)(error))
#define PTR_ERR(pointer) ((long)(pointer))
#define IS_ERR(pointer) ((unsigned long)(pointer) >= (unsigned long)-MAX_ERRNO)
#define kvzalloc(size, flags) calloc(1, size)
#define kvfree(pointer) free((void *)(pointer))
#define u64_to_user_ptr(address) ((void *)(uintptr_t)(address))
#define copy_from_user(to, from, size) (memcpy(to, from, size), 0)

struct task {
	u32 tgid, pid;
	char comm[TASK_COMM_LEN];
};
extern struct task the_task;
extern u32 the_cpu, the_uid;
#define current (&the_task)
#define raw_smp_processor_id() the_cpu
#define current_uid() the_uid
#define from_kuid(namespace, uid) (uid)

/* Cgroup 3 is in 2, which is in 1. */
#define CONFIG_CGROUPS
struct cgroup {
	u64 id;
	struct cgroup *parent;
};
extern struct cgroup the_cgroup;
#define rcu_read_lock()
#define rcu_read_unlock()
#define task_dfl_cgroup(task) (&the_cgroup)
#define cgroup_id(cgroup) ((cgroup)->id)
#define cgroup_parent(cgroup) ((cgroup)->parent)

#endif
