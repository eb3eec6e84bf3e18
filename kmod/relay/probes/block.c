// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source "block": what is asked of block devices, from the queueing of a bio to the completion of its
 * request. Whose process it is does not matter here: a device is shared, its completions come in
 * interrupts, and write-back is done by kernel threads on behalf of others. All of it is recorded, and
 * who it belongs to is told by who queued it and who made the data dirty.
 */
#include <linux/bio.h>
#include <linux/blk-cgroup.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/cgroup.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <trace/events/block.h>
#include <trace/events/writeback.h>

#include "../../compat.h"
#include "../relayscope.h"
#include "../../../include/relayscope/events.h"
#include "dirty_notes.h"

/* Flags as block.proto declares them. */
#define FLAG_SYNC 0x01
#define FLAG_FUA 0x02
#define FLAG_PREFLUSH 0x04
#define FLAG_READAHEAD 0x08
#define FLAG_META 0x10
#define FLAG_KTHREAD 0x40
#define FLAG_INTERRUPT 0x80

#define OP_PASSTHROUGH 5
#define OP_OTHER 12

/* Operations as block.proto declares them, by the kernel's own number; 0 for others: see op_of(). */
static const u8 ops[] = {
	[REQ_OP_WRITE] = 1,
	[REQ_OP_DISCARD] = 2,
	[REQ_OP_FLUSH] = 3,
	[REQ_OP_WRITE_ZEROES] = 4,
	[REQ_OP_DRV_IN] = OP_PASSTHROUGH,
	[REQ_OP_DRV_OUT] = OP_PASSTHROUGH,
	[REQ_OP_ZONE_APPEND] = 6,
	[REQ_OP_ZONE_RESET] = 7,
	[REQ_OP_ZONE_RESET_ALL] = 8,
	[REQ_OP_ZONE_FINISH] = 9,
	[REQ_OP_ZONE_OPEN] = 10,
	[REQ_OP_ZONE_CLOSE] = 11,
	[REQ_OP_SECURE_ERASE] = 13,
};

static inline u8 op_of(blk_opf_t opf)
{
	const unsigned int op = (__force unsigned int)(opf & REQ_OP_MASK);

	if (op >= ARRAY_SIZE(ops) || (!ops[op] && op != (__force unsigned int)REQ_OP_READ))
		return OP_OTHER;
	return ops[op];
}

static inline u8 flags_of(blk_opf_t opf)
{
	return (opf & REQ_SYNC ? FLAG_SYNC : 0) | (opf & REQ_FUA ? FLAG_FUA : 0) |
	       (opf & REQ_PREFLUSH ? FLAG_PREFLUSH : 0) | (opf & REQ_RAHEAD ? FLAG_READAHEAD : 0) |
	       (opf & REQ_META ? FLAG_META : 0);
}

/*
 * A number for an object that no other has while it lives: both kinds lie 64 bytes apart at the least.
 * 32 bits of it are enough for 256 GiB of memory.
 */
static inline u32 number_of(const void *object)
{
	return object ? (u32)((unsigned long)object >> 6) ?: 1 : 0;
}

static inline u32 disk_number(const struct gendisk *disk)
{
	return disk ? disk_devt((struct gendisk *)disk) : 0;
}

/* A partition's bio is looked at when its sector is the disk's already. */
static inline u32 bio_disk_number(const struct bio *bio)
{
	return bio->bi_bdev ? disk_number(bio->bi_bdev->bd_disk) : 0;
}

static inline u64 request_sector(struct request *rq)
{
	if (blk_rq_is_passthrough(rq) || blk_rq_pos(rq) == (sector_t)-1)
		return 0;
	return blk_rq_pos(rq);
}

#define fill_bio(event, of)                                   \
	do {                                                  \
		(event)->dev = bio_disk_number(of);           \
		(event)->sector = (of)->bi_iter.bi_sector;    \
		(event)->bytes = (of)->bi_iter.bi_size;       \
		(event)->bio = number_of(of);                 \
		(event)->op = op_of((of)->bi_opf);            \
		(event)->flags = flags_of((of)->bi_opf);      \
	} while (0)

#define fill_request(event, of)                               \
	do {                                                  \
		(event)->dev = disk_number((of)->q->disk);    \
		(event)->sector = request_sector(of);         \
		(event)->bytes = blk_rq_bytes(of);            \
		(event)->bio = number_of((of)->bio);          \
		(event)->request = number_of(of);             \
		(event)->op = op_of((of)->cmd_flags);         \
		(event)->flags = flags_of((of)->cmd_flags);   \
	} while (0)

/* ---- bios ---- */

/* Bytes of the thread's name that a record has to carry, because no message tells it. */
static inline size_t unknown_comm(const struct relayscope_attachment *attachment)
{
	if (!in_task() || relayscope_records(attachment, current))
		return 0;
	return strnlen(current->comm, TASK_COMM_LEN);
}

static inline u8 queuer_flags(void)
{
	if (!in_task())
		return FLAG_INTERRUPT;
	return current->flags & PF_KTHREAD ? FLAG_KTHREAD : 0;
}

/* What a page is cached of. */
struct origin {
	u64 inode; /* 0: the device itself */
	u32 dev;
};

static void origin_of_inode(struct origin *origin, const struct inode *inode)
{
	if (S_ISBLK(inode->i_mode)) {
		origin->inode = 0;
		origin->dev = inode->i_rdev;
	} else {
		origin->inode = inode->i_ino;
		origin->dev = inode->i_sb->s_dev;
	}
}

/*
 * The file that the bio's first page is cached of. While it is read a page is locked, while it is
 * written it is under write-back, and its mapping stays; any other may be memory that a program reads
 * into, and may even be a file's that is truncated this moment. The inode outlives the RCU section
 * all the same.
 */
static bool bio_origin(const struct bio *bio, struct origin *origin)
{
	struct address_space *mapping;
	struct folio *folio;
	struct page *page;
	bool found = false;

	if (!bio_has_data((struct bio *)bio) || !bio->bi_io_vec)
		return false;
	page = bio_iter_page(bio, bio->bi_iter);
	if (!page)
		return false;

	rcu_read_lock();
	folio = page_folio(page);
	if ((folio_test_locked(folio) || folio_test_writeback(folio)) &&
	    !folio_test_anon(folio) && !folio_test_swapcache(folio)) {
		mapping = folio_mapping(folio);
		if (mapping && mapping->host) {
			origin_of_inode(origin, mapping->host);
			found = true;
		}
	}
	rcu_read_unlock();
	return found;
}

/* The bio holds its cgroup. */
static u64 bio_cgroup(struct bio *bio)
{
	const struct cgroup_subsys_state *css = bio_blkcg_css(bio);

	return css && css->cgroup ? cgroup_id(css->cgroup) : 0;
}

static void record_queue_cached(struct relayscope_attachment *attachment, struct bio *bio,
				const struct origin *origin, size_t comm)
{
	struct relayscope_event_block_bio_queue_cached *event;
	struct relayscope_slot slot;

	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_BLOCK_BIO_QUEUE_CACHED,
				     current->pid,
				     RELAYSCOPE_EVENT_BLOCK_BIO_QUEUE_CACHED_FIXED + comm))
		return;
	event = slot.record;
	fill_bio(event, bio);
	event->flags |= queuer_flags();
	event->process_pid = current->tgid;
	event->inode = origin->inode;
	event->inode_dev = origin->dev;
	event->bio_cgroup = bio_cgroup(bio);
	memcpy((u8 *)event + RELAYSCOPE_EVENT_BLOCK_BIO_QUEUE_CACHED_FIXED, current->comm, comm);
	relayscope_record_end(attachment, &slot);
}

static void on_queue(void *data, struct bio *bio)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_block_bio_queue *event;
	const size_t comm = unknown_comm(attachment);
	struct relayscope_slot slot;
	struct origin origin;

	if (bio_origin(bio, &origin)) {
		record_queue_cached(attachment, bio, &origin, comm);
		return;
	}
	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_BLOCK_BIO_QUEUE,
				     current->pid, RELAYSCOPE_EVENT_BLOCK_BIO_QUEUE_FIXED + comm))
		return;
	event = slot.record;
	fill_bio(event, bio);
	event->flags |= queuer_flags();
	event->process_pid = current->tgid;
	memcpy((u8 *)event + RELAYSCOPE_EVENT_BLOCK_BIO_QUEUE_FIXED, current->comm, comm);
	relayscope_record_end(attachment, &slot);
}

/* The probe of an event that is about a bio alone. */
#define DEFINE_BIO_PROBE(name, EVENT, event_type)                                          \
	static void name(void *data, struct bio *bio)                                      \
	{                                                                                  \
		struct relayscope_attachment *attachment = data;                           \
		struct event_type *event;                                                  \
		struct relayscope_slot slot;                                               \
                                                                                           \
		if (!relayscope_record_begin(attachment, &slot, EVENT, current->pid,       \
					     EVENT##_FIXED))                               \
			return;                                                            \
		event = slot.record;                                                       \
		fill_bio(event, bio);                                                      \
		relayscope_record_end(attachment, &slot);                                  \
	}

DEFINE_BIO_PROBE(on_getrq, RELAYSCOPE_EVENT_BLOCK_GETRQ, relayscope_event_block_getrq)
DEFINE_BIO_PROBE(on_backmerge, RELAYSCOPE_EVENT_BLOCK_BIO_BACKMERGE,
		 relayscope_event_block_bio_backmerge)
DEFINE_BIO_PROBE(on_frontmerge, RELAYSCOPE_EVENT_BLOCK_BIO_FRONTMERGE,
		 relayscope_event_block_bio_frontmerge)

static void on_bio_complete(void *data, struct request_queue *q, struct bio *bio)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_block_bio_complete *event;
	struct relayscope_slot slot;

	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_BLOCK_BIO_COMPLETE,
				     current->pid, RELAYSCOPE_EVENT_BLOCK_BIO_COMPLETE_FIXED))
		return;
	event = slot.record;
	fill_bio(event, bio);
	event->error = blk_status_to_errno(bio->bi_status);
	relayscope_record_end(attachment, &slot);
}

static void on_split(void *data, struct bio *bio, unsigned int new_sector)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_block_split *event;
	struct relayscope_slot slot;

	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_BLOCK_SPLIT, current->pid,
				     RELAYSCOPE_EVENT_BLOCK_SPLIT_FIXED))
		return;
	event = slot.record;
	fill_bio(event, bio);
	/* The tracepoint's own argument has 32 bits; the rest begins where the first part ends. */
	event->new_sector = bio_end_sector(bio);
	relayscope_record_end(attachment, &slot);
}

/*
 * The sector is the partition's still: the bio comes from above, and is remapped to the disk next. In
 * that remap it comes from the partition itself, and the sector is the disk's.
 */
static bool goes_to_partition(const struct bio *bio, dev_t from)
{
	return bio->bi_bdev && bdev_is_partition(bio->bi_bdev) &&
	       !bio_flagged((struct bio *)bio, BIO_REMAPPED) && bio->bi_bdev->bd_dev != from;
}

static void on_bio_remap(void *data, struct bio *bio, dev_t dev, sector_t from)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_block_bio_remap *event;
	struct relayscope_slot slot;

	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_BLOCK_BIO_REMAP,
				     current->pid, RELAYSCOPE_EVENT_BLOCK_BIO_REMAP_FIXED))
		return;
	event = slot.record;
	fill_bio(event, bio);
	if (goes_to_partition(bio, dev))
		event->dev = bio->bi_bdev->bd_dev;
	event->old_dev = dev;
	event->old_sector = from;
	relayscope_record_end(attachment, &slot);
}

/* ---- requests ---- */

#define DEFINE_REQUEST_PROBE(name, EVENT, event_type)                                      \
	static void name(void *data, struct request *rq)                                   \
	{                                                                                  \
		struct relayscope_attachment *attachment = data;                           \
		struct event_type *event;                                                  \
		struct relayscope_slot slot;                                               \
                                                                                           \
		if (!relayscope_record_begin(attachment, &slot, EVENT, current->pid,       \
					     EVENT##_FIXED))                               \
			return;                                                            \
		event = slot.record;                                                       \
		fill_request(event, rq);                                                   \
		relayscope_record_end(attachment, &slot);                                  \
	}

DEFINE_REQUEST_PROBE(on_insert, RELAYSCOPE_EVENT_BLOCK_RQ_INSERT,
		     relayscope_event_block_rq_insert)
DEFINE_REQUEST_PROBE(on_issue, RELAYSCOPE_EVENT_BLOCK_RQ_ISSUE, relayscope_event_block_rq_issue)
DEFINE_REQUEST_PROBE(on_requeue, RELAYSCOPE_EVENT_BLOCK_RQ_REQUEUE,
		     relayscope_event_block_rq_requeue)
DEFINE_REQUEST_PROBE(on_merge, RELAYSCOPE_EVENT_BLOCK_RQ_MERGE, relayscope_event_block_rq_merge)

static void on_complete(void *data, struct request *rq, blk_status_t error, unsigned int bytes)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_block_rq_complete *event;
	struct relayscope_slot slot;

	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_BLOCK_RQ_COMPLETE,
				     current->pid, RELAYSCOPE_EVENT_BLOCK_RQ_COMPLETE_FIXED))
		return;
	event = slot.record;
	fill_request(event, rq);
	event->bytes = bytes;
	event->error = blk_status_to_errno(error);
	relayscope_record_end(attachment, &slot);
}

static void on_rq_remap(void *data, struct request *rq, dev_t dev, sector_t from)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_block_rq_remap *event;
	struct relayscope_slot slot;

	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_BLOCK_RQ_REMAP,
				     current->pid, RELAYSCOPE_EVENT_BLOCK_RQ_REMAP_FIXED))
		return;
	event = slot.record;
	fill_request(event, rq);
	event->old_dev = dev;
	event->old_sector = from;
	relayscope_record_end(attachment, &slot);
}

/* ---- who makes data dirty ---- */

static void on_dirty(void *data, struct inode *inode, int flags)
{
	struct relayscope_attachment *attachment = data;
	struct relayscope_event_block_dirty *event;
	struct relayscope_slot slot;
	struct origin origin;
	size_t comm;

	if (!(flags & I_DIRTY_PAGES) || !in_task())
		return;
	origin_of_inode(&origin, inode);
	if (!relayscope_dirty_is_news(attachment, origin.inode, origin.dev))
		return;
	comm = unknown_comm(attachment);
	if (!relayscope_record_begin(attachment, &slot, RELAYSCOPE_EVENT_BLOCK_DIRTY, current->pid,
				     RELAYSCOPE_EVENT_BLOCK_DIRTY_FIXED + comm))
		return;
	event = slot.record;
	event->inode = origin.inode;
	event->inode_dev = origin.dev;
	event->process_pid = current->tgid;
	memcpy((u8 *)event + RELAYSCOPE_EVENT_BLOCK_DIRTY_FIXED, current->comm, comm);
	relayscope_record_end(attachment, &slot);
}

/* ---- the source ---- */

static struct relayscope_point points[] = {
	RELAYSCOPE_POINT(block_bio_queue, on_queue),
	RELAYSCOPE_POINT(block_getrq, on_getrq),
	RELAYSCOPE_POINT(block_bio_backmerge, on_backmerge),
	RELAYSCOPE_POINT(block_bio_frontmerge, on_frontmerge),
	RELAYSCOPE_POINT(block_bio_complete, on_bio_complete),
	RELAYSCOPE_POINT(block_split, on_split),
	RELAYSCOPE_POINT(block_bio_remap, on_bio_remap),
	RELAYSCOPE_POINT(block_rq_insert, on_insert),
	RELAYSCOPE_POINT(block_rq_issue, on_issue),
	RELAYSCOPE_POINT(block_rq_requeue, on_requeue),
	RELAYSCOPE_POINT(block_rq_merge, on_merge),
	RELAYSCOPE_POINT(block_rq_complete, on_complete),
	RELAYSCOPE_POINT(block_rq_remap, on_rq_remap),
	RELAYSCOPE_POINT(writeback_mark_inode_dirty, on_dirty),
};

static struct relayscope_source source = {
	.name = "block",
	.description = "block devices: bios and requests, queue to completion; who dirtied data",
	.owner = THIS_MODULE,
	.points = points,
	.point_count = ARRAY_SIZE(points),
};

static int __init block_init(void)
{
	return relayscope_source_register(&source);
}

static void __exit block_exit(void)
{
	relayscope_source_unregister(&source);
}

module_init(block_init);
module_exit(block_exit);

MODULE_DESCRIPTION("Relayscope source: block devices");
MODULE_LICENSE("GPL");
