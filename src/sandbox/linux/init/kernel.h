/* The few system calls the init program needs, without a C library: it must run in any root, and be small. */
#ifndef KERNEL_H
#define KERNEL_H

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/types.h>
#include <stddef.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_X86_64
static inline long kernel(long n, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_AARCH64
static inline long kernel(long n, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = n;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "no system call convention for this CPU"
#endif

#define call0(n) kernel(n, 0, 0, 0, 0, 0, 0)
#define call1(n, a) kernel(n, (long)(a), 0, 0, 0, 0, 0)
#define call2(n, a, b) kernel(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define call3(n, a, b, c) kernel(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define call4(n, a, b, c, d) kernel(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define call5(n, a, b, c, d, e) kernel(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define call6(n, a, b, c, d, e, f) kernel(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

#define AT_HERE (-100)
#define kill_signal 9
#define child_signal 17

struct poll_entry {
  int fd;
  short events;
  short revents;
};

struct timespec_pair {
  long seconds;
  long nanoseconds;
};

static inline long number_of(const char *text) {
  long value = 0;
  for (; *text >= '0' && *text <= '9'; text++) value = value * 10 + (*text - '0');
  return value;
}

static inline size_t length_of(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

static inline int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

static inline void close_fd(int *fd) {
  if (*fd >= 0) call1(SYS_close, *fd);
  *fd = -1;
}

/* Says what failed, on standard error, and ends. */
void fail(const char *doing, long error);

#endif
