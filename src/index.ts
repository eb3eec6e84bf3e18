/** What `import "relayscope"` gives: reading sessions. */

export { RelayscopeError } from "./base/error.js";
export type { RecordContext } from "./record-context.js";
export { type DecodedRecord, type ReadOptions, readRecords } from "./records.js";
export type { DecodedValue } from "./schema/values.js";
