// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sources: what probe modules offer. A source is attached to channels by name; its probes are on
 * only while a recorder records, so a loaded and idle Relayscope costs the system nothing.
 */
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>

#include "internal.h"

static LIST_HEAD(sources);
static DEFINE_MUTEX(sources_lock);

/* ---- tracepoints by name: most are not exported ---- */

struct resolve_request {
	struct relayscope_point *points;
	unsigned int count;
};

static void resolve_one(struct tracepoint *tracepoint, void *data)
{
	struct resolve_request *request = data;
	unsigned int i;

	for (i = 0; i < request->count; i++)
		if (request->points[i].probe && !strcmp(request->points[i].name, tracepoint->name))
			request->points[i].tracepoint = tracepoint;
}

void relayscope_points_resolve(struct relayscope_point *points, unsigned int count)
{
	struct resolve_request request = { points, count };

	for_each_kernel_tracepoint(resolve_one, &request);
	for (; count; points++, count--)
		if (!points->tracepoint)
			pr_warn("relayscope: tracepoint %s %s this kernel: left out\n", points->name,
				points->probe ? "is not in" : "has another prototype in");
}

int relayscope_points_on(struct relayscope_point *points, unsigned int count, void *data,
			 unsigned int *registered)
{
	for (; *registered < count; ++*registered) {
		struct relayscope_point *point = &points[*registered];
		int err;

		if (!point->tracepoint)
			continue;
		err = tracepoint_probe_register(point->tracepoint, point->probe, data);
		if (err) {
			relayscope_points_off(points, data, registered);
			return err;
		}
	}
	return 0;
}

/* The caller calls tracepoint_synchronize_unregister() before it frees @data. */
void relayscope_points_off(struct relayscope_point *points, void *data, unsigned int *registered)
{
	while (*registered) {
		struct relayscope_point *point = &points[--*registered];

		if (point->tracepoint)
			tracepoint_probe_unregister(point->tracepoint, point->probe, data);
	}
}

static unsigned int missing_points(const struct relayscope_source *source)
{
	unsigned int missing = 0, i;

	for (i = 0; i < source->point_count; i++)
		missing += !source->points[i].tracepoint;
	return missing;
}

/* ---- registry ---- */

static struct relayscope_source *find_source(const char *name)
{
	struct relayscope_source *source;

	lockdep_assert_held(&sources_lock);
	list_for_each_entry(source, &sources, node)
		if (!strcmp(source->name, name))
			return source;
	return NULL;
}

int relayscope_source_register(struct relayscope_source *source)
{
	int err = 0;

	if (strlen(source->name) >= RELAYSCOPE_NAME_MAX)
		return -EINVAL;
	relayscope_points_resolve(source->points, source->point_count);
	relayscope_points_resolve(source->call_points, source->call_point_count);
	relayscope_points_resolve(source->text_points, source->text_point_count);

	mutex_lock(&sources_lock);
	if (find_source(source->name))
		err = -EEXIST;
	else
		list_add_tail(&source->node, &sources);
	mutex_unlock(&sources_lock);
	if (!err)
		relayscope_boot_source_came();
	return err;
}
EXPORT_SYMBOL_GPL(relayscope_source_register);

/* Attachments hold the owner module, so none is left but the boot recording's. */
void relayscope_source_unregister(struct relayscope_source *source)
{
	/* First from the list: the boot recording attaches what it finds there. */
	mutex_lock(&sources_lock);
	list_del(&source->node);
	mutex_unlock(&sources_lock);
	relayscope_boot_source_gone(source);
}
EXPORT_SYMBOL_GPL(relayscope_source_unregister);

int relayscope_source_info(struct relayscope_source_info *info)
{
	struct relayscope_source *source;
	u32 index = info->index;
	int err = -ENOENT;

	mutex_lock(&sources_lock);
	list_for_each_entry(source, &sources, node) {
		if (index) {
			index--;
			continue;
		}
		info->tracepoints = source->point_count;
		info->missing = missing_points(source);
		info->reserved = 0;
		memset(info->name, 0, sizeof(info->name));
		memset(info->description, 0, sizeof(info->description));
		strscpy(info->name, source->name, sizeof(info->name));
		strscpy(info->description, source->description, sizeof(info->description));
		err = 0;
		break;
	}
	mutex_unlock(&sources_lock);
	/* The index now counts from the end of the list. */
	return err ? relayscope_module_source_info(index, info) : 0;
}

/* ---- attachment to a channel ---- */

/* From now on the texts of its calls are recorded. Before its probes are on. */
static int want_texts(struct relayscope_source_attachment *attachment)
{
	const struct relayscope_source *source = attachment->source;
	int err;

	if (!source->text_point_count)
		return -EOPNOTSUPP;
	if (attachment->attachment.channel->subbuf_size < RELAYSCOPE_STRINGS_SUBBUF_MIN)
		return -EMSGSIZE;
	err = source->prepare_texts();
	if (!err)
		err = relayscope_kept_calls_create(&attachment->attachment);
	if (err)
		return err;
	attachment->points = source->text_points;
	attachment->point_count = source->text_point_count;
	return 0;
}

int relayscope_attach(struct relayscope_channel *channel, const char *name, u32 context,
		      u32 options)
{
	struct relayscope_source_attachment *attachment, *other;
	struct relayscope_source *source;
	int err;

	if (options & ~RELAYSCOPE_ATTACH_STRINGS)
		return -EINVAL;
	attachment = kzalloc(sizeof(*attachment), GFP_KERNEL);
	if (!attachment)
		return -ENOMEM;
	relayscope_attachment_init(&attachment->attachment, channel);

	mutex_lock(&sources_lock);
	source = find_source(name);
	err = -ENOENT;
	if (!source)
		goto err_unlock;
	err = -ENXIO;
	if (missing_points(source) == source->point_count)
		goto err_unlock;
	err = -EEXIST;
	list_for_each_entry(other, &channel->attachments, node)
		if (other->source == source)
			goto err_unlock;
	err = -ENOENT;
	if (!try_module_get(source->owner))
		goto err_unlock;
	mutex_unlock(&sources_lock);

	err = relayscope_context_want(&attachment->attachment, context, source->owner);
	if (!err)
		err = relayscope_stage_global(&attachment->attachment);
	attachment->source = source;
	attachment->held = true;
	attachment->points = source->points;
	attachment->point_count = source->point_count;
	if (!err && options & RELAYSCOPE_ATTACH_STRINGS)
		err = want_texts(attachment);
	if (err)
		goto err_put;
	list_add_tail(&attachment->node, &channel->attachments);
	return 0;

err_put:
	relayscope_kept_calls_destroy(&attachment->attachment);
	module_put(source->owner);
	kfree(attachment);
	return err;
err_unlock:
	mutex_unlock(&sources_lock);
	kfree(attachment);
	if (source)
		return err;
	return options ? -EOPNOTSUPP : relayscope_module_attach(channel, name, context);
}

struct relayscope_source_attachment *
relayscope_source_attachment(struct relayscope_channel *channel, const char *source)
{
	struct relayscope_source_attachment *attachment;

	list_for_each_entry(attachment, &channel->attachments, node)
		if (!strcmp(attachment->source->name, source))
			return attachment;
	return NULL;
}

/* No probe is left: what a filter still waits for is decided. */
void relayscope_drain_calls(struct relayscope_channel *channel)
{
	struct relayscope_source_attachment *attachment;

	list_for_each_entry(attachment, &channel->attachments, node)
		if (attachment->attachment.pending)
			relayscope_pending_drain(&attachment->attachment);
}

void relayscope_detach_all(struct relayscope_channel *channel)
{
	struct relayscope_source_attachment *attachment, *next;

	list_for_each_entry_safe(attachment, next, &channel->attachments, node) {
		WARN_ON(attachment->registered);
		list_del(&attachment->node);
		relayscope_attachment_filters_destroy(&attachment->attachment);
		if (attachment->held)
			module_put(attachment->source->owner);
		kfree(attachment);
	}
	relayscope_module_detach_all(channel);
}

/* ---- of the boot recording, which no module must wait for ---- */

/* Its module goes: what is attached goes first, while it is recorded. */
void relayscope_detach(struct relayscope_channel *channel, const struct relayscope_source *source)
{
	struct relayscope_source_attachment *attachment, *next;

	list_for_each_entry_safe(attachment, next, &channel->attachments, node) {
		if (attachment->source != source)
			continue;
		relayscope_points_off(attachment->points, &attachment->attachment,
				      &attachment->registered);
		tracepoint_synchronize_unregister();
		list_del(&attachment->node);
		relayscope_attachment_filters_destroy(&attachment->attachment);
		kfree(attachment);
	}
}

/* From now on the sources' modules may go, and detach. */
void relayscope_attachments_let_go(struct relayscope_channel *channel)
{
	struct relayscope_source_attachment *attachment;

	list_for_each_entry(attachment, &channel->attachments, node) {
		if (attachment->held)
			module_put(attachment->source->owner);
		attachment->held = false;
	}
}

/* From now on they may not. One that is about to detaches itself, and is not waited for. */
void relayscope_attachments_hold(struct relayscope_channel *channel)
{
	struct relayscope_source_attachment *attachment, *next;

	list_for_each_entry_safe(attachment, next, &channel->attachments, node) {
		attachment->held = try_module_get(attachment->source->owner);
		if (!attachment->held)
			relayscope_detach(channel, attachment->source);
	}
}

/* The recorder's own process has changed, while it is recorded. */
void relayscope_attachments_refilter(struct relayscope_channel *channel)
{
	struct relayscope_source_attachment *attachment;

	list_for_each_entry(attachment, &channel->attachments, node)
		WRITE_ONCE(attachment->attachment.filter.recorder_tgid,
			   channel->recorder->filter.recorder_tgid);
	relayscope_module_refilter(channel);
}

/* The names of all that is attached. */
void relayscope_attached(struct relayscope_channel *channel, struct relayscope_boot_adopt *adopt)
{
	struct relayscope_source_attachment *attachment;

	list_for_each_entry(attachment, &channel->attachments, node)
		if (adopt->source_count < RELAYSCOPE_BOOT_SOURCES_MAX)
			strscpy(adopt->sources[adopt->source_count++], attachment->source->name,
				RELAYSCOPE_NAME_MAX);
	relayscope_module_attached(channel, adopt);
}

/* ---- probes ---- */

/* Those that are on stay so. */
int relayscope_probes_on(struct relayscope_channel *channel)
{
	struct relayscope_source_attachment *attachment;
	int err;

	list_for_each_entry(attachment, &channel->attachments, node) {
		attachment->attachment.filter = channel->recorder->filter;
		err = relayscope_points_on(attachment->points, attachment->point_count,
					   &attachment->attachment, &attachment->registered);
		if (err)
			return err;
	}
	return relayscope_module_probes_on(channel);
}

void relayscope_probes_off(struct relayscope_channel *channel)
{
	struct relayscope_source_attachment *attachment;

	list_for_each_entry(attachment, &channel->attachments, node)
		relayscope_points_off(attachment->points, &attachment->attachment,
				      &attachment->registered);
	relayscope_module_probes_off(channel);
}
