// SPDX-License-Identifier: GPL-2.0-only
/*
 * The boot recording: relayscope.ko that is loaded with boot=SOURCE,... records from then on, before
 * there is any program to read it. A recorder without an open file owns a buffer-only channel; each
 * source is attached when its module brings it. The first program that asks for it adopts it, and it
 * is a recording like any other from then on. Until then no module waits for it: sources and core
 * can be removed at any time.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "internal.h"

#define FLUSH_INTERVAL_MS 200
/* Nobody's: no process is the recorder yet. */
#define NO_TGID (-1)

static char *boot = "";
module_param(boot, charp, 0444);
MODULE_PARM_DESC(boot, "sources to record from now on, comma-separated; `relayscope record --from-boot` reads them");

static unsigned int boot_size = SZ_256K;
module_param(boot_size, uint, 0444);
MODULE_PARM_DESC(boot_size, "bytes of a sub-buffer of the boot recording (default 262144)");

static unsigned int boot_count = 32;
module_param(boot_count, uint, 0444);
MODULE_PARM_DESC(boot_count, "its sub-buffers a CPU (default 32)");

static char *boot_mode = "discard";
module_param(boot_mode, charp, 0444);
MODULE_PARM_DESC(boot_mode, "when they are full: discard the newest (default) or overwrite the oldest");

static bool boot_strings;
module_param(boot_strings, bool, 0444);
MODULE_PARM_DESC(boot_strings, "record paths and other texts of system calls, too");

static struct boot_recording {
	struct relayscope_recorder *recorder; /* NULL: none, or somebody's */
	struct relayscope_channel *channel;
	u64 monotonic;
	u64 boottime;
	u64 realtime;
} recording;
/*
 * Taken with the tracepoint code's list of modules locked, as module_sources_lock is. The boot
 * recorder's lock comes after it, and it after the lock of the recorder that adopts.
 */
static DEFINE_MUTEX(boot_lock);

static int parse_mode(u32 *flags)
{
	*flags = RELAYSCOPE_CHANNEL_BUFFER_ONLY;
	if (!strcmp(boot_mode, "discard"))
		return 0;
	*flags |= RELAYSCOPE_CHANNEL_OVERWRITE;
	return strcmp(boot_mode, "overwrite") ? -EINVAL : 0;
}

static int begin(struct relayscope_recorder *recorder)
{
	struct relayscope_channel_create request = {
		.name = "boot",
		.subbuf_size = boot_size,
		.subbuf_count = boot_count,
	};
	struct relayscope_channel *channel;
	int err = parse_mode(&request.flags);

	if (err)
		return err;
	if (!(request.flags & RELAYSCOPE_CHANNEL_OVERWRITE))
		request.flush_interval_ms = FLUSH_INTERVAL_MS;
	recorder->filter.recorder_tgid = NO_TGID;
	channel = relayscope_channel_create(recorder, &request);
	if (IS_ERR(channel))
		return PTR_ERR(channel);
	relayscope_recorder_add_channel(recorder, channel);
	recording.channel = channel;
	recording.monotonic = ktime_get_ns();
	recording.boottime = ktime_get_boottime_ns();
	recording.realtime = ktime_get_real_ns();
	mutex_lock(&recorder->lock);
	err = relayscope_recorder_start(recorder);
	mutex_unlock(&recorder->lock);
	return err;
}

/* Those that are there and not attached yet. */
static void attach_wanted(struct relayscope_channel *channel)
{
	char name[RELAYSCOPE_NAME_MAX];
	unsigned int room = RELAYSCOPE_BOOT_SOURCES_MAX;
	const char *at = boot;
	size_t length;
	int err;

	for (; *at; at += length + (at[length] == ',')) {
		length = strcspn(at, ",");
		if (!length || length >= sizeof(name))
			continue;
		if (!room--) {
			pr_warn_once("relayscope: boot recording: more than %u sources: the rest is left out\n",
				     RELAYSCOPE_BOOT_SOURCES_MAX);
			break;
		}
		memcpy(name, at, length);
		name[length] = '\0';
		err = relayscope_attach(channel, name, 0, boot_strings ? RELAYSCOPE_ATTACH_STRINGS : 0);
		/* Most sources have none. */
		if (err == -EOPNOTSUPP)
			err = relayscope_attach(channel, name, 0, 0);
		if (err && err != -ENOENT && err != -EEXIST)
			pr_warn("relayscope: boot recording: source %s is left out: error %d\n",
				name, err);
	}
	relayscope_attachments_let_go(channel);
	err = relayscope_probes_on(channel);
	if (err)
		pr_warn("relayscope: boot recording: a source could not be turned on: error %d\n",
			err);
}

/* Without it the module is of use all the same. */
void relayscope_boot_init(void)
{
	struct relayscope_recorder *recorder;
	int err;

	if (!*boot)
		return;
	recorder = relayscope_recorder_create();
	err = PTR_ERR_OR_ZERO(recorder);
	if (err)
		goto err_tell;
	err = begin(recorder);
	if (err)
		goto err_destroy;
	mutex_lock(&boot_lock);
	recording.recorder = recorder;
	mutex_unlock(&boot_lock);
	relayscope_boot_source_came();
	return;

err_destroy:
	relayscope_recorder_destroy(recorder);
err_tell:
	pr_err("relayscope: there is no boot recording: error %d; see boot_size, boot_count, boot_mode\n",
	       err);
}

/* Nothing can adopt it any more. */
void relayscope_boot_exit(void)
{
	struct relayscope_recorder *recorder;

	mutex_lock(&boot_lock);
	recorder = recording.recorder;
	recording.recorder = NULL;
	mutex_unlock(&boot_lock);
	if (recorder)
		relayscope_recorder_destroy(recorder);
}

/* What comes after the adoption is not picked up: a session's sources are written at its start. */
void relayscope_boot_source_came(void)
{
	mutex_lock(&boot_lock);
	if (recording.recorder) {
		mutex_lock_nested(&recording.recorder->lock, SINGLE_DEPTH_NESTING);
		attach_wanted(recording.channel);
		mutex_unlock(&recording.recorder->lock);
	}
	mutex_unlock(&boot_lock);
}

void relayscope_boot_source_gone(const struct relayscope_source *source)
{
	mutex_lock(&boot_lock);
	if (recording.recorder) {
		mutex_lock_nested(&recording.recorder->lock, SINGLE_DEPTH_NESTING);
		relayscope_detach(recording.channel, source);
		mutex_unlock(&recording.recorder->lock);
	}
	mutex_unlock(&boot_lock);
}

static void describe(struct relayscope_boot_adopt *adopt)
{
	memset(adopt, 0, sizeof(*adopt));
	relayscope_channel_describe(recording.channel, &adopt->channel);
	adopt->monotonic = recording.monotonic;
	adopt->boottime = recording.boottime;
	adopt->realtime = recording.realtime;
	relayscope_attached(recording.channel, adopt);
}

/* The caller's from now on; -ENOENT when there is none, or somebody has it. */
struct relayscope_recorder *relayscope_boot_adopt(struct relayscope_boot_adopt __user *to)
{
	struct relayscope_recorder *recorder;
	struct relayscope_boot_adopt adopt;

	mutex_lock(&boot_lock);
	recorder = recording.recorder;
	if (!recorder) {
		recorder = ERR_PTR(-ENOENT);
		goto out;
	}
	mutex_lock_nested(&recorder->lock, SINGLE_DEPTH_NESTING);
	relayscope_attachments_hold(recording.channel);
	describe(&adopt);
	if (copy_to_user(to, &adopt, sizeof(adopt))) {
		relayscope_attachments_let_go(recording.channel);
		mutex_unlock(&recorder->lock);
		recorder = ERR_PTR(-EFAULT);
		goto out;
	}
	WRITE_ONCE(recorder->filter.recorder_tgid, current->tgid);
	relayscope_attachments_refilter(recording.channel);
	mutex_unlock(&recorder->lock);
	recording.recorder = NULL;
out:
	mutex_unlock(&boot_lock);
	return recorder;
}
