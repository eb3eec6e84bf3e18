import type { Row } from "./row.js";
import { writeCost } from "./rows/write-cost.js";

/** In the order of the results page. */
export const ROWS: readonly Row[] = [writeCost];
