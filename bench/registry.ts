import type { Row } from "./row.js";
import { blktraceImport } from "./rows/blktrace-import.js";
import { blockCost } from "./rows/block-cost.js";
import { databaseBytes } from "./rows/database-bytes.js";
import { diskBytes } from "./rows/disk-bytes.js";
import { generatedReports } from "./rows/generated-reports.js";
import { idleCost } from "./rows/idle-cost.js";
import { importMemory } from "./rows/import-memory.js";
import { importRate } from "./rows/import-rate.js";
import { instructions } from "./rows/instructions.js";
import { pacedRate } from "./rows/paced-rate.js";
import { recorderCpu } from "./rows/recorder-cpu.js";
import { reportTime } from "./rows/report-time.js";
import { startUp } from "./rows/start-up.js";
import { stringsCost } from "./rows/strings-cost.js";
import { waysAcross } from "./rows/ways-across.js";
import { writeCost } from "./rows/write-cost.js";

/** In the order of the results page. */
export const ROWS: readonly Row[] = [
	writeCost,
	stringsCost,
	instructions,
	idleCost,
	diskBytes,
	pacedRate,
	recorderCpu,
	importRate,
	databaseBytes,
	importMemory,
	reportTime,
	generatedReports,
	startUp,
	blockCost,
	blktraceImport,
	waysAcross,
];
