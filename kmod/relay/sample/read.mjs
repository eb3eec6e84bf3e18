// Sums up the requests of a session. usage: node read.mjs SESSION
import { readRecords } from "relayscope";

const [, , session = "session"] = process.argv;
const totals = { requests: 0, failed: 0, bytes: 0 };
for (const { fields } of readRecords(session, { events: ["sample_request"] })) {
	totals.requests++;
	if (fields.status < 0) totals.failed++;
	else totals.bytes += Number(fields.bytes);
}
console.log(totals);
