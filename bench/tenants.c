// The tenants of a measured tree: sleepers that hold a little memory, and a hog that takes all there is.
// Usage: tenants sleep MIB PROCS_FILE…   one sleeper in each memcg; all die on SIGTERM or when standard input ends
//        tenants hog MAX_MIB PROCS_FILE  prints the hog's last progress and its death in CLOCK_MONOTONIC ns
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (1L << 20)
#define PAGE 4096L
#define MAX_SLEEPERS 256

// Interrupts what we wait in, so that we end our children ourselves and leave no zombies to a lazy init.
static void on_stop(int signal) { (void)signal; }

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

// A child that dies with us, already in the memcg before it takes any memory; 0 in the child.
static pid_t fork_into(const char *procs_file) {
  pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int fd = open(procs_file, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "0", 1) != 1) fail(procs_file);
  close(fd);
  return 0;
}

// Touches page by page from user space (only user page faults wait in an OOM) and notes the time of each.
static void take(long bytes, volatile uint64_t *progress_ns) {
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  madvise(memory, bytes, MADV_NOHUGEPAGE);
  for (long offset = 0; offset < bytes; offset += PAGE) {
    memory[offset] = 1;
    *progress_ns = now_ns();
  }
}

static int sleepers(long bytes, char **procs_files) {
  static volatile uint64_t ignored_ns;
  static pid_t pids[MAX_SLEEPERS];
  int count = 0;
  for (; *procs_files && count < MAX_SLEEPERS; procs_files++) {
    if ((pids[count++] = fork_into(*procs_files)) > 0) continue;
    take(bytes, &ignored_ns);
    puts("asleep");
    fflush(stdout);
    for (;;) pause();
  }
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {}
  for (int i = 0; i < count; i++) kill(pids[i], SIGKILL);
  for (int i = 0; i < count; i++) waitpid(pids[i], NULL, 0);
  return 0;
}

// The page that both sides see is touched before the fork, so that it is never charged to the hog's memcg.
static int hog(long max_bytes, const char *procs_file) {
  int status;
  volatile uint64_t *progress_ns = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (progress_ns == MAP_FAILED) fail("mmap");
  *progress_ns = 0;
  pid_t pid = fork_into(procs_file);
  if (pid == 0) {
    take(max_bytes, progress_ns);
    _exit(3);
  }
  if (waitpid(pid, &status, 0) != pid) {
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
  }
  uint64_t death_ns = now_ns();
  printf("{\"pid\":%d,\"stallNs\":%llu,\"deathNs\":%llu,\"signal\":%d}\n", pid, (unsigned long long)*progress_ns,
         (unsigned long long)death_ns, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  return 0;
}

int main(int argc, char **argv) {
  struct sigaction stop = {.sa_handler = on_stop};
  sigaction(SIGTERM, &stop, NULL);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (argc >= 4 && strcmp(argv[1], "sleep") == 0) return sleepers(atol(argv[2]) * MIB, argv + 3);
  if (argc == 4 && strcmp(argv[1], "hog") == 0) return hog(atol(argv[2]) * MIB, argv[3]);
  fprintf(stderr, "usage: tenants sleep MIB PROCS_FILE... | tenants hog MAX_MIB PROCS_FILE\n");
  return 2;
}
