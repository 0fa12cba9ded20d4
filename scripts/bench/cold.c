// Measures cold starts: cold ROUNDS EVENT PROGRAM…
//
// Plays the Lambda Runtime API on loopback for one process at a time, in turn, and prints for each
// program the medians from exec to its first `next` and to its first answer, in milliseconds of wall
// time and of the process's own CPU time. One process and no work between: times are what they seem.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
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

extern char **environ;
static char event[1 << 20], buffer[2 << 20];
static size_t event_size;

static void die(const char *what) {
  fprintf(stderr, "cold: %s\n", what);
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

static double median(double *values, int count) {
  qsort(values, count, sizeof *values, compare);
  return values[count / 2];
}

// Reads one whole request: its head, and the body that Content-Length announces.
static void read_request(int connection, const char *program) {
  size_t size = 0, body = 0;
  char *end = NULL;
  while (!end || size < (size_t)(end + 4 - buffer) + body) {
    struct pollfd wait = {connection, POLLIN, 0};
    if (poll(&wait, 1, 20000) != 1) die(program);
    ssize_t count = read(connection, buffer + size, sizeof buffer - size - 1);
    if (count <= 0) die(program);
    size += count;
    buffer[size] = 0;
    if (!end && (end = strstr(buffer, "\r\n\r\n"))) {
      char *length = strcasestr(buffer, "\r\ncontent-length:");
      body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    }
  }
}

static void send_event(int connection) {
  static char response[sizeof event + 1024];
  long long deadline = (long long)milliseconds(CLOCK_REALTIME) + 5000;
  int head = snprintf(response, 1024,
                      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                      "Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
                      "Lambda-Runtime-Deadline-Ms: %lld\r\n\r\n",
                      event_size, deadline);
  memcpy(response + head, event, event_size);
  if (write(connection, response, head + event_size) < 0) die("the event was not taken");
}

int main(int count, char **arguments) {
  if (count < 4) die("usage: cold ROUNDS EVENT PROGRAM…");
  int rounds = atoi(arguments[1]), programs = count - 3;
  FILE *file = fopen(arguments[2], "r");
  if (!file || rounds < 1) die("no such event, or no rounds");
  event_size = fread(event, 1, sizeof event, file);

  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(listener, (void *)&address, length) || listen(listener, 8) ||
      getsockname(listener, (void *)&address, &length))
    die("no port to listen on");
  char endpoint[64];
  snprintf(endpoint, sizeof endpoint, "127.0.0.1:%d", ntohs(address.sin_port));
  setenv("AWS_LAMBDA_RUNTIME_API", endpoint, 1);

  double *figures = calloc((size_t)programs * 3 * rounds, sizeof *figures);
#define FIGURE(program, kind) (figures + ((size_t)(program) * 3 + (kind)) * rounds)
  for (int round = 0; round < rounds; round++)
    for (int program = 0; program < programs; program++) {
      char *path = arguments[3 + program], *own[] = {path, NULL};
      pid_t process;
      double start = milliseconds(CLOCK_MONOTONIC);
      if (posix_spawn(&process, path, NULL, NULL, own, environ)) die(path);
      struct pollfd wait = {listener, POLLIN, 0};
      if (poll(&wait, 1, 20000) != 1) die(path);
      int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC), yes = 1;
      setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      read_request(connection, path);
      FIGURE(program, 0)[round] = milliseconds(CLOCK_MONOTONIC) - start;
      send_event(connection);
      read_request(connection, path);
      FIGURE(program, 1)[round] = milliseconds(CLOCK_MONOTONIC) - start;
      if (!strstr(buffer, "/response ")) die("a program answered with an error");
      kill(process, SIGKILL);
      int status;
      struct rusage usage;
      wait4(process, &status, 0, &usage);
      FIGURE(program, 2)[round] = usage.ru_utime.tv_sec * 1e3 + usage.ru_utime.tv_usec / 1e3 +
                                  usage.ru_stime.tv_sec * 1e3 + usage.ru_stime.tv_usec / 1e3;
      close(connection);
    }
  for (int program = 0; program < programs; program++)
    printf("%s\t%.2f\t%.2f\t%.2f\n", arguments[3 + program], median(FIGURE(program, 0), rounds),
           median(FIGURE(program, 1), rounds), median(FIGURE(program, 2), rounds));
}
