/**
 * Arguments of each call as the kernel declares them: of the 64-bit table, then of the 32-bit (ia32)
 * one where that call is another. What a session has of its own kernel goes before this.
 *
 * Source: tracefs events/syscalls/sys_enter_NAME/format of Linux 6.1, 6.12 and 7.2; for what is not
 * there, SYSCALL_DEFINE and COMPAT_SYSCALL_DEFINE of Linux 6.1. Names are those of
 * kmod/relay/probes/syscall_args.tsv, by which the probe knows how many there are.
 */
export const BUILTIN_ARGUMENTS = `
64 _sysctl struct __sysctl_args * args
64 accept int fd, struct sockaddr * upeer_sockaddr, int * upeer_addrlen
64 accept4 int fd, struct sockaddr * upeer_sockaddr, int * upeer_addrlen, int flags
64 access const char * filename, int mode
64 acct const char * name
64 add_key const char * _type, const char * _description, const void * _payload, size_t plen, key_serial_t ringid
64 adjtimex struct __kernel_timex * txc_p
64 alarm unsigned int seconds
64 arch_prctl int option, unsigned long arg2
64 bind int fd, struct sockaddr * umyaddr, int addrlen
64 bpf int cmd, union bpf_attr * uattr, unsigned int size
64 brk unsigned long brk
64 cachestat unsigned int fd, struct cachestat_range * cstat_range, struct cachestat * cstat, unsigned int flags
64 capget cap_user_header_t header, cap_user_data_t dataptr
64 capset cap_user_header_t header, const cap_user_data_t data
64 chdir const char * filename
64 chmod const char * filename, umode_t mode
64 chown const char * filename, uid_t user, gid_t group
64 chroot const char * filename
64 clock_adjtime const clockid_t which_clock, struct __kernel_timex * utx
64 clock_getres const clockid_t which_clock, struct __kernel_timespec * tp
64 clock_gettime const clockid_t which_clock, struct __kernel_timespec * tp
64 clock_nanosleep const clockid_t which_clock, int flags, const struct __kernel_timespec * rqtp, struct __kernel_timespec * rmtp
64 clock_settime const clockid_t which_clock, const struct __kernel_timespec * tp
64 clone unsigned long clone_flags, unsigned long newsp, int * parent_tidptr, int * child_tidptr, unsigned long tls
64 clone3 struct clone_args * uargs, size_t size
64 close unsigned int fd
64 close_range unsigned int fd, unsigned int max_fd, unsigned int flags
64 connect int fd, struct sockaddr * uservaddr, int addrlen
64 copy_file_range int fd_in, loff_t * off_in, int fd_out, loff_t * off_out, size_t len, unsigned int flags
64 creat const char * pathname, umode_t mode
64 delete_module const char * name_user, unsigned int flags
64 dup unsigned int fildes
64 dup2 unsigned int oldfd, unsigned int newfd
64 dup3 unsigned int oldfd, unsigned int newfd, int flags
64 epoll_create int size
64 epoll_create1 int flags
64 epoll_ctl int epfd, int op, int fd, struct epoll_event * event
64 epoll_pwait int epfd, struct epoll_event * events, int maxevents, int timeout, const sigset_t * sigmask, size_t sigsetsize
64 epoll_pwait2 int epfd, struct epoll_event * events, int maxevents, const struct __kernel_timespec * timeout, const sigset_t * sigmask, size_t sigsetsize
64 epoll_wait int epfd, struct epoll_event * events, int maxevents, int timeout
64 eventfd unsigned int count
64 eventfd2 unsigned int count, int flags
64 execve const char * filename, const char *const * argv, const char *const * envp
64 execveat int fd, const char * filename, const char *const * argv, const char *const * envp, int flags
64 exit int error_code
64 exit_group int error_code
64 faccessat int dfd, const char * filename, int mode
64 faccessat2 int dfd, const char * filename, int mode, int flags
64 fadvise64 int fd, loff_t offset, size_t len, int advice
64 fallocate int fd, int mode, loff_t offset, loff_t len
64 fanotify_init unsigned int flags, unsigned int event_f_flags
64 fanotify_mark int fanotify_fd, unsigned int flags, __u64 mask, int dfd, const char * pathname
64 fchdir unsigned int fd
64 fchmod unsigned int fd, umode_t mode
64 fchmodat int dfd, const char * filename, umode_t mode
64 fchmodat2 int dfd, const char * filename, umode_t mode, unsigned int flags
64 fchown unsigned int fd, uid_t user, gid_t group
64 fchownat int dfd, const char * filename, uid_t user, gid_t group, int flag
64 fcntl unsigned int fd, unsigned int cmd, unsigned long arg
64 fdatasync unsigned int fd
64 fgetxattr int fd, const char * name, void * value, size_t size
64 file_getattr int dfd, const char * filename, struct file_attr * ufattr, size_t usize, unsigned int at_flags
64 file_setattr int dfd, const char * filename, struct file_attr * ufattr, size_t usize, unsigned int at_flags
64 finit_module int fd, const char * uargs, int flags
64 flistxattr int fd, char * list, size_t size
64 flock unsigned int fd, unsigned int cmd
64 fork
64 fremovexattr int fd, const char * name
64 fsconfig int fd, unsigned int cmd, const char * _key, const void * _value, int aux
64 fsetxattr int fd, const char * name, const void * value, size_t size, int flags
64 fsmount int fs_fd, unsigned int flags, unsigned int attr_flags
64 fsopen const char * _fs_name, unsigned int flags
64 fspick int dfd, const char * path, unsigned int flags
64 fstat unsigned int fd, struct stat * statbuf
64 fstatfs unsigned int fd, struct statfs * buf
64 fsync unsigned int fd
64 ftruncate unsigned int fd, off_t length
64 futex u32 * uaddr, int op, u32 val, const struct __kernel_timespec * utime, u32 * uaddr2, u32 val3
64 futex_requeue struct futex_waitv * waiters, unsigned int flags, int nr_wake, int nr_requeue
64 futex_wait void * uaddr, unsigned long val, unsigned long mask, unsigned int flags, struct __kernel_timespec * timeout, clockid_t clockid
64 futex_waitv struct futex_waitv * waiters, unsigned int nr_futexes, unsigned int flags, struct __kernel_timespec * timeout, clockid_t clockid
64 futex_wake void * uaddr, unsigned long mask, int nr, unsigned int flags
64 futimesat int dfd, const char * filename, struct __kernel_old_timeval * utimes
64 get_mempolicy int * policy, unsigned long * nmask, unsigned long maxnode, unsigned long addr, unsigned long flags
64 get_robust_list int pid, struct robust_list_head * * head_ptr, size_t * len_ptr
64 get_thread_area struct user_desc * u_info
64 getcpu unsigned * cpup, unsigned * nodep, void * unused
64 getcwd char * buf, unsigned long size
64 getdents unsigned int fd, struct linux_dirent * dirent, unsigned int count
64 getdents64 unsigned int fd, struct linux_dirent64 * dirent, unsigned int count
64 getegid
64 geteuid
64 getgid
64 getgroups int gidsetsize, gid_t * grouplist
64 getitimer int which, struct __kernel_old_itimerval * value
64 getpeername int fd, struct sockaddr * usockaddr, int * usockaddr_len
64 getpgid pid_t pid
64 getpgrp
64 getpid
64 getppid
64 getpriority int which, int who
64 getrandom char * ubuf, size_t len, unsigned int flags
64 getresgid gid_t * rgidp, gid_t * egidp, gid_t * sgidp
64 getresuid uid_t * ruidp, uid_t * euidp, uid_t * suidp
64 getrlimit unsigned int resource, struct rlimit * rlim
64 getrusage int who, struct rusage * ru
64 getsid pid_t pid
64 getsockname int fd, struct sockaddr * usockaddr, int * usockaddr_len
64 getsockopt int fd, int level, int optname, char * optval, int * optlen
64 gettid
64 gettimeofday struct __kernel_old_timeval * tv, struct timezone * tz
64 getuid
64 getxattr const char * pathname, const char * name, void * value, size_t size
64 getxattrat int dfd, const char * pathname, unsigned int at_flags, const char * name, struct xattr_args * uargs, size_t usize
64 init_module void * umod, unsigned long len, const char * uargs
64 inotify_add_watch int fd, const char * pathname, u32 mask
64 inotify_init
64 inotify_init1 int flags
64 inotify_rm_watch int fd, __s32 wd
64 io_cancel aio_context_t ctx_id, struct iocb * iocb, struct io_event * result
64 io_destroy aio_context_t ctx
64 io_getevents aio_context_t ctx_id, long min_nr, long nr, struct io_event * events, struct __kernel_timespec * timeout
64 io_pgetevents aio_context_t ctx_id, long min_nr, long nr, struct io_event * events, struct __kernel_timespec * timeout, const struct __aio_sigset * usig
64 io_setup unsigned nr_events, aio_context_t * ctxp
64 io_submit aio_context_t ctx_id, long nr, struct iocb * * iocbpp
64 io_uring_enter unsigned int fd, u32 to_submit, u32 min_complete, u32 flags, const void * argp, size_t argsz
64 io_uring_register unsigned int fd, unsigned int opcode, void * arg, unsigned int nr_args
64 io_uring_setup u32 entries, struct io_uring_params * params
64 ioctl unsigned int fd, unsigned int cmd, unsigned long arg
64 ioperm unsigned long from, unsigned long num, int turn_on
64 iopl unsigned int level
64 ioprio_get int which, int who
64 ioprio_set int which, int who, int ioprio
64 kcmp pid_t pid1, pid_t pid2, int type, unsigned long idx1, unsigned long idx2
64 kexec_file_load int kernel_fd, int initrd_fd, unsigned long cmdline_len, const char * cmdline_ptr, unsigned long flags
64 kexec_load unsigned long entry, unsigned long nr_segments, struct kexec_segment * segments, unsigned long flags
64 keyctl int option, unsigned long arg2, unsigned long arg3, unsigned long arg4, unsigned long arg5
64 kill pid_t pid, int sig
64 landlock_add_rule const int ruleset_fd, const enum landlock_rule_type rule_type, const void *const rule_attr, const __u32 flags
64 landlock_create_ruleset const struct landlock_ruleset_attr *const attr, const size_t size, const __u32 flags
64 landlock_restrict_self const int ruleset_fd, const __u32 flags
64 lchown const char * filename, uid_t user, gid_t group
64 lgetxattr const char * pathname, const char * name, void * value, size_t size
64 link const char * oldname, const char * newname
64 linkat int olddfd, const char * oldname, int newdfd, const char * newname, int flags
64 listen int fd, int backlog
64 listmount const struct mnt_id_req * req, u64 * mnt_ids, size_t nr_mnt_ids, unsigned int flags
64 listns const struct ns_id_req * req, u64 * ns_ids, size_t nr_ns_ids, unsigned int flags
64 listxattr const char * pathname, char * list, size_t size
64 listxattrat int dfd, const char * pathname, unsigned int at_flags, char * list, size_t size
64 llistxattr const char * pathname, char * list, size_t size
64 lookup_dcookie u64 cookie64, char * buf, size_t len
64 lremovexattr const char * pathname, const char * name
64 lseek unsigned int fd, off_t offset, unsigned int whence
64 lsetxattr const char * pathname, const char * name, const void * value, size_t size, int flags
64 lsm_get_self_attr unsigned int attr, struct lsm_ctx * ctx, u32 * size, u32 flags
64 lsm_list_modules u64 * ids, u32 * size, u32 flags
64 lsm_set_self_attr unsigned int attr, struct lsm_ctx * ctx, u32 size, u32 flags
64 lstat const char * filename, struct stat * statbuf
64 madvise unsigned long start, size_t len_in, int behavior
64 map_shadow_stack unsigned long addr, unsigned long size, unsigned int flags
64 mbind unsigned long start, unsigned long len, unsigned long mode, const unsigned long * nmask, unsigned long maxnode, unsigned int flags
64 membarrier int cmd, unsigned int flags, int cpu_id
64 memfd_create const char * uname, unsigned int flags
64 memfd_secret unsigned int flags
64 migrate_pages pid_t pid, unsigned long maxnode, const unsigned long * old_nodes, const unsigned long * new_nodes
64 mincore unsigned long start, size_t len, unsigned char * vec
64 mkdir const char * pathname, umode_t mode
64 mkdirat int dfd, const char * pathname, umode_t mode
64 mknod const char * filename, umode_t mode, unsigned dev
64 mknodat int dfd, const char * filename, umode_t mode, unsigned int dev
64 mlock unsigned long start, size_t len
64 mlock2 unsigned long start, size_t len, int flags
64 mlockall int flags
64 mmap unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags, unsigned long fd, unsigned long off
64 modify_ldt int func, void * ptr, unsigned long bytecount
64 mount char * dev_name, char * dir_name, char * type, unsigned long flags, void * data
64 mount_setattr int dfd, const char * path, unsigned int flags, struct mount_attr * uattr, size_t usize
64 move_mount int from_dfd, const char * from_pathname, int to_dfd, const char * to_pathname, unsigned int flags
64 move_pages pid_t pid, unsigned long nr_pages, const void * * pages, const int * nodes, int * status, int flags
64 mprotect unsigned long start, size_t len, unsigned long prot
64 mq_getsetattr mqd_t mqdes, const struct mq_attr * u_mqstat, struct mq_attr * u_omqstat
64 mq_notify mqd_t mqdes, const struct sigevent * u_notification
64 mq_open const char * u_name, int oflag, umode_t mode, struct mq_attr * u_attr
64 mq_timedreceive mqd_t mqdes, char * u_msg_ptr, size_t msg_len, unsigned int * u_msg_prio, const struct __kernel_timespec * u_abs_timeout
64 mq_timedsend mqd_t mqdes, const char * u_msg_ptr, size_t msg_len, unsigned int msg_prio, const struct __kernel_timespec * u_abs_timeout
64 mq_unlink const char * u_name
64 mremap unsigned long addr, unsigned long old_len, unsigned long new_len, unsigned long flags, unsigned long new_addr
64 mseal unsigned long start, size_t len, unsigned long flags
64 msgctl int msqid, int cmd, struct msqid_ds * buf
64 msgget key_t key, int msgflg
64 msgrcv int msqid, struct msgbuf * msgp, size_t msgsz, long msgtyp, int msgflg
64 msgsnd int msqid, struct msgbuf * msgp, size_t msgsz, int msgflg
64 msync unsigned long start, size_t len, int flags
64 munlock unsigned long start, size_t len
64 munlockall
64 munmap unsigned long addr, size_t len
64 name_to_handle_at int dfd, const char * name, struct file_handle * handle, void * mnt_id, int flag
64 nanosleep struct __kernel_timespec * rqtp, struct __kernel_timespec * rmtp
64 newfstatat int dfd, const char * filename, struct stat * statbuf, int flag
64 open const char * filename, int flags, umode_t mode
64 open_by_handle_at int mountdirfd, struct file_handle * handle, int flags
64 open_tree int dfd, const char * filename, unsigned flags
64 open_tree_attr int dfd, const char * filename, unsigned flags, struct mount_attr * uattr, size_t usize
64 openat int dfd, const char * filename, int flags, umode_t mode
64 openat2 int dfd, const char * filename, struct open_how * how, size_t usize
64 pause
64 perf_event_open struct perf_event_attr * attr_uptr, pid_t pid, int cpu, int group_fd, unsigned long flags
64 personality unsigned int personality
64 pidfd_getfd int pidfd, int fd, unsigned int flags
64 pidfd_open pid_t pid, unsigned int flags
64 pidfd_send_signal int pidfd, int sig, siginfo_t * info, unsigned int flags
64 pipe int * fildes
64 pipe2 int * fildes, int flags
64 pivot_root const char * new_root, const char * put_old
64 pkey_alloc unsigned long flags, unsigned long init_val
64 pkey_free int pkey
64 pkey_mprotect unsigned long start, size_t len, unsigned long prot, int pkey
64 poll struct pollfd * ufds, unsigned int nfds, int timeout_msecs
64 ppoll struct pollfd * ufds, unsigned int nfds, struct __kernel_timespec * tsp, const sigset_t * sigmask, size_t sigsetsize
64 prctl int option, unsigned long arg2, unsigned long arg3, unsigned long arg4, unsigned long arg5
64 pread64 unsigned int fd, char * buf, size_t count, loff_t pos
64 preadv unsigned long fd, const struct iovec * vec, unsigned long vlen, unsigned long pos_l, unsigned long pos_h
64 preadv2 unsigned long fd, const struct iovec * vec, unsigned long vlen, unsigned long pos_l, unsigned long pos_h, rwf_t flags
64 prlimit64 pid_t pid, unsigned int resource, const struct rlimit64 * new_rlim, struct rlimit64 * old_rlim
64 process_madvise int pidfd, const struct iovec * vec, size_t vlen, int behavior, unsigned int flags
64 process_mrelease int pidfd, unsigned int flags
64 process_vm_readv pid_t pid, const struct iovec * lvec, unsigned long liovcnt, const struct iovec * rvec, unsigned long riovcnt, unsigned long flags
64 process_vm_writev pid_t pid, const struct iovec * lvec, unsigned long liovcnt, const struct iovec * rvec, unsigned long riovcnt, unsigned long flags
64 pselect6 int n, fd_set * inp, fd_set * outp, fd_set * exp, struct __kernel_timespec * tsp, void * sig
64 ptrace long request, long pid, unsigned long addr, unsigned long data
64 pwrite64 unsigned int fd, const char * buf, size_t count, loff_t pos
64 pwritev unsigned long fd, const struct iovec * vec, unsigned long vlen, unsigned long pos_l, unsigned long pos_h
64 pwritev2 unsigned long fd, const struct iovec * vec, unsigned long vlen, unsigned long pos_l, unsigned long pos_h, rwf_t flags
64 quotactl unsigned int cmd, const char * special, qid_t id, void * addr
64 quotactl_fd unsigned int fd, unsigned int cmd, qid_t id, void * addr
64 read unsigned int fd, char * buf, size_t count
64 readahead int fd, loff_t offset, size_t count
64 readlink const char * path, char * buf, int bufsiz
64 readlinkat int dfd, const char * pathname, char * buf, int bufsiz
64 readv unsigned long fd, const struct iovec * vec, unsigned long vlen
64 reboot int magic1, int magic2, unsigned int cmd, void * arg
64 recvfrom int fd, void * ubuf, size_t size, unsigned int flags, struct sockaddr * addr, int * addr_len
64 recvmmsg int fd, struct mmsghdr * mmsg, unsigned int vlen, unsigned int flags, struct __kernel_timespec * timeout
64 recvmsg int fd, struct user_msghdr * msg, unsigned int flags
64 remap_file_pages unsigned long start, unsigned long size, unsigned long prot, unsigned long pgoff, unsigned long flags
64 removexattr const char * pathname, const char * name
64 removexattrat int dfd, const char * pathname, unsigned int at_flags, const char * name
64 rename const char * oldname, const char * newname
64 renameat int olddfd, const char * oldname, int newdfd, const char * newname
64 renameat2 int olddfd, const char * oldname, int newdfd, const char * newname, unsigned int flags
64 request_key const char * _type, const char * _description, const char * _callout_info, key_serial_t destringid
64 restart_syscall
64 rmdir const char * pathname
64 rseq struct rseq * rseq, u32 rseq_len, int flags, u32 sig
64 rt_sigaction int sig, const struct sigaction * act, struct sigaction * oact, size_t sigsetsize
64 rt_sigpending sigset_t * uset, size_t sigsetsize
64 rt_sigprocmask int how, sigset_t * nset, sigset_t * oset, size_t sigsetsize
64 rt_sigqueueinfo pid_t pid, int sig, siginfo_t * uinfo
64 rt_sigreturn
64 rt_sigsuspend sigset_t * unewset, size_t sigsetsize
64 rt_sigtimedwait const sigset_t * uthese, siginfo_t * uinfo, const struct __kernel_timespec * uts, size_t sigsetsize
64 rt_tgsigqueueinfo pid_t tgid, pid_t pid, int sig, siginfo_t * uinfo
64 sched_get_priority_max int policy
64 sched_get_priority_min int policy
64 sched_getaffinity pid_t pid, unsigned int len, unsigned long * user_mask_ptr
64 sched_getattr pid_t pid, struct sched_attr * uattr, unsigned int usize, unsigned int flags
64 sched_getparam pid_t pid, struct sched_param * param
64 sched_getscheduler pid_t pid
64 sched_rr_get_interval pid_t pid, struct __kernel_timespec * interval
64 sched_setaffinity pid_t pid, unsigned int len, unsigned long * user_mask_ptr
64 sched_setattr pid_t pid, struct sched_attr * uattr, unsigned int flags
64 sched_setparam pid_t pid, struct sched_param * param
64 sched_setscheduler pid_t pid, int policy, struct sched_param * param
64 sched_yield
64 seccomp unsigned int op, unsigned int flags, void * uargs
64 select int n, fd_set * inp, fd_set * outp, fd_set * exp, struct __kernel_old_timeval * tvp
64 semctl int semid, int semnum, int cmd, unsigned long arg
64 semget key_t key, int nsems, int semflg
64 semop int semid, struct sembuf * tsops, unsigned int nsops
64 semtimedop int semid, struct sembuf * tsops, unsigned int nsops, const struct __kernel_timespec * timeout
64 sendfile int out_fd, int in_fd, loff_t * offset, size_t count
64 sendmmsg int fd, struct mmsghdr * mmsg, unsigned int vlen, unsigned int flags
64 sendmsg int fd, struct user_msghdr * msg, unsigned int flags
64 sendto int fd, void * buff, size_t len, unsigned int flags, struct sockaddr * addr, int addr_len
64 set_mempolicy int mode, const unsigned long * nmask, unsigned long maxnode
64 set_mempolicy_home_node unsigned long start, unsigned long len, unsigned long home_node, unsigned long flags
64 set_robust_list struct robust_list_head * head, size_t len
64 set_thread_area struct user_desc * u_info
64 set_tid_address int * tidptr
64 setdomainname char * name, int len
64 setfsgid gid_t gid
64 setfsuid uid_t uid
64 setgid gid_t gid
64 setgroups int gidsetsize, gid_t * grouplist
64 sethostname char * name, int len
64 setitimer int which, struct __kernel_old_itimerval * value, struct __kernel_old_itimerval * ovalue
64 setns int fd, int flags
64 setpgid pid_t pid, pid_t pgid
64 setpriority int which, int who, int niceval
64 setregid gid_t rgid, gid_t egid
64 setresgid gid_t rgid, gid_t egid, gid_t sgid
64 setresuid uid_t ruid, uid_t euid, uid_t suid
64 setreuid uid_t ruid, uid_t euid
64 setrlimit unsigned int resource, struct rlimit * rlim
64 setsid
64 setsockopt int fd, int level, int optname, char * optval, int optlen
64 settimeofday struct __kernel_old_timeval * tv, struct timezone * tz
64 setuid uid_t uid
64 setxattr const char * pathname, const char * name, const void * value, size_t size, int flags
64 setxattrat int dfd, const char * pathname, unsigned int at_flags, const char * name, const struct xattr_args * uargs, size_t usize
64 shmat int shmid, char * shmaddr, int shmflg
64 shmctl int shmid, int cmd, struct shmid_ds * buf
64 shmdt char * shmaddr
64 shmget key_t key, size_t size, int shmflg
64 shutdown int fd, int how
64 sigaltstack const stack_t * uss, stack_t * uoss
64 signalfd int ufd, sigset_t * user_mask, size_t sizemask
64 signalfd4 int ufd, sigset_t * user_mask, size_t sizemask, int flags
64 socket int family, int type, int protocol
64 socketpair int family, int type, int protocol, int * usockvec
64 splice int fd_in, loff_t * off_in, int fd_out, loff_t * off_out, size_t len, unsigned int flags
64 stat const char * filename, struct stat * statbuf
64 statfs const char * pathname, struct statfs * buf
64 statmount const struct mnt_id_req * req, struct statmount * buf, size_t bufsize, unsigned int flags
64 statx int dfd, const char * filename, unsigned flags, unsigned int mask, struct statx * buffer
64 swapoff const char * specialfile
64 swapon const char * specialfile, int swap_flags
64 symlink const char * oldname, const char * newname
64 symlinkat const char * oldname, int newdfd, const char * newname
64 sync
64 sync_file_range int fd, loff_t offset, loff_t nbytes, unsigned int flags
64 syncfs int fd
64 sysfs int option, unsigned long arg1, unsigned long arg2
64 sysinfo struct sysinfo * info
64 syslog int type, char * buf, int len
64 tee int fdin, int fdout, size_t len, unsigned int flags
64 tgkill pid_t tgid, pid_t pid, int sig
64 time __kernel_old_time_t * tloc
64 timer_create const clockid_t which_clock, struct sigevent * timer_event_spec, timer_t * created_timer_id
64 timer_delete timer_t timer_id
64 timer_getoverrun timer_t timer_id
64 timer_gettime timer_t timer_id, struct __kernel_itimerspec * setting
64 timer_settime timer_t timer_id, int flags, const struct __kernel_itimerspec * new_setting, struct __kernel_itimerspec * old_setting
64 timerfd_create int clockid, int flags
64 timerfd_gettime int ufd, struct __kernel_itimerspec * otmr
64 timerfd_settime int ufd, int flags, const struct __kernel_itimerspec * utmr, struct __kernel_itimerspec * otmr
64 times struct tms * tbuf
64 tkill pid_t pid, int sig
64 truncate const char * path, long length
64 umask int mask
64 umount2 char * name, int flags
64 uname struct new_utsname * name
64 unlink const char * pathname
64 unlinkat int dfd, const char * pathname, int flag
64 unshare unsigned long unshare_flags
64 uprobe
64 uretprobe
64 uselib const char * library
64 userfaultfd int flags
64 ustat unsigned dev, struct ustat * ubuf
64 utime char * filename, struct utimbuf * times
64 utimensat int dfd, const char * filename, struct __kernel_timespec * utimes, int flags
64 utimes char * filename, struct __kernel_old_timeval * utimes
64 vfork
64 vhangup
64 vmsplice int fd, const struct iovec * uiov, unsigned long nr_segs, unsigned int flags
64 wait4 pid_t upid, int * stat_addr, int options, struct rusage * ru
64 waitid int which, pid_t upid, struct siginfo * infop, int options, struct rusage * ru
64 write unsigned int fd, const char * buf, size_t count
64 writev unsigned long fd, const struct iovec * vec, unsigned long vlen
ia32 _llseek unsigned int fd, unsigned long offset_high, unsigned long offset_low, loff_t * result, unsigned int whence
ia32 _newselect int n, fd_set * inp, fd_set * outp, fd_set * exp, struct old_timeval32 * tvp
ia32 chown32 const char * filename, uid_t user, gid_t group
ia32 clock_adjtime64 clockid_t which_clock, struct __kernel_timex * utx
ia32 clock_getres_time64 clockid_t which_clock, struct __kernel_timespec * tp
ia32 clock_gettime64 clockid_t which_clock, struct __kernel_timespec * tp
ia32 clock_nanosleep_time64 clockid_t which_clock, int flags, const struct __kernel_timespec * rqtp, struct __kernel_timespec * rmtp
ia32 clock_settime64 clockid_t which_clock, struct __kernel_timespec * tp
ia32 clone unsigned long clone_flags, unsigned long newsp, int * parent_tidptr, unsigned long tls, int * child_tidptr
ia32 fadvise64 int fd, unsigned int offset_low, unsigned int offset_high, size_t len, int advice
ia32 fadvise64_64 int fd, u32 offset_low, u32 offset_high, u32 len_low, u32 len_high, int advice
ia32 fallocate int fd, int mode, unsigned int offset_low, unsigned int offset_high, unsigned int len_low, unsigned int len_high
ia32 fanotify_mark int fd, unsigned int flags, u32 mask_low, u32 mask_high, int dfd, const char * pathname
ia32 fchown32 unsigned int fd, uid_t user, gid_t group
ia32 fcntl64 unsigned int fd, unsigned int cmd, unsigned long arg
ia32 fstat64 unsigned int fd, struct stat64 * statbuf
ia32 fstatat64 int dfd, const char * filename, struct stat64 * statbuf, int flag
ia32 fstatfs64 unsigned int fd, size_t sz, struct statfs64 * buf
ia32 ftruncate64 unsigned int fd, unsigned long length_low, unsigned long length_high
ia32 futex_time64 u32 * uaddr, int op, u32 val, const struct __kernel_timespec * utime, u32 * uaddr2, u32 val3
ia32 get_thread_area struct user_desc * u_info
ia32 getegid32
ia32 geteuid32
ia32 getgid32
ia32 getgroups32 int gidsetsize, gid_t * grouplist
ia32 getresgid32 gid_t * rgidp, gid_t * egidp, gid_t * sgidp
ia32 getresuid32 uid_t * ruidp, uid_t * euidp, uid_t * suidp
ia32 getuid32
ia32 io_pgetevents_time64 u32 ctx_id, s32 min_nr, s32 nr, struct io_event * events, struct __kernel_timespec * timeout, const struct __aio_sigset * usig
ia32 ipc unsigned int call, int first, int second, int third, void * ptr, long fifth
ia32 lchown32 const char * filename, uid_t user, gid_t group
ia32 lstat64 const char * filename, struct stat64 * statbuf
ia32 mmap struct mmap_arg_struct32 * arg
ia32 mmap2 unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags, unsigned long fd, unsigned long pgoff
ia32 mq_timedreceive_time64 mqd_t mqdes, char * u_msg_ptr, size_t msg_len, unsigned int * u_msg_prio, const struct __kernel_timespec * u_abs_timeout
ia32 mq_timedsend_time64 mqd_t mqdes, char * u_msg_ptr, size_t msg_len, unsigned int msg_prio, const struct __kernel_timespec * u_abs_timeout
ia32 nice int increment
ia32 oldfstat unsigned int fd, struct stat64 * statbuf
ia32 oldlstat const char * filename, struct stat64 * statbuf
ia32 oldolduname struct old_utsname * name
ia32 oldstat const char * filename, struct stat64 * statbuf
ia32 olduname struct old_utsname * name
ia32 ppoll_time64 struct pollfd * ufds, unsigned int nfds, struct __kernel_timespec * tsp, const sigset_t * sigmask, size_t sigsetsize
ia32 pread64 unsigned int fd, char * buf, u32 count, u32 pos_low, u32 pos_high
ia32 preadv unsigned int fd, const struct iovec * vec, unsigned long vlen, u32 pos_low, u32 pos_high
ia32 preadv2 unsigned int fd, const struct iovec * vec, unsigned long vlen, u32 pos_low, u32 pos_high, int flags
ia32 pselect6_time64 int n, fd_set * inp, fd_set * outp, fd_set * exp, struct __kernel_timespec * tsp, void * sig
ia32 pwrite64 unsigned int fd, const char * buf, u32 count, u32 pos_low, u32 pos_high
ia32 pwritev unsigned int fd, const struct iovec * vec, unsigned long vlen, u32 pos_low, u32 pos_high
ia32 pwritev2 unsigned int fd, const struct iovec * vec, unsigned long vlen, u32 pos_low, u32 pos_high, int flags
ia32 readahead int fd, unsigned int offset_low, unsigned int offset_high, size_t count
ia32 readdir unsigned int fd, struct old_linux_dirent * dirent, unsigned int count
ia32 recvmmsg_time64 unsigned int fd, struct mmsghdr * mmsg, unsigned long vlen, int flags, struct __kernel_timespec * timeout
ia32 rt_sigtimedwait_time64 sigset_t * uthese, siginfo_t * uinfo, struct __kernel_timespec * uts, size_t sigsetsize
ia32 sched_rr_get_interval_time64 pid_t pid, struct __kernel_timespec * interval
ia32 select struct sel_arg_struct * arg
ia32 semtimedop_time64 int semid, struct sembuf * tsops, unsigned int nsops, struct __kernel_timespec * timeout
ia32 sendfile64 int out_fd, int in_fd, loff_t * offset, size_t count
ia32 set_thread_area struct user_desc * u_info
ia32 setfsgid32 gid_t gid
ia32 setfsuid32 uid_t uid
ia32 setgid32 gid_t gid
ia32 setgroups32 int gidsetsize, gid_t * grouplist
ia32 setregid32 gid_t rgid, gid_t egid
ia32 setresgid32 gid_t rgid, gid_t egid, gid_t sgid
ia32 setresuid32 uid_t ruid, uid_t euid, uid_t suid
ia32 setreuid32 uid_t ruid, uid_t euid
ia32 setuid32 uid_t uid
ia32 sgetmask
ia32 sigaction int sig, const struct old_sigaction * act, struct old_sigaction * oact
ia32 signal int sig, __sighandler_t handler
ia32 sigpending old_sigset_t * uset
ia32 sigprocmask int how, old_sigset_t * nset, old_sigset_t * oset
ia32 sigreturn
ia32 sigsuspend int unused1, int unused2, old_sigset_t mask
ia32 socketcall int call, u32 * args
ia32 ssetmask int newmask
ia32 stat64 const char * filename, struct stat64 * statbuf
ia32 statfs64 const char * pathname, size_t sz, struct statfs64 * buf
ia32 stime time_t * tptr
ia32 sync_file_range int fd, unsigned int offset_low, unsigned int offset_high, unsigned int nbytes_low, unsigned int nbytes_high, int flags
ia32 timer_gettime64 timer_t timer_id, struct __kernel_itimerspec * setting
ia32 timer_settime64 timer_t timer_id, int flags, const struct __kernel_itimerspec * new_setting, struct __kernel_itimerspec * old_setting
ia32 timerfd_gettime64 int ufd, struct __kernel_itimerspec * otmr
ia32 timerfd_settime64 int ufd, int flags, const struct __kernel_itimerspec * utmr, struct __kernel_itimerspec * otmr
ia32 truncate64 const char * path, unsigned long length_low, unsigned long length_high
ia32 ugetrlimit unsigned int resource, struct rlimit * rlim
ia32 umount char * name
ia32 utimensat_time64 int dfd, const char * filename, struct __kernel_timespec * utimes, int flags
ia32 vm86 unsigned long cmd, unsigned long arg
ia32 vm86old struct vm86_struct * user_vm86
ia32 waitpid pid_t pid, int * stat_addr, int options
`;
