/*
 * Makes the sandbox where no OCI runtime is installed: `unshare` gave us namespaces of our own, here we furnish them.
 * The plan is a file of fields that each end with NUL; a field with one letter begins a step:
 *   m source target type flags data   b source target flags (a bind mount, then its flags)   p directory (the new root)
 *   h hostname   l (loopback up)   r resource soft hard   c (no capability to be gained)   u uid gid   d (drop all)
 * A hyphen instead of a limit means none.
 */
#include "kernel.h"

#define bind_flags 4096
#define remount_flag 32
#define recursive_flag 16384
#define last_capability 63

static void must(const char *doing, long result) {
  if (result < 0) fail(doing, result);
}

static char *next_field(char **at) {
  char *field = *at;
  *at += length_of(field) + 1;
  return field;
}

static u64 limit_of(const char *text) { return *text == '-' ? ~0UL : (u64)number_of(text); }

static void enter_root(const char *directory) {
  must(directory, call1(SYS_chdir, directory));
  must("pivot_root", call2(SYS_pivot_root, ".", "."));
  must("leaving the old root", call2(SYS_umount2, ".", 2 /* MNT_DETACH */));
  must("chdir", call1(SYS_chdir, "/"));
}

static void bind_mount(const char *source, const char *target, u64 flags) {
  must(target, call5(SYS_mount, source, target, 0, bind_flags | (flags & recursive_flag), 0));
  must(target, call5(SYS_mount, 0, target, 0, bind_flags | remount_flag | (flags & ~(u64)recursive_flag), 0));
}

static void loopback_up(void) {
  struct {
    char name[16];
    short flags;
    char rest[22];
  } request = {"lo", 0x1 | 0x40, {0}};
  long fd = call3(SYS_socket, 2, 2 | O_CLOEXEC, 0);
  must("loopback", fd);
  must("loopback", call3(SYS_ioctl, fd, 0x8914 /* SIOCSIFFLAGS */, &request));
  call1(SYS_close, fd);
}

static void drop_capabilities(void) {
  u32 header[2] = {0x20080522, 0};
  u32 nothing[6] = {0};
  call5(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  must("capset", call2(SYS_capset, header, nothing));
}

static void carry_out(char letter, char **at) {
  char *a;
  char *b;
  char *c;
  switch (letter) {
    case 'm':
      a = next_field(at), b = next_field(at), c = next_field(at);
      u64 flags = (u64)number_of(next_field(at));
      must(b, call5(SYS_mount, a, b, c, flags, next_field(at)));
      break;
    case 'b':
      a = next_field(at), b = next_field(at);
      bind_mount(a, b, (u64)number_of(next_field(at)));
      break;
    case 'p': enter_root(next_field(at)); break;
    case 'h':
      a = next_field(at);
      must("sethostname", call2(SYS_sethostname, a, length_of(a)));
      break;
    case 'l': loopback_up(); break;
    case 'r': {
      long resource = number_of(next_field(at));
      u64 limits[2];
      limits[0] = limit_of(next_field(at));
      limits[1] = limit_of(next_field(at));
      /* Without privileges a limit can only be lowered: then it stays as it is. */
      call4(SYS_prlimit64, 0, resource, limits, 0);
      break;
    }
    case 'c':
      for (int capability = 0; capability <= last_capability; capability++)
        call5(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
      break;
    case 'u': {
      a = next_field(at), b = next_field(at);
      long uid = number_of(a);
      long gid = number_of(b);
      must("setgroups", call2(SYS_setgroups, 0, 0));
      must("setgid", call3(SYS_setresgid, gid, gid, gid));
      must("setuid", call3(SYS_setresuid, uid, uid, uid));
      break;
    }
    case 'd': drop_capabilities(); break;
    default: fail("reading the plan", -EINVAL);
  }
}

static void set_up(const char *plan_file) {
  static char plan[65536];
  long fd = call4(SYS_openat, AT_HERE, plan_file, O_RDONLY | O_CLOEXEC, 0);
  must(plan_file, fd);
  long length = 0;
  for (long got = 1; got > 0 && length < (long)sizeof plan - 1; length += got) {
    got = call3(SYS_read, fd, plan + length, sizeof plan - 1 - (size_t)length);
    must(plan_file, got);
  }
  call1(SYS_close, fd);
  for (char *at = plan; at < plan + length;) carry_out(*next_field(&at), &at);
}
