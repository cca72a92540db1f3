// The yardstick: the work of badnessd's hot path in C, for one parent memcg with sibling memcgs whose badness is equal.
// Usage: handler MOUNT_POINT MEMCG. Says "ready" once armed; gives the memcg back to the kernel's killer on SIGTERM.
#include "reads.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#ifndef SYS_process_mrelease
#define SYS_process_mrelease 448
#endif
#define MAX_CHILDREN 256
#define MIB (1L << 20)

struct child {
  char name[NAME_MAX + 1];
  int usage_fd;
  long usage;
};

static const char *memcg;
static struct child children[MAX_CHILDREN];
static int child_count, oom_fd, usage_fd;
static long limit_bytes;
static volatile sig_atomic_t stopping;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void on_stop(int signal) {
  (void)signal;
  stopping = 1;
}

static int under_oom(void) {
  char text[128];
  read_at(oom_fd, text, sizeof text);
  const char *line = strstr(text, "under_oom ");
  return line && line[10] == '1';
}

static void set_kill_disable(const char *value) {
  if (write(oom_fd, value, 1) != 1) perror("memory.oom_control");
}

static void open_children(void) {
  DIR *directory = opendir(parent);
  if (!directory) fail(parent);
  for (struct dirent *entry; (entry = readdir(directory)) && child_count < MAX_CHILDREN;) {
    if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
    struct child *child = &children[child_count++];
    strcpy(child->name, entry->d_name);
    child->usage_fd = open_in(child->name, "memory.usage_in_bytes", O_RDONLY);
    if (child->usage_fd < 0) fail(child->name);
  }
  closedir(directory);
}

static int listen_for_oom(void) {
  char line[64];
  int event_fd = eventfd(0, EFD_CLOEXEC);
  int control_fd = open_in("", "cgroup.event_control", O_WRONLY);
  int length = snprintf(line, sizeof line, "%d %d", event_fd, oom_fd);
  if (write(control_fd, line, length) != length) fail("cgroup.event_control");
  close(control_fd);
  return event_fd;
}

static int by_usage(const void *left, const void *right) {
  const struct child *a = left, *b = right;
  return (a->usage < b->usage) - (a->usage > b->usage);
}

// Usage bounds RSS from above, so memory.stat is read only while a larger RSS is still possible.
static const struct child *largest_child(long *rss_bytes) {
  const struct child *largest = NULL;
  for (int i = 0; i < child_count; i++) children[i].usage = read_number(children[i].usage_fd);
  qsort(children, child_count, sizeof *children, by_usage);
  *rss_bytes = 0;
  for (int i = 0; i < child_count && children[i].usage > *rss_bytes; i++) {
    long rss = total_rss(children[i].name);
    if (rss <= *rss_bytes) continue;
    *rss_bytes = rss;
    largest = &children[i];
  }
  return largest;
}

static int largest_task(const char *child, struct task *largest) {
  char text[65536], *rest;
  largest->rss_bytes = -1;
  read_once(open_in(child, "cgroup.procs", O_RDONLY), text, sizeof text);
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    struct task task;
    if (!read_task(atoi(line), &task) || is_protected(task.pid)) continue;
    if (task.rss_bytes > largest->rss_bytes) *largest = task;
  }
  return largest->rss_bytes >= 0;
}

static int choose(struct task *victim) {
  long rss_bytes;
  struct task beside;
  const struct child *child = largest_child(&rss_bytes);
  int found = largest_task("", &beside);
  if (child && (!found || rss_bytes > beside.rss_bytes)) return largest_task(child->name, victim);
  *victim = beside;
  return found;
}

// Still the process that was chosen, still below the parent, and the memory still short.
static int is_still_due(const struct task *victim) {
  struct task now;
  char memcgs[4096];
  if (!read_task(victim->pid, &now) || now.start_time != victim->start_time) return 0;
  read_proc(victim->pid, "cgroup", memcgs, sizeof memcgs);
  const char *place = strstr(memcgs, ":memory:");
  if (!place || strncmp(place + 8, memcg, strlen(memcg)) != 0) return 0;
  return under_oom() && read_number(usage_fd) >= limit_bytes - MIB;
}

static void kill_task(const struct task *victim) {
  int pidfd = syscall(SYS_pidfd_open, victim->pid, 0);
  if (pidfd < 0) return;
  if (is_still_due(victim) && syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) == 0) {
    setpriority(PRIO_PROCESS, victim->pid, -20);
    while (syscall(SYS_process_mrelease, pidfd, 0) < 0 && errno == EAGAIN) {}
    struct pollfd death = {.fd = pidfd, .events = POLLIN};
    poll(&death, 1, 1000);
  }
  close(pidfd);
}

static void serve(int event_fd) {
  uint64_t count;
  while (!stopping) {
    struct task victim;
    if (under_oom() && choose(&victim))
      kill_task(&victim);
    else if (read(event_fd, &count, sizeof count) < 0 && errno != EINTR)
      fail("eventfd");
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: handler MOUNT_POINT MEMCG\n"), 2;
  memcg = argv[2];
  snprintf(parent, sizeof parent, "%s%s", argv[1], memcg);
  struct sigaction stop = {.sa_handler = on_stop};
  sigaction(SIGTERM, &stop, NULL);
  sigaction(SIGINT, &stop, NULL);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  oom_fd = open_in("", "memory.oom_control", O_RDWR);
  usage_fd = open_in("", "memory.usage_in_bytes", O_RDONLY);
  if (oom_fd < 0 || usage_fd < 0) fail(parent);
  int limit_fd = open_in("", "memory.limit_in_bytes", O_RDONLY);
  limit_bytes = read_number(limit_fd);
  close(limit_fd);
  open_children();
  int event_fd = listen_for_oom();
  set_kill_disable("1");
  puts("ready");
  fflush(stdout);
  serve(event_fd);
  set_kill_disable("0");
  return 0;
}
