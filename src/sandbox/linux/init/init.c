/*
 * The first process of a sandbox (pid 1). It starts programs on the host's orders, collects the dead, tells their exact
 * wait status, opens sockets inside the network namespace and hands them out. It is neither frozen nor throttled nor
 * counted with the programs; when the host closes the order pipe it ends, and the kernel ends all others with it.
 *
 * Orders (descriptor 0): u32 length of what follows, then a letter, a u32 id, and the letter's arguments:
 *   S flags(1: log descriptor, 2: wait for G) argc envc file\0 cwd\0 argv\0... env\0...      G go   Q path\0
 *   L port   C (a socket, not connected)   D port (a socket for datagrams)   K end all other processes   T signal (to all other processes)
 * Answers (descriptor 1), one line each, the letter first, then the id:
 *   R ready   F id pid reads...: made, not yet executed   S id: runs   E id errno   X id status   Q id 0|1|2
 *   H id errno: a socket could not be made   k id: all are signalled   K id: all are gone
 * Sockets go over descriptor 3 in the form of Node.js's own channel between processes.
 *
 * Descriptors from 4 on, as many as the third argument says, are places where a program enters its control groups: it
 * writes "0" there itself, because the kernel moves others only at the price of a wait for all CPUs.
 * Arguments: the number of the first CPU to be seen, how many (0: all), how many entrances, and 1 if the host has not the
 * right to take descriptors of ours, so that we must lend it; "setup PLAN" may come before.
 */
#include "kernel.h"
#include "seccomp.h"
#include "setup.h"

#define log_descriptor 62
#define most_programs 256
#define largest_order (16u << 20)

struct program {
  u32 id;
  int pid; /* 0: free place */
  int gate;
  int error;
  int reads[3];
};

static struct program programs[most_programs];
static u32 ending; /* id of the K order being carried out, or 0 */
static int children_pipe;
static int entrances;
static int lends;
#define first_entrance 4

static void leave(int status) {
  call1(SYS_exit_group, status);
  __builtin_unreachable();
}

void fail(const char *doing, long error) {
  char digits[24];
  int at = sizeof digits;
  for (long left = -error; at > 1 && (left || at == sizeof digits); left /= 10) digits[--at] = (char)('0' + left % 10);
  call3(SYS_write, 2, doing, length_of(doing));
  call3(SYS_write, 2, " failed: errno ", 15);
  call3(SYS_write, 2, digits + at, sizeof digits - at);
  call3(SYS_write, 2, "\n", 1);
  leave(70);
}

static void say(char letter, int count, const long *numbers) {
  char line[160];
  size_t at = 0;
  line[at++] = letter;
  for (int i = 0; i < count; i++) {
    char digits[24];
    int from = sizeof digits;
    long left = numbers[i];
    do digits[--from] = (char)('0' + left % 10); while (left /= 10);
    line[at++] = ' ';
    while (from < (int)sizeof digits) line[at++] = digits[from++];
  }
  line[at++] = '\n';
  for (size_t done = 0; done < at;) {
    long wrote = call3(SYS_write, 1, line + done, at - done);
    if (wrote == -EINTR) continue;
    if (wrote < 0) leave(0);
    done += (size_t)wrote;
  }
}

#define answer_with(letter, ...) \
  say(letter, sizeof((long[]){__VA_ARGS__}) / sizeof(long), (long[]){__VA_ARGS__})

/* Whether others of our user may look into us: never, but for the moment in which an ordinary user's host has to. */
static void lend(int yes) {
  if (lends) call5(SYS_prctl, PR_SET_DUMPABLE, yes, 0, 0, 0);
}

static struct program *find(u32 id) {
  for (int i = 0; i < most_programs; i++)
    if (programs[i].pid && programs[i].id == id) return &programs[i];
  return 0;
}

static void read_fully(int fd, void *into, size_t length) {
  for (size_t done = 0; done < length;) {
    long got = call3(SYS_read, fd, (char *)into + done, length - done);
    if (got == -EINTR) continue;
    if (got <= 0) leave(0);
    done += (size_t)got;
  }
}

static char **strings_of(char **from, char *end, u32 count, char **list) {
  for (u32 i = 0; i < count; i++) {
    list[i] = *from < end ? *from : end;
    *from += length_of(list[i]) + 1;
  }
  list[count] = 0;
  return list + count + 1;
}

static void run_program(int gate, int error, const int *writes, int with_log, const char *file, const char *directory,
                        char **argv, char **envp) {
  u64 no_signals = 0;
  u8 byte;
  long result = 0;
  call0(SYS_setsid);
  while (gate >= 0) {
    long got = call3(SYS_read, gate, &byte, 1);
    if (got == 1) break;
    if (got != -EINTR) leave(127);
  }
  for (int i = 0; i < entrances && result >= 0; i++) result = call3(SYS_write, first_entrance + i, "0", 1);
  int input = (int)call4(SYS_openat, AT_HERE, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
  /* Out of the way of the numbers that are given out. */
  long far_error = call3(SYS_fcntl, error, F_DUPFD_CLOEXEC, 100);
  call3(SYS_dup3, input, 0, 0);
  call3(SYS_dup3, writes[0], 1, 0);
  call3(SYS_dup3, writes[1], 2, 0);
  if (with_log && writes[2] == log_descriptor) call3(SYS_fcntl, log_descriptor, F_SETFD, 0);
  else if (with_log) call3(SYS_dup3, writes[2], log_descriptor, 0);
  call4(SYS_rt_sigprocmask, 2, &no_signals, 0, 8);
  if (result >= 0) result = call1(SYS_chdir, directory);
  if (result == 0) result = call3(SYS_execve, file, argv, envp);
  int number = (int)-result;
  call3(SYS_write, far_error, &number, sizeof number);
  leave(127);
}

static long make_pipes(int (*pipes)[2], int count) {
  for (int i = 0; i < count; i++) {
    long result = call2(SYS_pipe2, pipes[i], O_CLOEXEC);
    if (result < 0) {
      while (i-- > 0) close_fd(&pipes[i][0]), close_fd(&pipes[i][1]);
      return result;
    }
  }
  return 0;
}

static void start(u32 id, char *from, char *end, char **lists) {
  u32 head[3];
  __builtin_memcpy(head, from, sizeof head);
  from += sizeof head;
  char *file = from;
  from += length_of(file) + 1;
  char *directory = from;
  from += length_of(directory) + 1;
  char **argv = lists;
  char **envp = strings_of(&from, end, head[1], argv);
  strings_of(&from, end, head[2], envp);
  int with_log = head[0] & 1;
  int gated = head[0] & 2;

  struct program *place = 0;
  for (int i = 0; i < most_programs && !place; i++)
    if (!programs[i].pid) place = &programs[i];
  int pipes[5][2]; /* stdout, stderr, log, gate, error */
  long result = place ? make_pipes(pipes, 5) : -EAGAIN;
  if (result < 0) {
    answer_with('E', id, -result);
    return;
  }
  int writes[3] = {pipes[0][1], pipes[1][1], pipes[2][1]};
  long pid = call5(SYS_clone, child_signal, 0, 0, 0, 0);
  if (pid == 0) {
    close_fd(&pipes[3][1]);
    run_program(gated ? pipes[3][0] : -1, pipes[4][1], writes, with_log, file, directory, argv, envp);
  }
  for (int i = 0; i < 3; i++) close_fd(&pipes[i][1]);
  close_fd(&pipes[3][0]);
  close_fd(&pipes[4][1]);
  if (!with_log || pid < 0) close_fd(&pipes[2][0]);
  if (pid < 0) {
    for (int i = 0; i < 2; i++) close_fd(&pipes[i][0]);
    close_fd(&pipes[3][1]);
    close_fd(&pipes[4][0]);
    answer_with('E', id, -pid);
    return;
  }
  *place = (struct program){id, (int)pid, pipes[3][1], pipes[4][0], {pipes[0][0], pipes[1][0], pipes[2][0]}};
  lend(1);
  if (with_log)
    answer_with('F', id, pid, pipes[0][0], pipes[1][0], pipes[2][0]);
  else
    answer_with('F', id, pid, pipes[0][0], pipes[1][0]);
}

/* The host has our ends of the pipes now, and the program stands where it shall run. */
static void go(u32 id) {
  struct program *program = find(id);
  if (!program) return;
  for (int i = 0; i < 3; i++) close_fd(&program->reads[i]);
  int waiting = 0;
  for (int i = 0; i < most_programs; i++) waiting += programs[i].pid && programs[i].reads[0] >= 0;
  if (!waiting) lend(0);
  if (program->gate >= 0) call3(SYS_write, program->gate, "", 1);
  close_fd(&program->gate);
}

/* The error pipe spoke: the program runs (its end was closed by the execution), or could not be executed. */
static int tell_start(struct program *program) {
  int number = 0;
  long got = call3(SYS_read, program->error, &number, sizeof number);
  close_fd(&program->error);
  if (got == sizeof number) {
    answer_with('E', program->id, number);
    program->id = 0;
    return 0;
  }
  answer_with('S', program->id);
  return 1;
}

static void collect(void) {
  for (;;) {
    int status = 0;
    long pid = call4(SYS_wait4, -1, &status, 1 /* WNOHANG */, 0);
    if (pid == -ECHILD && ending) {
      u32 id = ending;
      ending = 0;
      answer_with('K', id);
    }
    if (pid <= 0) return;
    for (int i = 0; i < most_programs; i++) {
      struct program *program = &programs[i];
      if (program->pid != pid) continue;
      if (program->error >= 0) tell_start(program);
      if (program->id) answer_with('X', program->id, status);
      for (int r = 0; r < 3; r++) close_fd(&program->reads[r]);
      close_fd(&program->gate);
      program->pid = 0;
    }
  }
}

static void look_at(u32 id, const char *path) {
  /* Opened as a path only: neither rights to read nor a device's driver come into it. */
  long fd = call4(SYS_openat, AT_HERE, path, O_PATH | O_CLOEXEC, 0);
  if (fd < 0) {
    answer_with('Q', id, 0);
    return;
  }
  call1(SYS_close, fd);
  fd = call4(SYS_openat, AT_HERE, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  answer_with('Q', id, fd < 0 ? 1 : 2);
  if (fd >= 0) call1(SYS_close, fd);
}

static long hand_over(u32 id, int fd, int datagrams) {
  char stream_text[] = "{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Native\",\"msg\":0000000000}\n";
  char datagram_text[] = "{\"cmd\":\"NODE_HANDLE\",\"type\":\"dgram.Native\",\"msg\":0000000000}\n";
  char *text = datagrams ? datagram_text : stream_text;
  size_t length = datagrams ? sizeof datagram_text : sizeof stream_text;
  /* The id is padded on the left with spaces, which JSON allows. */
  char *digit = text + length - 4;
  for (int i = 0; i < 10; i++) {
    *digit-- = id || i == 0 ? (char)('0' + id % 10) : ' ';
    id /= 10;
  }
  struct {
    size_t length;
    int level;
    int type;
    int fd;
    int padding;
  } control = {sizeof(size_t) + 3 * sizeof(int), 1 /* SOL_SOCKET */, 1 /* SCM_RIGHTS */, fd, 0};
  struct {
    void *base;
    size_t length;
  } part = {text, length - 1};
  struct {
    void *name;
    u32 name_length;
    void *parts;
    size_t part_count;
    void *control;
    size_t control_length;
    int flags;
  } message = {0, 0, &part, 1, &control, sizeof control, 0};
  return call3(SYS_sendmsg, 3, &message, 0x4000 /* MSG_NOSIGNAL */);
}

/* A socket belongs to the network it was made in, whoever uses it afterwards. */
static void make_socket(u32 id, char letter, u32 port) {
  int datagrams = letter == 'D';
  struct {
    unsigned short family;
    unsigned short port;
    u8 address[4];
    u8 zero[8];
  } here = {2, (unsigned short)(port << 8 | port >> 8), {127, 0, 0, 1}, {0}};
  long fd = call3(SYS_socket, 2, (datagrams ? 2 : 1) | O_NONBLOCK | O_CLOEXEC, 0);
  long result = fd;
  if (fd >= 0 && letter != 'C') {
    int yes = 1;
    call5(SYS_setsockopt, fd, 1, 2 /* SO_REUSEADDR */, &yes, sizeof yes);
    result = call3(SYS_bind, fd, &here, sizeof here);
    if (result == 0 && !datagrams) result = call2(SYS_listen, fd, 511);
  }
  if (result >= 0) result = hand_over(id, (int)fd, datagrams);
  if (fd >= 0) call1(SYS_close, fd);
  if (result < 0) answer_with('H', id, -result);
}

static void end_all(u32 id) {
  ending = id;
  /* From pid 1 this means every other process of the namespace, those included that are just being forked. */
  call2(SYS_kill, -1, kill_signal);
  answer_with('k', id);
  collect();
}

static void take_order(void) {
  u32 length;
  read_fully(0, &length, sizeof length);
  if (length < 5 || length > largest_order) leave(71);
  /* Room for the lists of pointers too: no string is shorter than its terminator. */
  u64 size = (u64)length + 16 + ((u64)length + 8) * sizeof(char *);
  char *memory = (char *)call6(SYS_mmap, 0, size, 3 /* read, write */, 0x22 /* private, anonymous */, -1, 0);
  if ((u64)memory > -4096UL) leave(72);
  char **lists = (char **)memory;
  char *order = memory + ((u64)length + 8) * sizeof(char *);
  read_fully(0, order, length);
  u32 id;
  u32 number = 0;
  __builtin_memcpy(&id, order + 1, sizeof id);
  if (length >= 9) __builtin_memcpy(&number, order + 5, sizeof number);
  switch (order[0]) {
    case 'S': start(id, order + 5, order + length, lists); break;
    case 'G': go(id); break;
    case 'Q': look_at(id, order + 5); break;
    case 'L':
    case 'C':
    case 'D': make_socket(id, order[0], number); break;
    case 'K': end_all(id); break;
    case 'T': call2(SYS_kill, -1, number); break;
    default: leave(73);
  }
  call2(SYS_munmap, memory, size);
}

static void drop_channel_input(void) {
  char bytes[256];
  long got = call3(SYS_read, 3, bytes, sizeof bytes);
  if (got == 0) leave(0);
}

static void see_cpus(long first, long count) {
  u64 mask[16] = {0};
  for (long cpu = first; cpu < first + count && cpu < 1024; cpu++) mask[cpu / 64] |= 1UL << (cpu % 64);
  if (count > 0) call3(SYS_sched_setaffinity, 0, sizeof mask, mask);
}

static void serve(void) {
  for (;;) {
    struct poll_entry watched[3 + most_programs] = {{0, 1, 0}, {children_pipe, 1, 0}, {3, 1, 0}};
    int count = 3;
    for (int i = 0; i < most_programs; i++)
      if (programs[i].pid && programs[i].error >= 0) watched[count++] = (struct poll_entry){programs[i].error, 1, 0};
    call5(SYS_ppoll, watched, count, 0, 0, 8);
    for (int w = 3; w < count; w++)
      for (int i = 0; watched[w].revents && i < most_programs; i++)
        if (programs[i].pid && programs[i].error == watched[w].fd) {
          tell_start(&programs[i]);
          break;
        }
    if (watched[1].revents) {
      char bytes[128];
      call3(SYS_read, children_pipe, bytes, sizeof bytes);
      collect();
    }
    if (watched[2].revents) drop_channel_input();
    if (watched[0].revents) take_order();
  }
}

static void run(long argc, char **argv) {
  if (argc > 1 && same(argv[1], "setup")) {
    set_up(argv[2]);
    argv += 2;
    argc -= 2;
  }
  if (argc > 3) {
    see_cpus(number_of(argv[1]), number_of(argv[2]));
    entrances = (int)number_of(argv[3]);
    lends = argc > 4 && number_of(argv[4]);
  }
  /* What the host's own parents left open by mistake shall not be found here. */
  if (call3(SYS_close_range, first_entrance + entrances, ~0u, 0) < 0)
    for (int fd = first_entrance + entrances; fd < 4096; fd++) call1(SYS_close, fd);
  /* Nobody of the same user may look into us, trace us or take our descriptors. */
  call5(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
  long result = call5(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (result == 0) result = install_filter();
  if (result < 0) fail("installing the system call filter", result);
  u64 children = 1UL << (child_signal - 1);
  call4(SYS_rt_sigprocmask, 0, &children, 0, 8);
  children_pipe = (int)call4(SYS_signalfd4, -1, &children, 8, O_CLOEXEC);
  for (int fd = 0; fd < first_entrance + entrances; fd++) call3(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
  answer_with('R', 0);
  serve();
}

__attribute__((used)) void begin(long *stack) {
  run(stack[0], (char **)(stack + 1));
  leave(0);
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call begin\n");
#else
__asm__(".globl _start\n_start:\n  mov x29, #0\n  mov x30, #0\n  mov x0, sp\n  bl begin\n");
#endif

void *memcpy(void *to, const void *from, size_t length) {
  for (size_t i = 0; i < length; i++) ((volatile char *)to)[i] = ((const char *)from)[i];
  return to;
}

void *memset(void *to, int byte, size_t length) {
  for (size_t i = 0; i < length; i++) ((volatile char *)to)[i] = (char)byte;
  return to;
}
