// Reading what the kernel says about memcgs and processes, one small file at a time.
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct task {
  int pid;
  unsigned long long start_time;
  long rss_bytes;
};

static char parent[PATH_MAX];

static int open_in(const char *child, const char *file, int flags) {
  char path[2 * PATH_MAX];
  snprintf(path, sizeof path, "%s/%s/%s", parent, child, file);
  return open(path, flags | O_CLOEXEC);
}

// The number of bytes read; the text ends in 0. A file that is gone reads as empty.
static ssize_t read_at(int fd, char *text, size_t size) {
  ssize_t length = pread(fd, text, size - 1, 0);
  text[length > 0 ? length : 0] = 0;
  return length;
}

static ssize_t read_once(int fd, char *text, size_t size) {
  text[0] = 0;
  if (fd < 0) return -1;
  ssize_t length = read_at(fd, text, size);
  close(fd);
  return length;
}

static ssize_t read_proc(int pid, const char *file, char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
  return read_once(open(path, O_RDONLY | O_CLOEXEC), text, size);
}

static long read_number(int fd) {
  char text[32];
  read_at(fd, text, sizeof text);
  return atol(text);
}

static long total_rss(const char *child) {
  char text[4096];
  read_once(open_in(child, "memory.stat", O_RDONLY), text, sizeof text);
  const char *line = strstr(text, "\ntotal_rss ");
  return line ? atol(line + 11) : 0;
}

// State, start time and RSS; the command name may hold blanks and parentheses, so fields count from the last ')'.
static int read_task(int pid, struct task *task) {
  char text[1024], state;
  if (read_proc(pid, "stat", text, sizeof text) <= 0) return 0;
  const char *fields = strrchr(text, ')');
  if (!fields) return 0;
  int found = sscanf(fields + 2,
                     "%c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu %*s %ld", &state,
                     &task->start_time, &task->rss_bytes);
  task->pid = pid;
  task->rss_bytes *= sysconf(_SC_PAGESIZE);
  return found == 3 && state != 'Z' && state != 'X';
}

static int is_protected(int pid) {
  char text[16];
  return read_proc(pid, "oom_score_adj", text, sizeof text) <= 0 || atoi(text) == -1000;
}
