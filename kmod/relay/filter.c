// SPDX-License-Identifier: GPL-2.0-only
/* Programs on an attachment: which of its events are recorded, and which of those trigger. */
#include <linux/err.h>
#include <linux/slab.h>

#include "internal.h"

/* What both of its kinds of source have of an attachment; NULL: it is not attached. */
static struct relayscope_attachment *attachment_of(struct relayscope_channel *channel,
						   const char *source)
{
	struct relayscope_source_attachment *attachment =
		relayscope_source_attachment(channel, source);

	if (attachment)
		return &attachment->attachment;
	return relayscope_module_attachment(channel, source);
}

/*
 * From now on its records are put together beside the buffer, and where records belong together the
 * probes are those that decide for both.
 */
static int prepare(struct relayscope_channel *channel, struct relayscope_attachment *attachment,
		   const char *source)
{
	struct relayscope_source_attachment *ours = relayscope_source_attachment(channel, source);
	struct relayscope_pending_calls *pending;
	int err = relayscope_attachment_stage(attachment);

	if (err)
		return err;
	if (ours && ours->source->call_point_count && !attachment->pending) {
		pending = relayscope_pending_create();
		if (IS_ERR(pending))
			return PTR_ERR(pending);
		attachment->pending = pending;
		ours->points = ours->source->call_points;
		ours->point_count = ours->source->call_point_count;
	}
	return 0;
}

static struct relayscope_predicate **place_of(struct relayscope_attachment *attachment, u32 kind)
{
	return kind == RELAYSCOPE_FILTER_EARLY ? &attachment->early : &attachment->whole;
}

int relayscope_source_filter(struct relayscope_channel *channel,
			     struct relayscope_source_program *request)
{
	struct relayscope_attachment *attachment = attachment_of(channel, request->source);
	struct relayscope_predicate *predicate;
	int err;

	if (!attachment || request->kind > RELAYSCOPE_FILTER_WHOLE)
		return -EINVAL;
	if (*place_of(attachment, request->kind))
		return -EEXIST;
	predicate = relayscope_predicate_load(request, request->kind == RELAYSCOPE_FILTER_EARLY,
					      &request->error_index);
	if (IS_ERR(predicate))
		return PTR_ERR(predicate);
	err = prepare(channel, attachment, request->source);
	if (err) {
		relayscope_predicate_free(predicate);
		return err;
	}
	*place_of(attachment, request->kind) = predicate;
	return 0;
}

int relayscope_source_trigger(struct relayscope_channel *channel,
			      struct relayscope_source_program *request)
{
	struct relayscope_attachment *attachment = attachment_of(channel, request->source);
	struct relayscope_predicate *predicate;
	struct relayscope_trigger *trigger;
	int err;

	if (!attachment || request->kind)
		return -EINVAL;
	if (attachment->trigger)
		return -EEXIST;
	predicate = relayscope_predicate_load(request, false, &request->error_index);
	if (IS_ERR(predicate))
		return PTR_ERR(predicate);
	err = prepare(channel, attachment, request->source);
	if (err)
		goto err_free;
	trigger = relayscope_trigger_create(channel, predicate);
	if (IS_ERR(trigger)) {
		err = PTR_ERR(trigger);
		goto err_free;
	}
	attachment->trigger = trigger;
	return 0;

err_free:
	relayscope_predicate_free(predicate);
	return err;
}

/* No probe is left that asks. */
void relayscope_attachment_filters_destroy(struct relayscope_attachment *attachment)
{
	relayscope_trigger_destroy(attachment->trigger);
	relayscope_pending_destroy(attachment->pending);
	relayscope_kept_calls_destroy(attachment);
	relayscope_predicate_free(attachment->whole);
	relayscope_predicate_free(attachment->early);
}

/* ---- asked for every staged record; calls are asked about as such (pending.c) ---- */

bool relayscope_early_holds(const struct relayscope_attachment *attachment,
			    const struct relayscope_record_header *record)
{
	const struct relayscope_subject subject = { .record = record };

	return !attachment->early || attachment->pending ||
	       relayscope_predicate_holds(attachment->early, &subject);
}

bool relayscope_whole_holds(const struct relayscope_attachment *attachment,
			    const struct relayscope_record_header *record)
{
	const struct relayscope_subject subject = { .record = record };

	return !attachment->whole || attachment->pending ||
	       relayscope_predicate_holds(attachment->whole, &subject);
}

void relayscope_record_triggers(const struct relayscope_attachment *attachment,
				const struct relayscope_record_header *record, u64 ts)
{
	const struct relayscope_subject subject = { .record = record };

	if (attachment->trigger && !attachment->pending)
		relayscope_trigger_ask(attachment->trigger, &subject, ts);
}
