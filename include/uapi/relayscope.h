/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The one kernel/user contract of Relayscope: the bytes of a sub-buffer and
 * the calls on /dev/relayscope. Compiled by the modules, the native reader and
 * the tests. Integers are in the recorded machine's byte order.
 *
 * Ordering contract, one writer (the CPU that owns the buffer) and one reader:
 *
 *   writer: fill records and header; smp_store_release(&control->sealed, n)
 *   reader: load-acquire sealed; read sub-buffers [consumed, sealed); write
 *           them out; RELAYSCOPE_IOC_CONSUME
 *
 *   writer: seal or see that nothing is open; smp_store_release(time_floor)
 *   reader: load-acquire time_floor, then sealed: every record older than the
 *           floor is in a sub-buffer whose sequence is below that sealed count
 *
 * In an overwrite channel (a flight recorder) the writer waits for nobody, and
 * what a reader copies may be overwritten meanwhile:
 *
 *   writer: header.sequence = INVALID; smp_wmb(); fill records and header;
 *           smp_store_release(header.sequence, s)
 *   reader: RELAYSCOPE_IOC_SNAPSHOT; for each sub-buffer s that was held then:
 *           load-acquire header.sequence, which must be s; copy; read barrier;
 *           header.sequence and epoch again: a change says that the copy is torn
 *
 * Sub-buffer number s lies at (s % subbuf_count) * subbuf_size of the CPU's
 * data file <debugfs>/<directory>/cpu<N>, which is mapped whole, read-only and
 * MAP_SHARED. Its header's sequence is RELAYSCOPE_SEQUENCE_INVALID while the
 * sub-buffer is being written.
 */
#ifndef _UAPI_RELAYSCOPE_H
#define _UAPI_RELAYSCOPE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define RELAYSCOPE_ABI_VERSION 1
#define RELAYSCOPE_DEVICE "/dev/relayscope"

/* ---- sub-buffer ---- */

#define RELAYSCOPE_SUBBUF_MAGIC 0x53594c52 /* "RLYS" */
#define RELAYSCOPE_SEQUENCE_INVALID (~(__u64)0)
#define RELAYSCOPE_RECORD_ALIGN 8

/* In the place of a CPU's number: the one buffer of a global channel, which all CPUs write to. */
#define RELAYSCOPE_CPU_ALL (~(__u32)0)

struct relayscope_subbuf_header {
	__u32 magic;
	__u16 abi_version;
	__u16 header_length; /* bytes; the first record starts here */
	__u32 channel_id;
	__u32 cpu; /* or RELAYSCOPE_CPU_ALL */
	__u32 epoch; /* differs for every life of a channel, and from reset to reset */
	__u32 used; /* bytes, header included, padding excluded */
	__u64 sequence; /* per CPU, from 0 */
	__u64 ts_begin; /* ns, CLOCK_MONOTONIC, of the first record */
	__u64 ts_end; /* ns, of the last record */
	__u32 record_count;
	__u32 lost_inside; /* records lost between ts_begin and ts_end */
	__u64 lost; /* records lost on this CPU before ts_begin, cumulative */
};

/*
 * A record starts on a multiple of RELAYSCOPE_RECORD_ALIGN from the start of
 * the sub-buffer; length is exact, the gap to the next multiple is zero or
 * stale and means nothing.
 */
struct relayscope_record_header {
	__u16 event_id;
	__u16 length; /* bytes, header included */
	__u32 ts_delta; /* ns since the sub-buffer's ts_begin */
	__u32 tid; /* in the initial pid namespace */
};

/*
 * What a record may carry beside its fields, where its source was attached so. Bits of
 * relayscope_source_attach.context and relayscope_context_footer.context.
 */
#define RELAYSCOPE_CONTEXT_KERNEL_STACK 1u
#define RELAYSCOPE_CONTEXT_USER_STACK 2u
#define RELAYSCOPE_CONTEXT_CGROUP 4u
#define RELAYSCOPE_CONTEXT_NAMESPACES 8u

/*
 * In a record's event_id: the record ends with its context. From ALIGN(record_length, 8) on there
 * are the parts that the footer's bits name, in the order of the bits, each padded to a multiple of
 * 8; then the footer, as the record's last 8 bytes. Event ids themselves are below this bit.
 *
 *   KERNEL_STACK  kernel_frames return addresses, innermost first: __u64, or __s32 to be
 *                 sign-extended (RELAYSCOPE_CONTEXT_KERNEL_NARROW)
 *   USER_STACK    user_frames __u64: where user space goes on, then return addresses
 *   CGROUP        __u64: inode number of the directory in the cgroup2 file system
 *   NAMESPACES    struct relayscope_context_namespaces
 *
 * A part that could not be had has no bit.
 */
#define RELAYSCOPE_RECORD_CONTEXT 0x8000u

struct relayscope_context_footer {
	__u16 record_length; /* bytes of the record as it is without its context */
	__u16 context; /* RELAYSCOPE_CONTEXT_*: the parts that are there */
	__u8 kernel_frames;
	__u8 user_frames;
	__u16 flags; /* below */
};

/* Flags: there were, or may have been, more frames than were kept. */
#define RELAYSCOPE_CONTEXT_KERNEL_CUT 1u
#define RELAYSCOPE_CONTEXT_USER_CUT 2u
/* The walk ended at memory that was not resident or not readable. */
#define RELAYSCOPE_CONTEXT_USER_UNREADABLE 4u
/* In an interrupt: the task, its cgroup and namespaces are those of whom it interrupted. */
#define RELAYSCOPE_CONTEXT_INTERRUPT 8u
/* The kernel's frames are 32 bits each. */
#define RELAYSCOPE_CONTEXT_KERNEL_NARROW 16u

/* Inode numbers, as readlink /proc/PID/ns/... shows them; 0: not known. */
struct relayscope_context_namespaces {
	__u32 pid;
	__u32 net;
	__u32 user;
	__u32 uts;
	__u32 ipc;
	__u32 cgroup;
	__u32 time;
	__u32 reserved; /* 0 */
};

/*
 * What a record starts with in a sub-buffer of RELAYSCOPE_CPU_ALL, where its CPU is nowhere else:
 * the payload follows at once, length counts all of it. Offsets in a context count from 4 bytes
 * behind the record's start.
 */
struct relayscope_global_record_header {
	struct relayscope_record_header record;
	__u32 cpu;
};

/* ---- bufflink message: what /dev/bufflinkN delivers for a recorder ---- */

#define RELAYSCOPE_MESSAGE_MAGIC 0x4d53 /* "SM" */

/* The payload follows at once; the next message starts at ALIGN(length, 8). */
struct relayscope_message_header {
	__u16 magic;
	__u16 event_id;
	__u32 length; /* bytes, header included */
	__u64 ts; /* ns, CLOCK_MONOTONIC; never falls within one bufflink */
	__u32 cpu;
	__u32 tid;
};

/*
 * ---- control page: one per CPU and channel, read-only to user space; of a global channel the
 * first is its buffer's ----
 */

#define RELAYSCOPE_CPU_HAS_BUFFER 1u

struct relayscope_cpu_control {
	__u64 sealed; /* sub-buffers sealed so far; release */
	__u64 time_floor; /* ns; release */
	__u32 flags; /* RELAYSCOPE_CPU_* */
	__u32 reserved[27];
};

/* ---- calls on /dev/relayscope; the open file is the recorder ---- */

#define RELAYSCOPE_NAME_MAX 32

/*
 * What is oldest is overwritten when a CPU's buffer is full, instead of losing what is newest. Such
 * a channel is read by RELAYSCOPE_IOC_SNAPSHOT alone and has no flush interval.
 */
#define RELAYSCOPE_CHANNEL_OVERWRITE 1u
/*
 * One buffer for all CPUs, whose file is named global: for sources with little to say. Its writers
 * take a lock, its records say which CPU they are from. RELAYSCOPE_CPU_ALL names the buffer where a
 * call asks for a CPU; STATS of a CPU has that CPU's seen, filtered, lost and written.
 */
#define RELAYSCOPE_CHANNEL_GLOBAL 2u
/* No data files until RELAYSCOPE_IOC_CHANNEL_FILES makes them; it records all the same. */
#define RELAYSCOPE_CHANNEL_BUFFER_ONLY 4u

struct relayscope_info {
	__u32 abi_version;
	__u32 cpu_ids; /* CPUs are numbered below this */
	__u32 bufflink_minor; /* this recorder's own device */
	__u32 recorder_id;
};

struct relayscope_channel_create {
	char name[RELAYSCOPE_NAME_MAX];
	__u32 subbuf_size; /* bytes: a power of two, a page to 64 MiB */
	__u32 subbuf_count; /* a power of two, 2 to 4096 */
	__u32 flush_interval_ms; /* 0: seal only what is full */
	__u32 flags; /* RELAYSCOPE_CHANNEL_* */
	/* filled in by the kernel */
	__u32 channel_id;
	__u32 epoch;
	__u64 control_offset; /* for mmap of this file */
	__u64 control_length; /* bytes: cpu_ids * sizeof(relayscope_cpu_control), page-aligned */
	char directory[RELAYSCOPE_NAME_MAX * 2]; /* below the debugfs mount */
};

/*
 * What calls are given and give as texts is recorded too: paths, socket addresses, the arguments of
 * programs, which file a new descriptor stands for (docs/strings.md). Of source syscalls alone, and
 * in sub-buffers of RELAYSCOPE_STRINGS_SUBBUF_MIN bytes at least.
 */
#define RELAYSCOPE_ATTACH_STRINGS 1u
#define RELAYSCOPE_STRINGS_SUBBUF_MIN 16384u

/* Attach a source to a channel; before START. */
struct relayscope_source_attach {
	__u32 channel_id;
	__u16 context; /* RELAYSCOPE_CONTEXT_*: what its records carry; 0: nothing more */
	__u16 options; /* RELAYSCOPE_ATTACH_* */
	char source[RELAYSCOPE_NAME_MAX];
};

/* Enumerate: set index, get name; -ENOENT past the end. */
struct relayscope_source_info {
	__u32 index;
	__u32 tracepoints; /* how many the source records */
	__u32 missing; /* of those, how many this kernel does not have */
	__u32 reserved;
	char name[RELAYSCOPE_NAME_MAX];
	char description[128];
};

/*
 * What the events of an attached source look like, where a module brought its own: -ENODATA for
 * Relayscope's own sources. Event number i of the list has the id first_event_id + i.
 */
struct relayscope_source_schema {
	__u32 channel_id;
	__u32 text_size; /* in: room at text; out: bytes there are, written when all have room */
	__u64 text; /* address of room for a JSON list of objects */
	__u32 first_event_id; /* out */
	__u32 event_count; /* out */
	char source[RELAYSCOPE_NAME_MAX];
};

/*
 * Restrict every channel of the recorder to processes; never asked for: all. From the first on, the
 * births, programs, names and deaths of those processes are told.
 */
#define RELAYSCOPE_PROCESS_FOLLOW 1u /* and what they fork from now on */

struct relayscope_process_add {
	__u32 pid; /* of the process, as the caller sees it */
	__u32 flags; /* RELAYSCOPE_PROCESS_* */
};

struct relayscope_consume {
	__u32 channel_id;
	__u32 cpu;
	__u64 subbufs; /* how many more have been taken */
};

enum relayscope_lost_reason {
	RELAYSCOPE_LOST_FULL, /* every sub-buffer was waiting for the reader */
	RELAYSCOPE_LOST_NMI, /* the event happened in an NMI */
	RELAYSCOPE_LOST_TOO_LARGE, /* the record does not fit a sub-buffer */
	RELAYSCOPE_LOST_NO_BUFFER, /* this CPU's buffer was not there (yet) */
	RELAYSCOPE_LOST_NESTED, /* inside the recording of another event, and no room to put it aside */
	RELAYSCOPE_LOST_PENDING, /* a filter waits for the ends of more calls than there is room for */
	RELAYSCOPE_LOST_REASONS
};

#define RELAYSCOPE_LOST_REASONS_MAX 8

/* seen = filtered + sum(lost) + written, each counted in its own place. */
struct relayscope_stats {
	__u32 channel_id; /* in */
	__u32 cpu; /* in */
	__u64 seen;
	__u64 filtered;
	__u64 written;
	__u64 lost[RELAYSCOPE_LOST_REASONS_MAX]; /* by enum relayscope_lost_reason */
	__u64 sealed; /* sub-buffers */
	__u64 consumed; /* sub-buffers */
	__u64 overwritten; /* records, of those written: in sub-buffers that were used again */
	__u64 reset; /* records, of those written: dropped by RELAYSCOPE_IOC_CHANNEL_RESET */
};

/*
 * A moment of one CPU of an overwrite channel: what is open gets sealed, and the counters are those
 * of that moment. Sub-buffer s of the last subbuf_count sealed held held_records[s % subbuf_count]
 * records: stats.written = stats.overwritten + stats.reset + the sum of held_records, so whatever of
 * it is overwritten before it has been copied can be counted. Of a global channel (cpu:
 * RELAYSCOPE_CPU_ALL) the counters are the sums over all CPUs.
 */
struct relayscope_snapshot {
	struct relayscope_stats stats; /* channel_id and cpu: in */
	__u64 ts; /* ns, CLOCK_MONOTONIC: every older record of the CPU is sealed, every newer is not */
	__u64 held_records; /* in: address of __u32[subbuf_count] */
};

/* What is in the buffers is dropped; the numbers of sub-buffers start at 0 again. */
struct relayscope_channel_reset {
	__u32 channel_id;
	__u32 epoch; /* out: the new one */
};

#define RELAYSCOPE_BOOT_SOURCES_MAX 16

/*
 * The recording that relayscope.ko began when it was loaded with boot=: this open file, which has
 * made nothing yet, becomes its recorder. All of it is filled in by the kernel.
 */
struct relayscope_boot_adopt {
	struct relayscope_channel_create channel; /* buffer-only, recording */
	__u64 monotonic; /* ns: when it began, by three clocks */
	__u64 boottime;
	__u64 realtime;
	__u32 source_count;
	__u32 reserved;
	char sources[RELAYSCOPE_BOOT_SOURCES_MAX][RELAYSCOPE_NAME_MAX];
};

/* ---- filters and triggers: a program over one event (docs/filters.md) ---- */

#define RELAYSCOPE_PROGRAM_MAX 256u /* instructions */
#define RELAYSCOPE_PROGRAM_TEXT_MAX 4096u /* bytes of patterns and sets */
#define RELAYSCOPE_PATTERN_MAX 128u
#define RELAYSCOPE_PATTERNS_MAX 512u /* bytes of all patterns of a program: interrupts are off */
#define RELAYSCOPE_TEXT_SEEN_MAX 4096u /* what lies behind is not looked at */

/* What is tested holds or not; where the event does not have it, it does not hold, negated or not. */
enum relayscope_program_op {
	RELAYSCOPE_OP_ACCEPT = 1,
	RELAYSCOPE_OP_REFUSE,
	RELAYSCOPE_OP_SKIP, /* the tail that is tested next lies behind one of this length (u16) */
	/* a number with value */
	RELAYSCOPE_OP_EQ,
	RELAYSCOPE_OP_NE,
	RELAYSCOPE_OP_LT,
	RELAYSCOPE_OP_LE,
	RELAYSCOPE_OP_GT,
	RELAYSCOPE_OP_GE,
	RELAYSCOPE_OP_BITS, /* any bit of value is set */
	RELAYSCOPE_OP_NO_BITS,
	/* a number as a bit in a set of text_length bytes at text_offset */
	RELAYSCOPE_OP_IN,
	RELAYSCOPE_OP_NOT_IN,
	/* a text with text_length bytes at text_offset */
	RELAYSCOPE_OP_IS,
	RELAYSCOPE_OP_IS_NOT,
	RELAYSCOPE_OP_MATCHES, /* shell pattern */
	RELAYSCOPE_OP_MATCHES_NOT,
	/* the task is in the cgroup of the id value, or in one below it */
	RELAYSCOPE_OP_UNDER,
	RELAYSCOPE_OP_NOT_UNDER,
	RELAYSCOPE_OPS
};

enum relayscope_program_operand {
	RELAYSCOPE_OPERAND_NONE,
	RELAYSCOPE_OPERAND_FIELD, /* a number of width bytes at offset of the record */
	RELAYSCOPE_OPERAND_CHARS, /* size bytes at offset, up to a NUL */
	RELAYSCOPE_OPERAND_TAIL, /* at offset + what was skipped; its length (u16) at size, or 0: the rest */
	RELAYSCOPE_OPERAND_SUBJECT, /* offset: enum relayscope_program_subject */
	RELAYSCOPE_OPERAND_CALL, /* offset: enum relayscope_program_call; of source syscalls only */
	RELAYSCOPE_OPERANDS
};

/* Of the task that the event happened in. */
enum relayscope_program_subject {
	RELAYSCOPE_SUBJECT_EVENT, /* number of the event */
	RELAYSCOPE_SUBJECT_PID,
	RELAYSCOPE_SUBJECT_TID,
	RELAYSCOPE_SUBJECT_UID, /* real */
	RELAYSCOPE_SUBJECT_CPU,
	RELAYSCOPE_SUBJECT_COMM, /* a text */
	RELAYSCOPE_SUBJECT_CGROUP, /* for UNDER and NOT_UNDER */
	RELAYSCOPE_SUBJECTS
};

enum relayscope_program_call {
	RELAYSCOPE_CALL_NR,
	RELAYSCOPE_CALL_ABI, /* as event syscall_enter has it */
	RELAYSCOPE_CALL_KEY, /* below 1024: number in the 64-bit table; from there on: + that of ia32 */
	RELAYSCOPE_CALL_ARG0,
	RELAYSCOPE_CALL_ARG5 = RELAYSCOPE_CALL_ARG0 + 5,
	/* when it has returned */
	RELAYSCOPE_CALL_RET,
	RELAYSCOPE_CALL_ERRNO, /* where ret is one */
	RELAYSCOPE_CALL_DUR, /* ns */
	/* texts, as the call was given them; of a source that is attached with STRINGS */
	RELAYSCOPE_CALL_PATH,
	RELAYSCOPE_CALL_PATH2,
	RELAYSCOPE_CALLS
};

#define RELAYSCOPE_CALL_KEYS 1024u /* of one table */

#define RELAYSCOPE_NUMBER_SIGNED 1u /* a field, compared as such */
#define RELAYSCOPE_CHARS_WHOLE 2u /* bytes: a NUL ends nothing */

struct relayscope_instruction {
	__u8 op;
	__u8 operand;
	__u8 width; /* of a field: 1, 2, 4 or 8 */
	__u8 flags;
	__u16 event_id; /* the event that has the field */
	__u16 offset; /* of the record, its header included */
	__u16 size;
	__u16 if_true; /* how many instructions to leave out */
	__u16 if_false;
	__u16 reserved;
	__extension__ union {
		__u64 value;
		__extension__ struct {
			__u32 text_offset;
			__u32 text_length;
		};
	};
};

#define RELAYSCOPE_FILTER_EARLY 0u /* over context and what a call begins with: before the record */
#define RELAYSCOPE_FILTER_WHOLE 1u /* over all of the event; what passes both is recorded */

/* Before START. Each source of a channel takes one program of a kind. */
struct relayscope_source_program {
	__u32 channel_id;
	__u32 kind; /* RELAYSCOPE_FILTER_*; of a trigger: 0 */
	__u32 instruction_count;
	__u32 text_size;
	__u64 instructions; /* address */
	__u64 text; /* address */
	__u32 error_index; /* out, with EINVAL: the instruction that is wrong; ~0: the rest is */
	__u32 reserved;
	char source[RELAYSCOPE_NAME_MAX];
};

#define RELAYSCOPE_IOC_SOURCE_FILTER _IOWR('R', 0xcb, struct relayscope_source_program)
/* An event that the filters let pass and for which it accepts fires: message trigger_fired is sent. */
#define RELAYSCOPE_IOC_SOURCE_TRIGGER _IOWR('R', 0xd1, struct relayscope_source_program)
/* How many triggers have fired since the last call. Until then each fires once. */
#define RELAYSCOPE_IOC_TRIGGERED _IOR('R', 0xd2, __u32)

#define RELAYSCOPE_IOC_INFO _IOR('R', 0xc0, struct relayscope_info)
#define RELAYSCOPE_IOC_CHANNEL_CREATE _IOWR('R', 0xc1, struct relayscope_channel_create)
#define RELAYSCOPE_IOC_SOURCE_INFO _IOWR('R', 0xc2, struct relayscope_source_info)
#define RELAYSCOPE_IOC_SOURCE_ATTACH _IOW('R', 0xc3, struct relayscope_source_attach)
#define RELAYSCOPE_IOC_PROCESS_ADD _IOW('R', 0xc4, struct relayscope_process_add)
/*
 * The same of all processes, from now on rather than from the start: whoever is not in a look at
 * /proc that follows has been or will be told of.
 */
#define RELAYSCOPE_IOC_LIVES _IO('R', 0xca)
/* Probes on. Once per open file: -EBUSY the second time. */
#define RELAYSCOPE_IOC_START _IO('R', 0xc5)
/* Probes off, no writer left, open sub-buffers sealed, counters final. */
#define RELAYSCOPE_IOC_STOP _IO('R', 0xc6)
#define RELAYSCOPE_IOC_CONSUME _IOW('R', 0xc7, struct relayscope_consume)
#define RELAYSCOPE_IOC_STATS _IOWR('R', 0xc8, struct relayscope_stats)
#define RELAYSCOPE_IOC_SNAPSHOT _IOWR('R', 0xc9, struct relayscope_snapshot)
/* The argument is the id of a buffer-only channel, by value: makes its files. */
#define RELAYSCOPE_IOC_CHANNEL_FILES _IO('R', 0xcd)
#define RELAYSCOPE_IOC_CHANNEL_RESET _IOWR('R', 0xce, struct relayscope_channel_reset)
/* The argument is a channel's id, by value: seals what is open on every CPU now. */
#define RELAYSCOPE_IOC_CHANNEL_FLUSH _IO('R', 0xd3)
#define RELAYSCOPE_IOC_BOOT_ADOPT _IOR('R', 0xd0, struct relayscope_boot_adopt)
#define RELAYSCOPE_IOC_SOURCE_SCHEMA _IOWR('R', 0xcf, struct relayscope_source_schema)

/* ---- layout, held by the compiler ---- */

#ifdef __cplusplus
#define RELAYSCOPE_ASSERT(condition) static_assert(condition, #condition)
#else
#define RELAYSCOPE_ASSERT(condition) _Static_assert(condition, #condition)
#endif
#define RELAYSCOPE_AT(type, member, at) \
	RELAYSCOPE_ASSERT(__builtin_offsetof(struct type, member) == (at))

RELAYSCOPE_ASSERT(sizeof(struct relayscope_subbuf_header) == 64);
RELAYSCOPE_AT(relayscope_subbuf_header, magic, 0);
RELAYSCOPE_AT(relayscope_subbuf_header, abi_version, 4);
RELAYSCOPE_AT(relayscope_subbuf_header, header_length, 6);
RELAYSCOPE_AT(relayscope_subbuf_header, channel_id, 8);
RELAYSCOPE_AT(relayscope_subbuf_header, cpu, 12);
RELAYSCOPE_AT(relayscope_subbuf_header, epoch, 16);
RELAYSCOPE_AT(relayscope_subbuf_header, used, 20);
RELAYSCOPE_AT(relayscope_subbuf_header, sequence, 24);
RELAYSCOPE_AT(relayscope_subbuf_header, ts_begin, 32);
RELAYSCOPE_AT(relayscope_subbuf_header, ts_end, 40);
RELAYSCOPE_AT(relayscope_subbuf_header, record_count, 48);
RELAYSCOPE_AT(relayscope_subbuf_header, lost_inside, 52);
RELAYSCOPE_AT(relayscope_subbuf_header, lost, 56);

RELAYSCOPE_ASSERT(sizeof(struct relayscope_record_header) == 12);
RELAYSCOPE_AT(relayscope_record_header, event_id, 0);
RELAYSCOPE_AT(relayscope_record_header, length, 2);
RELAYSCOPE_AT(relayscope_record_header, ts_delta, 4);
RELAYSCOPE_AT(relayscope_record_header, tid, 8);

RELAYSCOPE_ASSERT(sizeof(struct relayscope_context_footer) == 8);
RELAYSCOPE_AT(relayscope_context_footer, record_length, 0);
RELAYSCOPE_AT(relayscope_context_footer, context, 2);
RELAYSCOPE_AT(relayscope_context_footer, kernel_frames, 4);
RELAYSCOPE_AT(relayscope_context_footer, user_frames, 5);
RELAYSCOPE_AT(relayscope_context_footer, flags, 6);

RELAYSCOPE_ASSERT(sizeof(struct relayscope_context_namespaces) == 32);
RELAYSCOPE_AT(relayscope_context_namespaces, pid, 0);
RELAYSCOPE_AT(relayscope_context_namespaces, net, 4);
RELAYSCOPE_AT(relayscope_context_namespaces, user, 8);
RELAYSCOPE_AT(relayscope_context_namespaces, uts, 12);
RELAYSCOPE_AT(relayscope_context_namespaces, ipc, 16);
RELAYSCOPE_AT(relayscope_context_namespaces, cgroup, 20);
RELAYSCOPE_AT(relayscope_context_namespaces, time, 24);

RELAYSCOPE_ASSERT(sizeof(struct relayscope_message_header) == 24);
RELAYSCOPE_AT(relayscope_message_header, magic, 0);
RELAYSCOPE_AT(relayscope_message_header, event_id, 2);
RELAYSCOPE_AT(relayscope_message_header, length, 4);
RELAYSCOPE_AT(relayscope_message_header, ts, 8);
RELAYSCOPE_AT(relayscope_message_header, cpu, 16);
RELAYSCOPE_AT(relayscope_message_header, tid, 20);

RELAYSCOPE_ASSERT(sizeof(struct relayscope_cpu_control) == 128);
RELAYSCOPE_AT(relayscope_cpu_control, sealed, 0);
RELAYSCOPE_AT(relayscope_cpu_control, time_floor, 8);
RELAYSCOPE_AT(relayscope_cpu_control, flags, 16);

RELAYSCOPE_ASSERT(sizeof(struct relayscope_info) == 16);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_channel_create) == 136);
RELAYSCOPE_AT(relayscope_channel_create, control_offset, 56);
RELAYSCOPE_AT(relayscope_channel_create, directory, 72);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_source_attach) == 40);
RELAYSCOPE_AT(relayscope_source_attach, context, 4);
RELAYSCOPE_AT(relayscope_source_attach, options, 6);
RELAYSCOPE_AT(relayscope_source_attach, source, 8);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_source_info) == 176);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_source_schema) == 56);
RELAYSCOPE_AT(relayscope_source_schema, text, 8);
RELAYSCOPE_AT(relayscope_source_schema, source, 24);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_process_add) == 8);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_consume) == 16);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_stats) == 128);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_snapshot) == 144);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_global_record_header) == 16);
RELAYSCOPE_AT(relayscope_global_record_header, cpu, 12);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_channel_reset) == 8);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_boot_adopt) == 680);
RELAYSCOPE_AT(relayscope_boot_adopt, monotonic, 136);
RELAYSCOPE_AT(relayscope_boot_adopt, sources, 168);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_instruction) == 24);
RELAYSCOPE_AT(relayscope_instruction, event_id, 4);
RELAYSCOPE_AT(relayscope_instruction, value, 16);
RELAYSCOPE_ASSERT(sizeof(struct relayscope_source_program) == 72);
RELAYSCOPE_AT(relayscope_source_program, instructions, 16);
RELAYSCOPE_AT(relayscope_source_program, source, 40);
RELAYSCOPE_ASSERT(RELAYSCOPE_LOST_REASONS <= RELAYSCOPE_LOST_REASONS_MAX);

#endif
