// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file systems. User space reads when it likes and the kernel produces in that read: `message`
 * gives messages, `bulk` as much as a read of this file system may carry.
 */
#include <linux/configfs.h>
#include <linux/debugfs.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/sysctl.h>
#include <linux/sysfs.h>

#include "../compat.h"
#include "ways.h"

/* ---- procfs ---- */

/* Every position has a message. */
static void *message_start(struct seq_file *seq, loff_t *position)
{
	return position;
}

static void *message_next(struct seq_file *seq, void *object, loff_t *position)
{
	++*position;
	return position;
}

static void message_stop(struct seq_file *seq, void *object)
{
}

static int message_show(struct seq_file *seq, void *object)
{
	loff_t *position = object;

	seq_write(seq, ways_message(*position), WAYS_MESSAGE_LENGTH);
	return 0;
}

static const struct seq_operations message_operations = {
	.start = message_start,
	.next = message_next,
	.stop = message_stop,
	.show = message_show,
};

static int bulk_show(struct seq_file *seq, void *unused)
{
	seq_write(seq, ways_bulk(), WAYS_BULK_LENGTH);
	return 0;
}

static struct proc_dir_entry *proc_directory;

static int proc_offer(void)
{
	proc_directory = proc_mkdir("ways_across", NULL);
	if (!proc_directory)
		return -ENOMEM;
	if (proc_create_seq("message", 0400, proc_directory, &message_operations) &&
	    proc_create_single("bulk", 0400, proc_directory, bulk_show))
		return 0;
	proc_remove(proc_directory);
	return -ENOMEM;
}

static void proc_withdraw(void)
{
	proc_remove(proc_directory);
}

/* ---- sysfs ---- */

static ssize_t sysfs_message_show(struct kobject *object, struct kobj_attribute *attribute,
				  char *page)
{
	ways_fill(page, WAYS_MESSAGE_LENGTH);
	return WAYS_MESSAGE_LENGTH;
}

static struct kobj_attribute sysfs_message =
	__ATTR(message, 0400, sysfs_message_show, NULL);

static ssize_t sysfs_bulk_read(struct file *file, struct kobject *object,
			       compat_bin_attribute_t *attribute, char *page, loff_t offset,
			       size_t count)
{
	memcpy(page, ways_bulk() + offset, count);
	return count;
}

static const struct bin_attribute sysfs_bulk = {
	.attr = { .name = "bulk", .mode = 0400 },
	.size = WAYS_BULK_LENGTH,
	.read = sysfs_bulk_read,
};

static struct kobject *sysfs_directory;

static int sysfs_offer(void)
{
	int err;

	sysfs_directory = kobject_create_and_add("ways_across", kernel_kobj);
	if (!sysfs_directory)
		return -ENOMEM;
	err = sysfs_create_file(sysfs_directory, &sysfs_message.attr);
	if (!err)
		err = sysfs_create_bin_file(sysfs_directory, &sysfs_bulk);
	if (err)
		kobject_put(sysfs_directory);
	return err;
}

static void sysfs_withdraw(void)
{
	sysfs_remove_bin_file(sysfs_directory, &sysfs_bulk);
	kobject_put(sysfs_directory);
}

/* ---- configfs ---- */

static ssize_t configfs_message_show(struct config_item *item, char *page)
{
	ways_fill(page, WAYS_MESSAGE_LENGTH);
	return WAYS_MESSAGE_LENGTH;
}

static ssize_t configfs_bulk_read(struct config_item *item, void *buffer, size_t length)
{
	/* Asked for the size first. */
	if (buffer)
		memcpy(buffer, ways_bulk(), WAYS_BULK_LENGTH);
	return WAYS_BULK_LENGTH;
}

CONFIGFS_ATTR_RO(configfs_, message);
CONFIGFS_BIN_ATTR_RO(configfs_, bulk, NULL, WAYS_BULK_LENGTH);

static struct configfs_attribute *configfs_attributes[] = { &configfs_attr_message, NULL };
static struct configfs_bin_attribute *configfs_bin_attributes[] = { &configfs_attr_bulk, NULL };

static const struct config_item_type configfs_type = {
	.ct_attrs = configfs_attributes,
	.ct_bin_attrs = configfs_bin_attributes,
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem configfs_directory = {
	.su_group.cg_item = {
		.ci_namebuf = "ways_across",
		.ci_type = &configfs_type,
	},
};

static int configfs_offer(void)
{
	config_group_init(&configfs_directory.su_group);
	mutex_init(&configfs_directory.su_mutex);
	return configfs_register_subsystem(&configfs_directory);
}

static void configfs_withdraw(void)
{
	configfs_unregister_subsystem(&configfs_directory);
}

/* ---- sysctl ---- */

static int sysctl_read(compat_ctl_table_t *table, int write, void *buffer, size_t *length,
		       loff_t *position)
{
	if (write)
		return -EPERM;
	*length = *length >= WAYS_BULK_LENGTH ? WAYS_BULK_LENGTH :
						rounddown(*length, WAYS_MESSAGE_LENGTH);
	ways_fill(buffer, *length);
	return 0;
}

static struct ctl_table sysctl_table[] = {
	{ .procname = "message", .mode = 0400, .proc_handler = sysctl_read },
	COMPAT_CTL_TABLE_END
};

static struct ctl_table_header *sysctl_directory;

static int sysctl_offer(void)
{
	sysctl_directory = register_sysctl("ways_across", sysctl_table);
	return sysctl_directory ? 0 : -ENOMEM;
}

static void sysctl_withdraw(void)
{
	unregister_sysctl_table(sysctl_directory);
}

/* ---- debugfs ---- */

static const struct file_operations debugfs_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = ways_read,
};

static struct dentry *debugfs_directory;

static int debugfs_offer(void)
{
	struct dentry *file;

	debugfs_directory = debugfs_create_dir("ways_across", NULL);
	file = debugfs_create_file("message", 0400, debugfs_directory, NULL, &debugfs_fops);
	if (!IS_ERR(file))
		return 0;
	debugfs_remove(debugfs_directory);
	return PTR_ERR(file);
}

static void debugfs_withdraw(void)
{
	debugfs_remove(debugfs_directory);
}

const struct ways_file ways_files[] = {
	{ "procfs", proc_offer, proc_withdraw },
	{ "sysfs", sysfs_offer, sysfs_withdraw },
	{ "configfs", configfs_offer, configfs_withdraw },
	{ "sysctl", sysctl_offer, sysctl_withdraw },
	{ "debugfs", debugfs_offer, debugfs_withdraw },
};

const unsigned int ways_files_count = ARRAY_SIZE(ways_files);
