import type { Descriptors } from "./protobuf-descriptor.js";

/**
 * metadata.proto's messages. Held in code because a build carries no .proto beside it; a test keeps
 * the two equal.
 */
export const METADATA_MESSAGES = {
	Metadata: {
		fields: {
			version: { type: "uint32", id: 1 },
			toolVersion: { type: "string", id: 2 },
			host: { type: "Host", id: 3 },
			start: { type: "Clocks", id: 4 },
			channels: { rule: "repeated", type: "Channel", id: 5 },
			schemaJson: { type: "string", id: 6 },
			syscallTable: { type: "string", id: 7 },
			processes: { rule: "repeated", type: "Process", id: 8 },
			request: { type: "Request", id: 9 },
			ending: { type: "Ending", id: 10 },
			snapshot: { type: "Snapshot", id: 11 },
			syscallArguments: { type: "string", id: 80 },
			filters: { rule: "repeated", type: "Filter", id: 40 },
			importedFiles: { rule: "repeated", type: "string", id: 70 },
		},
	},
	Filter: {
		fields: {
			source: { type: "string", id: 1 },
			expression: { type: "string", id: 2 },
			trigger: { type: "bool", id: 3 },
		},
	},
	Host: {
		fields: {
			hostname: { type: "string", id: 1 },
			kernelRelease: { type: "string", id: 2 },
			kernelVersion: { type: "string", id: 3 },
			machine: { type: "string", id: 4 },
			cpuIds: { type: "uint32", id: 5 },
			littleEndian: { type: "bool", id: 6 },
			clockTicksPerSecond: { type: "uint32", id: 7 },
		},
	},
	Clocks: {
		fields: {
			monotonic: { type: "fixed64", id: 1 },
			boottime: { type: "fixed64", id: 2 },
			realtime: { type: "fixed64", id: 3 },
		},
	},
	Channel: {
		fields: {
			name: { type: "string", id: 1 },
			id: { type: "uint32", id: 2 },
			epoch: { type: "uint32", id: 3 },
			subbufSize: { type: "uint32", id: 4 },
			subbufCount: { type: "uint32", id: 5 },
			flushIntervalMs: { type: "uint32", id: 6 },
			sources: { rule: "repeated", type: "string", id: 7 },
			overwrite: { type: "bool", id: 8 },
			global: { type: "bool", id: 60 },
			strings: { type: "bool", id: 70 },
			contexts: { rule: "repeated", type: "SourceContext", id: 50 },
			blktrace: { type: "Blktrace", id: 71 },
		},
	},
	Blktrace: {
		fields: {
			device: { type: "string", id: 1 },
			version: { type: "uint32", id: 2 },
			mask: { type: "fixed64", id: 3 },
		},
	},
	SourceContext: {
		fields: {
			source: { type: "string", id: 1 },
			context: { type: "uint32", id: 2 },
		},
	},
	Process: {
		fields: {
			pid: { type: "uint32", id: 1 },
			ppid: { type: "uint32", id: 2 },
			uid: { type: "uint32", id: 3 },
			comm: { type: "string", id: 4 },
			exe: { type: "string", id: 5 },
			cmdline: { type: "bytes", id: 6 },
			threads: { rule: "repeated", type: "Thread", id: 7 },
			identity: { type: "Identity", id: 70 },
		},
	},
	Identity: {
		fields: {
			euid: { type: "uint32", id: 1 },
			gid: { type: "uint32", id: 2 },
			egid: { type: "uint32", id: 3 },
			loginuid: { type: "uint32", id: 4 },
			sessionId: { type: "uint32", id: 5 },
			cgroup: { type: "string", id: 6 },
		},
	},
	Thread: {
		fields: {
			tid: { type: "uint32", id: 1 },
			comm: { type: "string", id: 2 },
			startTicks: { type: "fixed64", id: 3 },
		},
	},
	Request: {
		fields: {
			command: { rule: "repeated", type: "string", id: 1 },
			commandPid: { type: "uint32", id: 2 },
			pids: { rule: "repeated", type: "uint32", id: 3 },
			sources: { rule: "repeated", type: "string", id: 4 },
			recorderPid: { type: "uint32", id: 5 },
			fromBoot: { type: "bool", id: 60 },
		},
	},
	Ending: {
		fields: {
			stop: { type: "Clocks", id: 1 },
			counters: { rule: "repeated", type: "CpuCounters", id: 2 },
			bufflinkRefused: { type: "fixed64", id: 3 },
			errorCode: { type: "string", id: 4 },
			errorMessage: { type: "string", id: 5 },
			commandStatus: { type: "uint32", id: 6 },
			commandEnded: { type: "bool", id: 7 },
			drops: { rule: "repeated", type: "Drop", id: 70 },
		},
	},
	Drop: {
		fields: {
			channelId: { type: "uint32", id: 1 },
			begin: { type: "fixed64", id: 2 },
			end: { type: "fixed64", id: 3 },
			count: { type: "fixed64", id: 4 },
		},
	},
	Snapshot: {
		fields: {
			reason: { type: "string", id: 1 },
			keep: { type: "fixed64", id: 2 },
		},
	},
	CpuCounters: {
		fields: {
			channelId: { type: "uint32", id: 1 },
			cpu: { type: "uint32", id: 2 },
			seen: { type: "fixed64", id: 3 },
			filtered: { type: "fixed64", id: 4 },
			written: { type: "fixed64", id: 5 },
			lost: { rule: "repeated", type: "fixed64", id: 6 },
			sealed: { type: "fixed64", id: 7 },
			consumed: { type: "fixed64", id: 8 },
			unread: { type: "fixed64", id: 9 },
			overwritten: { type: "fixed64", id: 10 },
			torn: { type: "fixed64", id: 11 },
			trimmed: { type: "fixed64", id: 12 },
			reset: { type: "fixed64", id: 60 },
		},
	},
} as const satisfies Descriptors;
