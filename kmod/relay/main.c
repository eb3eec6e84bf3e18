// SPDX-License-Identifier: GPL-2.0-only
/* relayscope.ko: the core. Probe modules bring the sources. */
#include <linux/debugfs.h>
#include <linux/module.h>

#include "internal.h"

struct dentry *relayscope_debugfs;

static int __init relayscope_init(void)
{
	int err;

	relayscope_debugfs = debugfs_create_dir("relayscope", NULL);
	if (IS_ERR(relayscope_debugfs)) {
		pr_err("relayscope: debugfs is not available: boot without debugfs=off\n");
		return PTR_ERR(relayscope_debugfs);
	}
	relayscope_buffer_fops_init();
	relayscope_process_set_init();
	relayscope_lifecycle_init();
	err = relayscope_module_sources_init();
	if (err)
		goto err_debugfs;
	err = relayscope_control_register();
	if (err)
		goto err_sources;
	relayscope_boot_init();
	return 0;

err_sources:
	relayscope_module_sources_exit();
err_debugfs:
	debugfs_remove(relayscope_debugfs);
	return err;
}

static void __exit relayscope_exit(void)
{
	relayscope_control_unregister();
	relayscope_boot_exit();
	relayscope_module_sources_exit();
	debugfs_remove(relayscope_debugfs);
}

module_init(relayscope_init);
module_exit(relayscope_exit);

MODULE_DESCRIPTION("Relayscope: kernel tracing through per-CPU relay channels");
MODULE_LICENSE("GPL");
