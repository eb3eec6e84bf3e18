import { bits, oneOf, type SymbolSet, symbolSet, WHOLE } from "../symbol-set.js";

/** System V's and POSIX' messages, semaphores and shared memory. */
export const IPC_SYMBOLS: readonly SymbolSet[] = [
	symbolSet("ipc_key", [oneOf(WHOLE, { IPC_PRIVATE: 0 })]),
	symbolSet(
		"ipc_get_flags",
		[bits({ IPC_CREAT: 0x200, IPC_EXCL: 0x400, IPC_NOWAIT: 0x800 })],
		"octal",
	),
	symbolSet(
		"shmget_flags",
		[bits({ IPC_CREAT: 0x200, IPC_EXCL: 0x400, SHM_HUGETLB: 0x800, SHM_NORESERVE: 0x1000 })],
		"octal",
	),
	symbolSet("shmat_flags", [
		bits({ SHM_RDONLY: 0x1000, SHM_RND: 0x2000, SHM_REMAP: 0x4000, SHM_EXEC: 0x8000 }),
	]),
	symbolSet("shmctl_command", [
		oneOf(0xfffffeff, {
			IPC_RMID: 0,
			IPC_SET: 1,
			IPC_STAT: 2,
			IPC_INFO: 3,
			SHM_LOCK: 0xb,
			SHM_UNLOCK: 0xc,
			SHM_STAT: 0xd,
			SHM_INFO: 0xe,
			SHM_STAT_ANY: 0xf,
		}),
		bits({ IPC_64: 0x100 }),
	]),
	symbolSet("semctl_command", [
		oneOf(0xfffffeff, {
			IPC_RMID: 0,
			IPC_SET: 1,
			IPC_STAT: 2,
			IPC_INFO: 3,
			GETPID: 0xb,
			GETVAL: 0xc,
			GETALL: 0xd,
			GETNCNT: 0xe,
			GETZCNT: 0xf,
			SETVAL: 0x10,
			SETALL: 0x11,
			SEM_STAT: 0x12,
			SEM_INFO: 0x13,
			SEM_STAT_ANY: 0x14,
		}),
		bits({ IPC_64: 0x100 }),
	]),
	symbolSet("msgctl_command", [
		oneOf(0xfffffeff, {
			IPC_RMID: 0,
			IPC_SET: 1,
			IPC_STAT: 2,
			IPC_INFO: 3,
			MSG_STAT: 0xb,
			MSG_INFO: 0xc,
			MSG_STAT_ANY: 0xd,
		}),
		bits({ IPC_64: 0x100 }),
	]),
	symbolSet("msg_flags", [
		bits({ IPC_NOWAIT: 0x800, MSG_NOERROR: 0x1000, MSG_EXCEPT: 0x2000, MSG_COPY: 0x4000 }),
	]),
	symbolSet("ipc_call", [
		oneOf(0xffff, {
			SEMOP: 1,
			SEMGET: 2,
			SEMCTL: 3,
			SEMTIMEDOP: 4,
			MSGSND: 0xb,
			MSGRCV: 0xc,
			MSGGET: 0xd,
			MSGCTL: 0xe,
			SHMAT: 0x15,
			SHMDT: 0x16,
			SHMGET: 0x17,
			SHMCTL: 0x18,
		}),
	]),
];
