import type { WideValue } from "./call-block.js";
import type { BoundValue } from "./row-buffer.js";

/** What the pipeline's thread tells the one that writes. Each is answered by one reply, in order. */
export type WriterMessage =
	| { readonly kind: "rows"; readonly table: string; readonly values: readonly BoundValue[] }
	| {
			readonly kind: "calls";
			readonly buffer: ArrayBuffer;
			readonly rows: number;
			readonly wide: readonly WideValue[];
	  }
	| { readonly kind: "slices"; readonly buffer: ArrayBuffer; readonly rows: number }
	| {
			readonly kind: "numbers";
			readonly table: string;
			readonly columns: number;
			readonly buffer: ArrayBuffer;
			readonly rows: number;
	  }
	| { readonly kind: "commit" }
	| { readonly kind: "finish" }
	| { readonly kind: "abandon" };

/** `done` hands a block's buffer back; after `failed` nothing but `abandon` is listened to. */
export type WriterReply =
	| { readonly kind: "done"; readonly of: WriterMessage["kind"]; readonly buffer?: ArrayBuffer }
	| { readonly kind: "failed"; readonly sqliteCode: string | undefined; readonly error: Error };
