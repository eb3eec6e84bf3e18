CREATE TABLE "event_sample_submit" (
	"row_id" INTEGER PRIMARY KEY,
	"ts" INTEGER NOT NULL,
	"cpu" INTEGER NOT NULL,
	"pid" INTEGER,
	"tid" INTEGER NOT NULL,
	"queue" INTEGER NOT NULL,
	"priority" INTEGER NOT NULL,
	"address" INTEGER NOT NULL,
	"data_length" INTEGER NOT NULL,
	"tag" BLOB NOT NULL,
	"descriptors" TEXT NOT NULL,
	"owner" TEXT NOT NULL,
	"head" BLOB NOT NULL
);
CREATE VIEW "sample_submit" AS
	SELECT "ts", "cpu", "pid", "tid", "queue", "priority", "address", "data_length", "tag", "descriptors", "owner", "head"
	FROM "event_sample_submit";

CREATE TABLE "event_sample_failed" (
	"row_id" INTEGER PRIMARY KEY,
	"ts" INTEGER NOT NULL,
	"cpu" INTEGER NOT NULL,
	"pid" INTEGER,
	"tid" INTEGER NOT NULL,
	"slot" INTEGER NOT NULL,
	"skew" INTEGER NOT NULL,
	"device" TEXT NOT NULL,
	"reason" TEXT NOT NULL,
	"verdict" TEXT NOT NULL
);
CREATE VIEW "sample_failed" AS
	SELECT "ts", "cpu", "pid", "tid", "slot", "skew", "device", "reason", "verdict"
	FROM "event_sample_failed";

CREATE TABLE "event_sample_tick" (
	"row_id" INTEGER PRIMARY KEY,
	"ts" INTEGER NOT NULL,
	"cpu" INTEGER NOT NULL,
	"pid" INTEGER,
	"tid" INTEGER NOT NULL
);
CREATE VIEW "sample_tick" AS
	SELECT "ts", "cpu", "pid", "tid"
	FROM "event_sample_tick";
