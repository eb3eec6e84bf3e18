// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creates bufflinks for devtest and the VM tests. With debugfs, on the first:
 *
 *   bufflink_test/storm     write "CONTEXTS COUNT LENGTH": append COUNT messages
 *			     from each context (process,softirq,hardirq,nmi) on
 *			     each CPU; returns when all have been tried
 *   bufflink_test/sources   "context cpu attempted refused", and what the
 *			     bufflink itself counts as refused
 *   bufflink_test/recreate  write N: destroy it and create it again, N times
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "test_storm.h"

static unsigned int size;
module_param(size, uint, 0444);
MODULE_PARM_DESC(size, "bytes of each ring; 0: the default");

static int minor = -1;
module_param(minor, int, 0444);
MODULE_PARM_DESC(minor, "minor of the first device; -1: automatic, as the others always are");

static unsigned int devices = 1;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "how many to create");

static bool read_only;
module_param(read_only, bool, 0444);
MODULE_PARM_DESC(read_only, "user-space writes get EPERM");

static bool own_buffer;
module_param(own_buffer, bool, 0444);
MODULE_PARM_DESC(own_buffer, "hand over buffers of our own instead of automatic ones");

struct test_link {
	struct bufflink *bl;
	void *buf;
};

static struct test_link test_links[BUFFLINK_MINORS];
static DEFINE_MUTEX(test_lock); /* over the links and storms */
static struct dentry *test_dir;

static int test_link_create(struct test_link *link, int minor)
{
	int err;

	if (own_buffer) {
		link->buf = vmalloc(size ? size : BUFFLINK_SIZE_DEFAULT);
		if (!link->buf)
			return -ENOMEM;
	}
	err = bufflink_create_flags(&link->bl, link->buf,
				    own_buffer && !size ? BUFFLINK_SIZE_DEFAULT : size, minor,
				    read_only ? BUFFLINK_READ_ONLY : 0);
	if (err) {
		vfree(link->buf);
		link->buf = NULL;
	}
	return err;
}

static void test_link_destroy(struct test_link *link)
{
	bufflink_destroy(link->bl);
	link->bl = NULL;
	/* Ours again: a reader that still looked at it would notice. */
	if (link->buf)
		memset(link->buf, 0xa5, size ? size : BUFFLINK_SIZE_DEFAULT);
	vfree(link->buf);
	link->buf = NULL;
}

static ssize_t test_read_line(char *line, size_t size, const char __user *user, size_t count)
{
	if (count >= size)
		return -EINVAL;
	if (copy_from_user(line, user, count))
		return -EFAULT;
	line[count] = '\0';
	return count;
}

static ssize_t storm_write(struct file *file, const char __user *user, size_t count,
			   loff_t *position)
{
	struct bufflink_test_storm storm = {};
	char line[96], contexts[64];
	ssize_t ret;

	ret = test_read_line(line, sizeof(line), user, count);
	if (ret < 0)
		return ret;
	if (sscanf(line, "%63s %u %u", contexts, &storm.count, &storm.length) != 3)
		return -EINVAL;
	storm.contexts = bufflink_test_contexts(contexts);
	if (!storm.contexts)
		return -EINVAL;

	mutex_lock(&test_lock);
	storm.bl = test_links[0].bl;
	ret = storm.bl ? bufflink_test_storm_run(&storm) : -ENODEV;
	mutex_unlock(&test_lock);
	return ret ? ret : count;
}

static ssize_t recreate_write(struct file *file, const char __user *user, size_t count,
			      loff_t *position)
{
	unsigned int times;
	char line[16];
	ssize_t ret;

	ret = test_read_line(line, sizeof(line), user, count);
	if (ret < 0)
		return ret;
	ret = kstrtouint(strim(line), 10, &times);
	if (ret)
		return ret;

	mutex_lock(&test_lock);
	while (times-- && !ret) {
		struct test_link *link = &test_links[0];
		int last;

		if (!link->bl) {
			ret = -ENODEV;
			break;
		}
		last = bufflink_minor(link->bl);
		bufflink_append(link->bl, "the end", 7);
		test_link_destroy(link);
		ret = test_link_create(link, last);
		cond_resched();
	}
	mutex_unlock(&test_lock);
	return ret ? ret : count;
}

static int sources_show(struct seq_file *seq, void *unused)
{
	mutex_lock(&test_lock);
	bufflink_test_storm_show(seq);
	if (test_links[0].bl)
		seq_printf(seq, "bufflink %d 0 %llu\n", bufflink_minor(test_links[0].bl),
			   bufflink_refused(test_links[0].bl));
	mutex_unlock(&test_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(sources);

static const struct file_operations storm_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = storm_write,
};

static const struct file_operations recreate_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = recreate_write,
};

static int __init bufflink_test_init(void)
{
	unsigned int i;
	int err;

	if (!devices)
		return -EINVAL;
	err = bufflink_test_storm_init();
	if (err)
		return err;

	for (i = 0; i < devices; i++) {
		struct test_link extra = {};
		struct test_link *link = i < BUFFLINK_MINORS ? &test_links[i] : &extra;

		err = test_link_create(link, i ? -1 : minor);
		if (err)
			goto destroy;
		pr_info("bufflink_test: minor %d\n", bufflink_minor(link->bl));
	}

	test_dir = debugfs_create_dir("bufflink_test", NULL);
	debugfs_create_file("storm", 0200, test_dir, NULL, &storm_fops);
	debugfs_create_file("recreate", 0200, test_dir, NULL, &recreate_fops);
	debugfs_create_file("sources", 0400, test_dir, NULL, &sources_fops);
	return 0;

destroy:
	while (i--)
		test_link_destroy(&test_links[i]);
	bufflink_test_storm_exit();
	return err;
}

static void __exit bufflink_test_exit(void)
{
	unsigned int i;

	debugfs_remove(test_dir);
	for (i = 0; i < ARRAY_SIZE(test_links); i++)
		test_link_destroy(&test_links[i]);
	bufflink_test_storm_exit();
}

module_init(bufflink_test_init);
module_exit(bufflink_test_exit);

MODULE_DESCRIPTION("Test of bufflink");
MODULE_LICENSE("GPL");
