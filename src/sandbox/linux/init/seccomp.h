/*
 * System calls that programs of the environment may not use, after the well-known default of container engines for
 * programs without capabilities. Numbers beyond those known here are answered with ENOSYS, so that libraries fall back.
 */
#include "kernel.h"

#ifdef SYS_set_mempolicy_home_node
#define newest_known SYS_set_mempolicy_home_node
#else
#define newest_known 450
#endif

static const short refused[] = {
    SYS_acct,          SYS_add_key,          SYS_bpf,           SYS_chroot,          SYS_clock_adjtime,
    SYS_clock_settime, SYS_delete_module,    SYS_fanotify_init, SYS_finit_module,    SYS_fsconfig,
    SYS_fsmount,       SYS_fsopen,           SYS_fspick,        SYS_get_mempolicy,   SYS_init_module,
    SYS_io_uring_enter, SYS_io_uring_register, SYS_io_uring_setup, SYS_kcmp,         SYS_kexec_load,
    SYS_kexec_file_load, SYS_keyctl,         SYS_mbind,         SYS_migrate_pages,   SYS_mount,
    SYS_mount_setattr, SYS_move_mount,       SYS_move_pages,    SYS_nfsservctl,      SYS_open_by_handle_at,
    SYS_open_tree,     SYS_perf_event_open,  SYS_pivot_root,    SYS_quotactl,        SYS_quotactl_fd,
    SYS_reboot,        SYS_request_key,      SYS_set_mempolicy, SYS_setdomainname,   SYS_sethostname,
    SYS_setns,         SYS_settimeofday,     SYS_swapoff,       SYS_swapon,          SYS_syslog,
    SYS_umount2,       SYS_unshare,          SYS_userfaultfd,   SYS_vhangup,
    SYS_lookup_dcookie,
#if defined(__x86_64__)
    SYS_create_module, SYS_get_kernel_syms,  SYS_ioperm,        SYS_iopl,            SYS_query_module,
    SYS_sysfs,         SYS__sysctl,          SYS_uselib,        SYS_ustat,           SYS_modify_ldt,
#endif
};

#define refused_count (sizeof refused / sizeof *refused)
#define number_at offsetof(struct seccomp_data, nr)
#define arch_at offsetof(struct seccomp_data, arch)
#define argument_at(n) (offsetof(struct seccomp_data, args) + 8 * (n))
#define new_namespaces 0x7E020000u
#define vsock_family 40

static long install_filter(void) {
  struct sock_filter code[refused_count * 2 + 40];
  unsigned short at = 0;
#define emit(op, k, yes, no) (code[at++] = (struct sock_filter){(op), (yes), (no), (k)})
#define load(where) emit(BPF_LD | BPF_W | BPF_ABS, (where), 0, 0)
#define answer(what) emit(BPF_RET | BPF_K, (what), 0, 0)
#define unless_number(n, skip) emit(BPF_JMP | BPF_JEQ | BPF_K, (n), 0, (skip))
  load(arch_at);
  emit(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_HERE, 1, 0);
  answer(SECCOMP_RET_ERRNO | EPERM);
  load(number_at);
  emit(BPF_JMP | BPF_JGT | BPF_K, newest_known, 0, 1);
  answer(SECCOMP_RET_ERRNO | ENOSYS);
  /* The flags of clone3 lie in memory, where a filter cannot look. */
  unless_number(SYS_clone3, 1);
  answer(SECCOMP_RET_ERRNO | ENOSYS);
  for (size_t i = 0; i < refused_count; i++) {
    unless_number((u32)refused[i], 1);
    answer(SECCOMP_RET_ERRNO | EPERM);
  }
  unless_number(SYS_clone, 4);
  load(argument_at(0));
  emit(BPF_JMP | BPF_JSET | BPF_K, new_namespaces, 0, 1);
  answer(SECCOMP_RET_ERRNO | EPERM);
  answer(SECCOMP_RET_ALLOW);
  unless_number(SYS_socket, 4);
  load(argument_at(0));
  emit(BPF_JMP | BPF_JEQ | BPF_K, vsock_family, 0, 1);
  answer(SECCOMP_RET_ERRNO | EPERM);
  answer(SECCOMP_RET_ALLOW);
  unless_number(SYS_personality, 5);
  load(argument_at(0));
  emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0);
  emit(BPF_JMP | BPF_JEQ | BPF_K, 0xffffffffu, 1, 0);
  answer(SECCOMP_RET_ERRNO | EPERM);
  answer(SECCOMP_RET_ALLOW);
  answer(SECCOMP_RET_ALLOW);
  struct sock_fprog program = {at, code};
  return call5(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
