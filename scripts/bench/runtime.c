// A Lambda Runtime API for measuring, on loopback.
//
//   runtime cold ROUNDS EVENT PROGRAM…          one process after the other, each round in an order of its own
//   runtime warm KIND EVENTS EVENT PROGRAM…     all processes at once, asked in turn
//
// KIND is new, unchanged or changed: what the events make of the user. EVENT is a file in which {SUB}
// and {EMAIL} stand for the user. Output is one line of tab-separated figures for each program:
//
//   cold: program, exec to first next, exec to first answer, CPU time of the process (medians, ms)
//   warm: program, p50, p99 and maximum (µs), CPU time per event (µs), peak resident memory (kB),
//         events per second
//
// A time runs from the last byte of the event sent to the last byte of the answer received. One process,
// and no work between the two.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { block = 50, warm_up = 200, limit = 1 << 20 };

typedef struct {
  const char *path;
  pid_t process;
  int listener, connection;
  double *samples[3];
  int count;
} Program;

extern char **environ;
static char template[limit], event[limit], response[limit + 1024], request[2 * limit];
static unsigned long long user;

static void die(const char *what) {
  fprintf(stderr, "runtime: %s\n", what);
  exit(1);
}

static double milliseconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static int compare(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

static double quantile(double *values, int count, double part) {
  qsort(values, count, sizeof *values, compare);
  int index = (int)(count * part);
  return values[index < count ? index : count - 1];
}

// Puts the user and the e-mail address into the template.
static void make_event(unsigned long long sub, unsigned long long email) {
  char *out = event;
  for (const char *in = template; *in;) {
    if (strncmp(in, "{SUB}", 5) == 0) {
      out += sprintf(out, "%08llx-0000-4000-8000-%012llx", sub >> 24 & 0xffffffff, sub);
      in += 5;
    } else if (strncmp(in, "{EMAIL}", 7) == 0) {
      out += sprintf(out, "user%llu@example.com", email);
      in += 7;
    } else {
      *out++ = *in++;
    }
  }
  *out = 0;
}

static void start(Program *program) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (!program->listener) {
    program->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(program->listener, (void *)&address, length) || listen(program->listener, 8))
      die("no port to listen on");
  }
  getsockname(program->listener, (void *)&address, &length);
  char endpoint[64];
  snprintf(endpoint, sizeof endpoint, "127.0.0.1:%d", ntohs(address.sin_port));
  setenv("AWS_LAMBDA_RUNTIME_API", endpoint, 1);
  char *arguments[] = {(char *)program->path, NULL};
  if (posix_spawn(&program->process, program->path, NULL, NULL, arguments, environ)) die(program->path);
}

static void stop(Program *program, struct rusage *usage) {
  int status;
  kill(program->process, SIGKILL);
  wait4(program->process, &status, 0, usage);
  close(program->connection);
  program->connection = 0;
}

// Reads one whole request: its head, and the body that Content-Length announces. A client may open a
// connection for each request.
static void read_request(Program *program) {
  size_t size = 0, body = 0;
  char *end = NULL;
  while (!end || size < (size_t)(end + 4 - request) + body) {
    struct pollfd wait = {program->connection ? program->connection : program->listener, POLLIN, 0};
    if (poll(&wait, 1, 30000) != 1) die(program->path);
    if (!program->connection) {
      int yes = 1;
      program->connection = accept4(program->listener, NULL, NULL, SOCK_CLOEXEC);
      setsockopt(program->connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      continue;
    }
    ssize_t count = read(program->connection, request + size, sizeof request - size - 1);
    if (count <= 0) {
      if (size) die(program->path);
      close(program->connection);
      program->connection = 0;
      continue;
    }
    size += count;
    request[size] = 0;
    if (!end && (end = strstr(request, "\r\n\r\n"))) {
      char *length = strcasestr(request, "\r\ncontent-length:");
      body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    }
  }
}

static void reply(Program *program, const char *bytes, size_t size) {
  while (size) {
    ssize_t count = write(program->connection, bytes, size);
    if (count <= 0) die(program->path);
    bytes += count;
    size -= count;
  }
}

static void send_event(Program *program) {
  size_t size = strlen(event);
  int head = snprintf(response, 1024,
                      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                      "Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
                      "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:1:function:f\r\n"
                      "Lambda-Runtime-Deadline-Ms: %lld\r\n\r\n",
                      size, (long long)milliseconds(CLOCK_REALTIME) + 5000);
  memcpy(response + head, event, size);
  reply(program, response, head + size);
}

static void take_answer(Program *program) {
  static const char accepted[] =
      "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n"
      "{\"status\":\"OK\"}\n";
  if (!strstr(request, "/response ")) die("a program answered with an error");
  reply(program, accepted, sizeof accepted - 1);
}

// Always in the same order, one program would start after that which leaves the caches coldest.
static void shuffle(int *order, int count) {
  for (int last = count - 1; last > 0; last--) {
    int other = rand() % (last + 1), taken = order[last];
    order[last] = order[other];
    order[other] = taken;
  }
}

static void run_cold(int rounds, Program *programs, int count) {
  make_event(1, 1);
  int *order = calloc(count, sizeof *order);
  for (int p = 0; p < count; p++) order[p] = p;
  for (int round = 0; round < rounds; round++) {
    shuffle(order, count);
    for (int p = 0; p < count; p++) {
      Program *program = &programs[order[p]];
      struct rusage usage;
      double begin = milliseconds(CLOCK_MONOTONIC);
      start(program);
      read_request(program);
      program->samples[0][round] = milliseconds(CLOCK_MONOTONIC) - begin;
      send_event(program);
      read_request(program);
      program->samples[1][round] = milliseconds(CLOCK_MONOTONIC) - begin;
      take_answer(program);
      stop(program, &usage);
      program->samples[2][round] = usage.ru_utime.tv_sec * 1e3 + usage.ru_utime.tv_usec / 1e3 +
                                   usage.ru_stime.tv_sec * 1e3 + usage.ru_stime.tv_usec / 1e3;
    }
  }
  for (Program *program = programs; program < programs + count; program++)
    printf("%s\t%.3f\t%.3f\t%.3f\n", program->path, quantile(program->samples[0], rounds, 0.5),
           quantile(program->samples[1], rounds, 0.5), quantile(program->samples[2], rounds, 0.5));
}

// The CPU time that the process has had, all its threads together, in microseconds.
static double cpu_microseconds(pid_t process) {
  clockid_t clock;
  if (clock_getcpuclockid(process, &clock)) die("no clock of the process");
  return milliseconds(clock) * 1e3;
}

static long peak_kilobytes(pid_t process) {
  char path[64], line[256];
  long peak = 0;
  snprintf(path, sizeof path, "/proc/%d/status", process);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file)) sscanf(line, "VmHWM: %ld", &peak);
  if (file) fclose(file);
  return peak;
}

// One event of the kind through the program. - Returns: milliseconds.
static double play(Program *program, const char *kind) {
  if (*kind != 'u') user++;
  make_event(*kind == 'n' ? user : 7, *kind == 'c' ? user : 7);
  send_event(program);
  double begin = milliseconds(CLOCK_MONOTONIC);
  read_request(program);
  double elapsed = milliseconds(CLOCK_MONOTONIC) - begin;
  take_answer(program);
  read_request(program);
  return elapsed;
}

static void run_warm(const char *kind, int events, Program *programs, int count) {
  // Users that no earlier run has had.
  user = (unsigned long long)milliseconds(CLOCK_REALTIME) << 4;
  for (Program *program = programs; program < programs + count; program++) {
    start(program);
    read_request(program);
    for (int i = 0; i < warm_up; i++) play(program, kind);
  }
  double *cpu = calloc(count, sizeof *cpu), *wall = calloc(count, sizeof *wall);
  for (int done = 0; done < events; done += block)
    for (int p = 0; p < count; p++) {
      double before = cpu_microseconds(programs[p].process), begin = milliseconds(CLOCK_MONOTONIC);
      for (int i = 0; i < block && done + i < events; i++)
        programs[p].samples[0][programs[p].count++] = play(&programs[p], kind) * 1e3;
      cpu[p] += cpu_microseconds(programs[p].process) - before;
      wall[p] += milliseconds(CLOCK_MONOTONIC) - begin;
    }
  for (int p = 0; p < count; p++) {
    Program *program = &programs[p];
    long peak = peak_kilobytes(program->process);
    struct rusage usage;
    stop(program, &usage);
    printf("%s\t%.1f\t%.1f\t%.1f\t%.1f\t%ld\t%.0f\n", program->path,
           quantile(program->samples[0], events, 0.5), quantile(program->samples[0], events, 0.99),
           quantile(program->samples[0], events, 1), cpu[p] / events, peak, events / wall[p] * 1e3);
  }
}

int main(int count, char **arguments) {
  int is_cold = count > 4 && strcmp(arguments[1], "cold") == 0;
  int is_warm = count > 5 && strcmp(arguments[1], "warm") == 0;
  if (!is_cold && !is_warm) die("usage: runtime cold ROUNDS EVENT PROGRAM… | warm KIND EVENTS EVENT PROGRAM…");
  int first = is_cold ? 4 : 5, samples = atoi(arguments[is_cold ? 2 : 3]);
  FILE *file = fopen(arguments[first - 1], "r");
  if (!file || samples < 1 || !fread(template, 1, limit / 2, file)) die("no such event, or no rounds");
  Program *programs = calloc(count - first, sizeof *programs);
  for (int p = 0; p < count - first; p++) {
    programs[p].path = arguments[first + p];
    for (int kind = 0; kind < 3; kind++) programs[p].samples[kind] = calloc(samples, sizeof(double));
  }
  if (is_cold) run_cold(samples, programs, count - first);
  if (is_warm) run_warm(arguments[2], samples, programs, count - first);
}
