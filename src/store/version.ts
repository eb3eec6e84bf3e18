/** "RlyS": what `file` and a reader know the database by. */
export const APPLICATION_ID = 0x526c7953;
/** Grows with every change of the tables: an older database is rebuilt from the raw files. */
export const STORE_VERSION = 5;
