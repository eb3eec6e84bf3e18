// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that have something to tell when they return: kept by task, and looked for only while
 * there is any. A call that finds the table full does not tell it.
 */
#include <linux/export.h>

#include "internal.h"
#include "kept_calls.h"
#include "task_places.h"

#define PLACES 4096u

struct relayscope_kept_calls {
	struct relayscope_task_places *places;
	struct relayscope_kept_call *calls;
};

int relayscope_kept_calls_create(struct relayscope_attachment *attachment)
{
	struct relayscope_kept_calls *kept = kzalloc(sizeof(*kept), GFP_KERNEL);

	if (!kept)
		return -ENOMEM;
	/* What there is goes with the attachment. */
	attachment->kept = kept;
	attachment->record_max = relayscope_record_max(attachment->channel);
	kept->places = relayscope_task_places_create(PLACES);
	kept->calls = kvcalloc(PLACES, sizeof(*kept->calls), GFP_KERNEL);
	return kept->places && kept->calls ? 0 : -ENOMEM;
}

void relayscope_kept_calls_destroy(struct relayscope_attachment *attachment)
{
	struct relayscope_kept_calls *kept = attachment->kept;

	if (!kept)
		return;
	kvfree(kept->calls);
	relayscope_task_places_destroy(kept->places);
	kfree(kept);
	attachment->kept = NULL;
}

void relayscope_call_keep(struct relayscope_attachment *attachment,
			  const struct relayscope_kept_call *call)
{
	struct relayscope_kept_calls *kept = attachment->kept;
	int at = relayscope_task_place_take(kept->places);

	if (at == RELAYSCOPE_NO_PLACE)
		return;
	kept->calls[at] = *call;
	atomic_inc(&attachment->kept_count);
}
EXPORT_SYMBOL_GPL(relayscope_call_keep);

bool relayscope_call_take_kept(struct relayscope_attachment *attachment,
			       struct relayscope_kept_call *call)
{
	struct relayscope_kept_calls *kept = attachment->kept;
	int at = relayscope_task_place_find(kept->places);

	if (at == RELAYSCOPE_NO_PLACE)
		return false;
	*call = kept->calls[at];
	relayscope_task_place_give_back(kept->places, at);
	atomic_dec(&attachment->kept_count);
	return true;
}
EXPORT_SYMBOL_GPL(relayscope_call_take_kept);
