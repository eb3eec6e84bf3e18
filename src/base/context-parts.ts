/** What a record may carry beside its fields: RELAYSCOPE_CONTEXT_* bits of include/uapi/relayscope.h. */
export const CONTEXT = { KERNEL_STACK: 1, USER_STACK: 2, CGROUP: 4, NAMESPACES: 8 } as const;
