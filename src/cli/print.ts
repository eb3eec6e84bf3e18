import { StreamSink } from "./output/text-sink.js";

/** The program's two outputs, shared so that pieces of them stay in order. */
export const stdout = new StreamSink(process.stdout);
export const stderr = new StreamSink(process.stderr);
