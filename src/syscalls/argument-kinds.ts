/**
 * What an argument means, by call and name: the name of a symbol set, or `fd`, `mode` (permissions,
 * octal), `string` (text in the caller's memory), `address`, `hex`, `signed`, `unsigned`.
 */
const BY_CALL = `
accept4 flags:accept_flags
access mode:access_mode
add_key ringid:keyring
arch_prctl option:arch_prctl_code arg2:hex
bpf cmd:bpf_command
brk brk:address
clock_nanosleep flags:timer_flags
clone clone_flags:clone_flags newsp:address tls:hex
close_range flags:close_range_flags max_fd:unsigned
copy_file_range flags:hex
delete_module name_user:string flags:delete_module_flags
dup3 flags:descriptor_flags
epoll_create1 flags:epoll_create_flags
epoll_ctl op:epoll_operation
eventfd2 flags:eventfd_flags
execveat fd:dirfd flags:execveat_flags
faccessat mode:access_mode
faccessat2 mode:access_mode flags:faccessat_flags
fadvise64 advice:file_advice
fadvise64_64 advice:file_advice
fallocate mode:fallocate_mode
fanotify_init flags:fanotify_init_flags event_f_flags:open_flags
fanotify_mark flags:fanotify_mark_flags mask:fanotify_mask dfd:dirfd
fchmodat2 flags:at_flags
fchownat flag:at_flags
fcntl cmd:fcntl_command arg:hex
fcntl64 cmd:fcntl_command arg:hex
finit_module uargs:string flags:module_init_flags
flock cmd:flock_operation
fsconfig cmd:fsconfig_command _key:string
fsetxattr flags:xattr_flags
fsmount flags:fsmount_flags attr_flags:mount_attributes
fsopen _fs_name:string flags:fsopen_flags
fspick flags:fspick_flags
fstatat64 flag:at_flags
futex op:futex_operation val:unsigned utime:address val3:hex
futex_time64 op:futex_operation val:unsigned utime:address val3:hex
get_mempolicy addr:address flags:get_mempolicy_flags
getitimer which:interval_timer
getpriority which:priority_which
getrandom flags:getrandom_flags
getrlimit resource:resource
getrusage who:rusage_who
getsockopt level:socket_level optname:signed
inotify_add_watch mask:inotify_mask
inotify_init1 flags:inotify_init_flags
init_module uargs:string
io_uring_enter flags:io_uring_enter_flags
io_uring_register opcode:io_uring_operation
ioctl cmd:ioctl_request arg:hex
ioprio_get which:ioprio_which
ioprio_set which:ioprio_which ioprio:hex
ipc call:ipc_call
kcmp type:kcmp_type
kexec_file_load flags:kexec_file_flags
kexec_load entry:address flags:kexec_flags
keyctl option:keyctl_operation arg2:hex arg3:hex arg4:hex arg5:hex
landlock_add_rule rule_type:landlock_rule
landlock_create_ruleset flags:landlock_create_flags
linkat flags:at_flags
lookup_dcookie cookie64:hex
lseek whence:whence
_llseek whence:whence
lsetxattr flags:xattr_flags
madvise start:address behavior:memory_advice
mbind start:address mode:memory_policy flags:mbind_flags
membarrier cmd:membarrier_command flags:membarrier_flags
memfd_create uname:string flags:memfd_flags
mincore start:address
mknod mode:file_type dev:hex
mknodat mode:file_type dev:hex
mlock start:address
mlock2 start:address flags:mlock_flags
mlockall flags:mlockall_flags
mmap addr:address prot:prot flags:map_flags off:hex
mmap2 addr:address prot:prot flags:map_flags pgoff:hex
mount dev_name:string dir_name:string type:string flags:mount_flags
mount_setattr flags:at_flags
move_mount flags:move_mount_flags
mprotect start:address prot:prot
mq_open u_name:string oflag:open_flags
mq_unlink u_name:string
mremap addr:address flags:mremap_flags new_addr:address
mseal start:address
msgctl cmd:msgctl_command
msgget key:ipc_key msgflg:ipc_get_flags
msgrcv msgflg:msg_flags
msgsnd msgflg:msg_flags
msync start:address flags:msync_flags
munlock start:address
munmap addr:address
name_to_handle_at name:string flag:file_handle_flags
newfstatat flag:at_flags
open flags:open_flags
openat flags:open_flags
open_by_handle_at mountdirfd:dirfd flags:open_flags
open_tree flags:open_tree_flags
open_tree_attr flags:open_tree_flags
perf_event_open flags:perf_event_flags
personality personality:personality
pidfd_open flags:pidfd_flags
pipe2 flags:descriptor_flags
pkey_alloc init_val:pkey_rights
pkey_mprotect start:address prot:prot
prctl option:prctl_option arg2:hex arg3:hex arg4:hex arg5:hex
preadv2 flags:rwf_flags
pwritev2 flags:rwf_flags
prlimit64 resource:resource
process_madvise behavior:memory_advice
ptrace request:ptrace_request addr:address data:hex
reboot magic1:reboot_magic magic2:reboot_magic cmd:reboot_command
recvfrom flags:message_flags
recvmmsg flags:message_flags
recvmmsg_time64 flags:message_flags
recvmsg flags:message_flags
remap_file_pages start:address prot:prot flags:map_flags
renameat2 flags:rename_flags
request_key destringid:keyring
rseq flags:rseq_flags sig:hex
rt_sigprocmask how:sigmask_operation
sched_get_priority_max policy:sched_policy
sched_get_priority_min policy:sched_policy
sched_setscheduler policy:sched_policy
seccomp op:seccomp_operation flags:seccomp_flags
semctl cmd:semctl_command arg:hex
semget key:ipc_key semflg:ipc_get_flags
sendmmsg flags:message_flags
sendmsg flags:message_flags
sendto flags:message_flags
set_mempolicy mode:memory_policy
set_mempolicy_home_node start:address
setitimer which:interval_timer
setns flags:unshare_flags
setpriority which:priority_which
setrlimit resource:resource
ugetrlimit resource:resource
setsockopt level:socket_level optname:signed
setxattr flags:xattr_flags
setxattrat at_flags:at_flags
getxattrat at_flags:at_flags
listxattrat at_flags:at_flags
removexattrat at_flags:at_flags
file_getattr at_flags:at_flags
file_setattr at_flags:at_flags
shmat shmflg:shmat_flags
shmctl cmd:shmctl_command
shmget key:ipc_key shmflg:shmget_flags
shutdown how:shutdown_how
signalfd4 flags:signalfd_flags
signal handler:address
sigprocmask how:sigmask_operation
socket family:address_family type:socket_type protocol:signed
socketcall call:socketcall
socketpair family:address_family type:socket_type protocol:signed
splice flags:splice_flags
statx flags:statx_flags mask:statx_mask
swapon swap_flags:swap_flags
sync_file_range flags:sync_file_range_flags
syslog type:syslog_action
tee flags:splice_flags
timer_settime flags:timer_flags
timer_settime64 flags:timer_flags
timerfd_create flags:timerfd_create_flags
timerfd_settime flags:timerfd_set_flags
timerfd_settime64 flags:timerfd_set_flags
umask mask:mode
umount2 name:string flags:umount_flags
unlinkat flag:at_flags
unshare unshare_flags:unshare_flags
userfaultfd flags:userfaultfd_flags
utimensat flags:at_flags
utimensat_time64 flags:at_flags
vmsplice flags:splice_flags
wait4 options:wait_options
waitid which:wait_id options:wait_options
waitpid options:wait_options
acct name:string
fgetxattr name:string
fremovexattr name:string
getxattr name:string
lgetxattr name:string
lremovexattr name:string
removexattr name:string
umount name:string
`;

/** Of arguments that mean the same wherever they have that name, unless their call says otherwise. */
const BY_NAME = `
fd fildes oldfd newfd epfd fd_in fd_out in_fd out_fd fdin fdout ufd pidfd group_fd ruleset_fd
fanotify_fd kernel_fd initrd_fd fs_fd mqdes : fd
dfd olddfd newdfd from_dfd to_dfd : dirfd
sig : signal
which_clock clockid : clock
filename pathname path oldname newname library specialfile new_root put_old from_pathname
to_pathname special _description _type : string
`;

const NAMED = new Map<string, string>();
for (const group of BY_NAME.trim().split(/(?<=: \w+)\n/)) {
	const [names = "", kind = ""] = group.split(" : ");
	for (const name of names.split(/\s+/)) NAMED.set(name, kind);
}

const OF_CALL = new Map<string, ReadonlyMap<string, string>>();
for (const line of BY_CALL.trim().split("\n")) {
	const [call = "", ...kinds] = line.split(" ");
	OF_CALL.set(call, new Map(kinds.map((each) => each.split(":") as [string, string])));
}

/** The kind of an argument that the kernel declares so. */
export function argumentKind(call: string, name: string, type: string): string {
	const kind = OF_CALL.get(call)?.get(name);
	if (kind !== undefined) return kind;
	const pointer = type.endsWith("*");
	const named = NAMED.get(name);
	if (named !== undefined && pointer === (named === "string")) return named;
	if (pointer || type.includes("handler")) return "address";
	if (type === "umode_t") return "mode";
	if (name === "flags" || name === "flag") return "hex";
	return /^(?:const )?(?:unsigned|u\d|__u\d|size_t|old_sigset_t|aio_context_t)/.test(type)
		? "unsigned"
		: "signed";
}

/** Calls that are described here, for a test that holds them against the kernel's tables. */
export function describedArguments(): readonly (readonly [call: string, name: string])[] {
	return [...OF_CALL].flatMap(([call, kinds]) =>
		[...kinds.keys()].map((name) => [call, name] as const),
	);
}
