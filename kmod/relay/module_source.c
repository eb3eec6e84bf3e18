// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sources that other modules offer (include/relayscope/event.h): tracepoints of theirs, found when
 * the kernel tells of a module that has some. Several modules may offer one source, if they mean
 * the same by it. A source that is attached outlives its modules: what was recorded needs its
 * schema, and a module that comes back is recorded on.
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>

#include "internal.h"
#include "../../include/relayscope/event.h"

#define FIRST_EVENT_ID 1000u
#define EVENTS_MAX 256u
#define TAILS_MAX 16u
#define SCHEMA_MAX (256u << 10)

struct module_source {
	struct list_head node; /* module_sources */
	struct list_head offers;
	struct list_head attachments;
	char name[RELAYSCOPE_NAME_MAX];
	char description[128];
	u32 first_event_id;
	u32 event_count;
	/* No module has it any more, and another of this name has another schema. */
	bool retired;
	size_t schema_length;
	char schema[];
};

/* One module's tracepoints of a source. */
struct module_offer {
	struct list_head node; /* source->offers */
	struct module *module;
	const struct relayscope_offer *offer;
};

struct module_attachment {
	struct list_head source_node; /* source->attachments */
	struct list_head channel_node; /* channel->module_attachments */
	struct module_source *source;
	struct relayscope_attachment attachment;
	bool on;
};

static LIST_HEAD(module_sources);
/*
 * Taken with the tracepoint code's list of modules locked, so nothing under it may wait for a
 * module to load or to go.
 */
static DEFINE_MUTEX(module_sources_lock);

/* ---- the probe: one for every event of every module ---- */

static void on_event(void *data, struct relayscope_event *event, const void *record,
		     const struct relayscope_tail *tails)
{
	const size_t header = sizeof(struct relayscope_record_header);
	struct relayscope_attachment *attachment = data;
	size_t length = event->fixed_length;
	struct relayscope_slot slot;
	unsigned int i;
	u8 *to;

	if (!relayscope_records_here(attachment)) {
		relayscope_record_filtered(attachment);
		return;
	}
	for (i = 0; i < event->tail_count; i++)
		length += min_t(size_t, tails[i].length, U16_MAX + 1);
	if (!relayscope_record_begin(attachment, &slot, event->event_id, current->pid, length))
		return;
	to = slot.record;
	memcpy(to + header, record + header, event->fixed_length - header);
	to += event->fixed_length;
	for (i = 0; i < event->tail_count; i++) {
		memcpy(to, tails[i].data, tails[i].length);
		to += tails[i].length;
	}
	relayscope_record_end(attachment, &slot);
}

static void offer_off(const struct relayscope_offer *offer, u32 count,
		      struct relayscope_attachment *attachment)
{
	while (count--)
		tracepoint_probe_unregister(offer->events[count]->tracepoint, on_event, attachment);
}

static int offer_on(const struct relayscope_offer *offer, struct relayscope_attachment *attachment)
{
	u32 i;
	int err;

	for (i = 0; i < offer->event_count; i++) {
		err = tracepoint_probe_register(offer->events[i]->tracepoint, on_event, attachment);
		if (err) {
			offer_off(offer, i, attachment);
			return err;
		}
	}
	return 0;
}

/* ---- sources ---- */

static struct module_source *find_source(const char *name)
{
	struct module_source *source;

	lockdep_assert_held(&module_sources_lock);
	list_for_each_entry(source, &module_sources, node)
		if (!source->retired && !strcmp(source->name, name))
			return source;
	return NULL;
}

/* The lowest numbers that no source has; 0 when there are not so many in a row. */
static u32 free_event_ids(u32 count)
{
	struct module_source *source;
	u32 first = FIRST_EVENT_ID;

again:
	list_for_each_entry(source, &module_sources, node) {
		if (first < source->first_event_id + source->event_count &&
		    source->first_event_id < first + count) {
			first = source->first_event_id + source->event_count;
			goto again;
		}
	}
	return first + count <= RELAYSCOPE_RECORD_CONTEXT ? first : 0;
}

static void source_destroy_unused(struct module_source *source)
{
	if (!list_empty(&source->offers) || !list_empty(&source->attachments))
		return;
	list_del(&source->node);
	kfree(source);
}

/* Its schema is left to be filled in. */
static struct module_source *source_create(const struct relayscope_offer *offer,
					   size_t schema_length)
{
	struct module_source *source;
	u32 first = offer->first_event_id ?: free_event_ids(offer->event_count);

	if (!first)
		return NULL;
	source = kzalloc(sizeof(*source) + schema_length + 1, GFP_KERNEL);
	if (!source)
		return NULL;
	INIT_LIST_HEAD(&source->offers);
	INIT_LIST_HEAD(&source->attachments);
	strscpy(source->name, offer->source, sizeof(source->name));
	strscpy(source->description, offer->description, sizeof(source->description));
	source->first_event_id = first;
	source->event_count = offer->event_count;
	source->schema_length = schema_length;
	return source;
}

/* The events' schemas as one JSON list. */
static void join_schemas(const struct relayscope_offer *offer, char *to)
{
	u32 i;

	for (i = 0; i < offer->event_count; i++) {
		const size_t length = strlen(offer->events[i]->schema);

		*to++ = i ? ',' : '[';
		memcpy(to, offer->events[i]->schema, length);
		to += length;
	}
	strcpy(to, "]");
}

static size_t joined_length(const struct relayscope_offer *offer)
{
	size_t length = 1;
	u32 i;

	for (i = 0; i < offer->event_count; i++)
		length += 1 + strlen(offer->events[i]->schema);
	return length;
}

/* ---- modules that come and go ---- */

static const char *offer_problem(const struct relayscope_offer *offer)
{
	u32 i;

	if (offer->magic != RELAYSCOPE_OFFER_MAGIC || offer->version != RELAYSCOPE_OFFER_VERSION)
		return "was built for another version of Relayscope";
	if (!offer->event_count || offer->event_count > EVENTS_MAX)
		return "has no events, or too many";
	if (!offer->source[0] || strlen(offer->source) >= RELAYSCOPE_NAME_MAX)
		return "has a name that is too long";
	if (offer->first_event_id >= FIRST_EVENT_ID ||
	    (offer->first_event_id && offer->first_event_id + offer->event_count > FIRST_EVENT_ID))
		return "claims event ids that are not Relayscope's own";
	for (i = 0; i < offer->event_count; i++) {
		const struct relayscope_event *event = offer->events[i];

		if (event->fixed_length < sizeof(struct relayscope_record_header) ||
		    event->tail_count > TAILS_MAX || strlen(event->schema) > SCHEMA_MAX)
			return "describes an event that cannot be";
	}
	if (joined_length(offer) > SCHEMA_MAX)
		return "has a schema that is too large";
	return NULL;
}

static struct module_source *source_for(const struct relayscope_offer *offer,
					const char **problem)
{
	const size_t length = joined_length(offer);
	struct module_source *old = find_source(offer->source);
	struct module_source *source = source_create(offer, length);

	*problem = "needs more memory or event ids than there are";
	if (!source)
		return NULL;
	join_schemas(offer, source->schema);
	if (old && old->schema_length == length && !memcmp(old->schema, source->schema, length)) {
		kfree(source);
		return old;
	}
	if (old && !list_empty(&old->offers)) {
		*problem = "is another module's, with other events";
		kfree(source);
		return NULL;
	}
	if (old)
		old->retired = true;
	list_add_tail(&source->node, &module_sources);
	return source;
}

/* For the recordings that wait for the module to come back; for all of them or none. */
static int offer_on_again(struct module_source *source, const struct relayscope_offer *offer)
{
	struct module_attachment *attachment;
	int err;

	list_for_each_entry(attachment, &source->attachments, source_node) {
		err = attachment->on ? offer_on(offer, &attachment->attachment) : 0;
		if (err)
			goto err_off;
	}
	return 0;

err_off:
	list_for_each_entry_continue_reverse(attachment, &source->attachments, source_node)
		if (attachment->on)
			offer_off(offer, offer->event_count, &attachment->attachment);
	return err;
}

static void take_offer(struct module *module, const struct relayscope_offer *offer)
{
	const char *problem = offer_problem(offer);
	struct module_source *source;
	struct module_offer *entry;
	u32 i;

	if (problem)
		goto err_refuse;
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	problem = "needs more memory than there is";
	if (!entry)
		goto err_refuse;
	source = source_for(offer, &problem);
	if (!source)
		goto err_free;
	for (i = 0; i < offer->event_count; i++)
		offer->events[i]->event_id = source->first_event_id + i;
	problem = "could not be turned on";
	if (offer_on_again(source, offer))
		goto err_source;
	entry->module = module;
	entry->offer = offer;
	list_add_tail(&entry->node, &source->offers);
	return;

err_source:
	source_destroy_unused(source);
err_free:
	kfree(entry);
err_refuse:
	pr_warn("relayscope: source of module %s is not offered: it %s\n", module->name, problem);
}

static void module_coming(struct module *module)
{
	const size_t prefix = strlen(RELAYSCOPE_OFFER_PREFIX);
	unsigned int i;

	for (i = 0; i < module->num_kp; i++)
		if (!strncmp(module->kp[i].name, RELAYSCOPE_OFFER_PREFIX, prefix))
			take_offer(module, module->kp[i].arg);
}

/*
 * Of the module a parameter's handler may still run, in the midst of an event: the kernel waits for
 * it before it frees the module, and whoever frees the channel waits for running probes.
 */
static void module_going(const struct module *module)
{
	struct module_source *source, *next_source;
	struct module_attachment *attachment;
	struct module_offer *entry, *next;

	list_for_each_entry_safe(source, next_source, &module_sources, node) {
		list_for_each_entry_safe(entry, next, &source->offers, node) {
			if (entry->module != module)
				continue;
			list_for_each_entry(attachment, &source->attachments, source_node)
				if (attachment->on)
					offer_off(entry->offer, entry->offer->event_count,
						  &attachment->attachment);
			list_del(&entry->node);
			kfree(entry);
		}
		source_destroy_unused(source);
	}
}

static int on_module(struct notifier_block *block, unsigned long state, void *data)
{
	struct tp_module *tracepoints = data;

	mutex_lock(&module_sources_lock);
	if (state == MODULE_STATE_COMING)
		module_coming(tracepoints->mod);
	else if (state == MODULE_STATE_GOING)
		module_going(tracepoints->mod);
	mutex_unlock(&module_sources_lock);
	if (state == MODULE_STATE_COMING)
		relayscope_boot_source_came();
	return NOTIFY_OK;
}

static struct notifier_block module_notifier = { .notifier_call = on_module };

/* Told of every module that is loaded already. */
int relayscope_module_sources_init(void)
{
	return register_tracepoint_module_notifier(&module_notifier);
}

/* Told of every module once more, as if it went. No recorder is left. */
void relayscope_module_sources_exit(void)
{
	unregister_tracepoint_module_notifier(&module_notifier);
}

int relayscope_module_source_info(u32 index, struct relayscope_source_info *info)
{
	struct module_source *source;
	int err = -ENOENT;

	mutex_lock(&module_sources_lock);
	list_for_each_entry(source, &module_sources, node) {
		if (list_empty(&source->offers))
			continue;
		if (index) {
			index--;
			continue;
		}
		info->tracepoints = source->event_count;
		info->missing = 0;
		info->reserved = 0;
		memcpy(info->name, source->name, sizeof(info->name));
		memcpy(info->description, source->description, sizeof(info->description));
		err = 0;
		break;
	}
	mutex_unlock(&module_sources_lock);
	return err;
}

/* ---- attachment to a channel ---- */

static struct module_attachment *find_attachment(struct relayscope_channel *channel,
						 const char *name)
{
	struct module_attachment *attachment;

	list_for_each_entry(attachment, &channel->module_attachments, channel_node)
		if (!strcmp(attachment->source->name, name))
			return attachment;
	return NULL;
}

int relayscope_module_attach(struct relayscope_channel *channel, const char *name, u32 context)
{
	struct module_attachment *attachment = kzalloc(sizeof(*attachment), GFP_KERNEL);
	int err = -ENOENT;

	if (!attachment)
		return -ENOMEM;
	mutex_lock(&module_sources_lock);
	attachment->source = find_source(name);
	if (!attachment->source || list_empty(&attachment->source->offers))
		goto err_unlock;
	err = -EEXIST;
	if (find_attachment(channel, name))
		goto err_unlock;
	relayscope_attachment_init(&attachment->attachment, channel);
	err = relayscope_context_want(&attachment->attachment, context, THIS_MODULE);
	if (!err)
		err = relayscope_stage_global(&attachment->attachment);
	if (err)
		goto err_unlock;
	list_add_tail(&attachment->source_node, &attachment->source->attachments);
	list_add_tail(&attachment->channel_node, &channel->module_attachments);
	mutex_unlock(&module_sources_lock);
	return 0;

err_unlock:
	mutex_unlock(&module_sources_lock);
	kfree(attachment);
	return err;
}

void relayscope_module_detach_all(struct relayscope_channel *channel)
{
	struct module_attachment *attachment, *next;

	mutex_lock(&module_sources_lock);
	list_for_each_entry_safe(attachment, next, &channel->module_attachments, channel_node) {
		WARN_ON(attachment->on);
		list_del(&attachment->source_node);
		list_del(&attachment->channel_node);
		relayscope_attachment_filters_destroy(&attachment->attachment);
		source_destroy_unused(attachment->source);
		kfree(attachment);
	}
	mutex_unlock(&module_sources_lock);
}

/* As relayscope_attachments_refilter(), whose part it is. */
void relayscope_module_refilter(struct relayscope_channel *channel)
{
	struct module_attachment *attachment;

	list_for_each_entry(attachment, &channel->module_attachments, channel_node)
		WRITE_ONCE(attachment->attachment.filter.recorder_tgid,
			   channel->recorder->filter.recorder_tgid);
}

void relayscope_module_attached(struct relayscope_channel *channel,
				struct relayscope_boot_adopt *adopt)
{
	struct module_attachment *attachment;

	list_for_each_entry(attachment, &channel->module_attachments, channel_node)
		if (adopt->source_count < RELAYSCOPE_BOOT_SOURCES_MAX)
			strscpy(adopt->sources[adopt->source_count++], attachment->source->name,
				RELAYSCOPE_NAME_MAX);
}

static void attachment_off(struct module_attachment *attachment, struct module_offer *end)
{
	struct module_offer *entry;

	list_for_each_entry(entry, &attachment->source->offers, node) {
		if (entry == end)
			break;
		offer_off(entry->offer, entry->offer->event_count, &attachment->attachment);
	}
	attachment->on = false;
}

static int attachment_on(struct module_attachment *attachment)
{
	struct module_offer *entry;
	int err;

	list_for_each_entry(entry, &attachment->source->offers, node) {
		err = offer_on(entry->offer, &attachment->attachment);
		if (err) {
			attachment_off(attachment, entry);
			return err;
		}
	}
	attachment->on = true;
	return 0;
}

int relayscope_module_probes_on(struct relayscope_channel *channel)
{
	struct module_attachment *attachment;
	int err = 0;

	mutex_lock(&module_sources_lock);
	list_for_each_entry(attachment, &channel->module_attachments, channel_node) {
		if (attachment->on)
			continue;
		attachment->attachment.filter = channel->recorder->filter;
		err = attachment_on(attachment);
		if (err)
			break;
	}
	mutex_unlock(&module_sources_lock);
	return err;
}

/* The caller calls tracepoint_synchronize_unregister() before it frees the channel. */
void relayscope_module_probes_off(struct relayscope_channel *channel)
{
	struct module_attachment *attachment;

	mutex_lock(&module_sources_lock);
	list_for_each_entry(attachment, &channel->module_attachments, channel_node)
		if (attachment->on)
			attachment_off(attachment, NULL);
	mutex_unlock(&module_sources_lock);
}

struct relayscope_attachment *relayscope_module_attachment(struct relayscope_channel *channel,
							   const char *source)
{
	struct module_attachment *attachment = find_attachment(channel, source);

	return attachment ? &attachment->attachment : NULL;
}

/* The caller holds the recorder's lock, under which attachments are made, and they last. */
int relayscope_module_schema(struct relayscope_channel *channel,
			     struct relayscope_source_schema *request)
{
	const struct module_attachment *attachment = find_attachment(channel, request->source);
	const struct module_source *source;
	size_t room = request->text_size;

	if (!attachment)
		return -ENODATA;
	source = attachment->source;
	request->first_event_id = source->first_event_id;
	request->event_count = source->event_count;
	request->text_size = source->schema_length;
	if (room < source->schema_length)
		return 0;
	return copy_to_user(u64_to_user_ptr(request->text), source->schema,
			    source->schema_length) ? -EFAULT : 0;
}
