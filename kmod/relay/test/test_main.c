// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test module of the core. In debugfs:
 *
 *   test_relayscope/emit    write LENGTH: one record of that many bytes, in process context
 *   test_relayscope/storm   write "MILLISECONDS LENGTH": records of about that length from process,
 *			     softirq, hardirq and NMI-like context on every CPU; returns when over
 *   test_relayscope/counts  "context cpu attempted"
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#include "test_storm.h"

#define STORM_MILLISECONDS_MAX 60000

static DEFINE_MUTEX(storm_lock);
static struct dentry *directory;

static ssize_t emit_write(struct file *file, const char __user *user, size_t count,
			  loff_t *position)
{
	u32 length;
	int err = kstrtou32_from_user(user, count, 10, &length);

	if (err)
		return err;
	test_emit(RELAYSCOPE_TEST_PROCESS, length);
	return count;
}

static ssize_t storm_write(struct file *file, const char __user *user, size_t count,
			   loff_t *position)
{
	u32 milliseconds, length;
	char line[32] = {};
	int err;

	if (count >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, user, count))
		return -EFAULT;
	if (sscanf(line, "%u %u", &milliseconds, &length) != 2 ||
	    milliseconds > STORM_MILLISECONDS_MAX)
		return -EINVAL;
	mutex_lock(&storm_lock);
	err = test_storm_run(milliseconds, length);
	mutex_unlock(&storm_lock);
	return err ?: count;
}

static int counts_show(struct seq_file *seq, void *unused)
{
	test_counts_show(seq);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counts);

static const struct file_operations emit_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = emit_write,
};

static const struct file_operations storm_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = storm_write,
};

static int __init test_init(void)
{
	int err = test_storm_init();

	if (err)
		return err;
	err = test_prototype_register();
	if (err) {
		test_storm_exit();
		return err;
	}
	directory = debugfs_create_dir("test_relayscope", NULL);
	debugfs_create_file("emit", 0200, directory, NULL, &emit_fops);
	debugfs_create_file("storm", 0200, directory, NULL, &storm_fops);
	debugfs_create_file("counts", 0400, directory, NULL, &counts_fops);
	return 0;
}

static void __exit test_exit(void)
{
	debugfs_remove(directory);
	test_prototype_unregister();
	test_storm_exit();
}

module_init(test_init);
module_exit(test_exit);

MODULE_DESCRIPTION("Test of Relayscope's core");
MODULE_LICENSE("GPL");
