// The floor: the shortest C program that does bootstrap's job with the same libraries and the same SQL
// function. It checks nothing, retries nothing and has no deadline: what remains is what must be.
#include <curl/curl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const sync_statement =
    "SELECT cognito.sync_user($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9, $10, NULL, NULL, $11, NULL, $12, NULL)";
static const char *const resolve_statement =
    "SELECT answer, error_state, error_message FROM cognito.resolve_requests($1::jsonb)";

static char event[8 << 20], request_id[128];
static size_t event_size;

static size_t receive_body(char *data, size_t size, size_t count, void *unused) {
  (void)unused;
  if (event_size + size * count >= sizeof event) return 0;
  memcpy(event + event_size, data, size * count);
  event_size += size * count;
  return size * count;
}

static size_t receive_header(char *data, size_t size, size_t count, void *unused) {
  static const char name[] = "Lambda-Runtime-Aws-Request-Id: ";
  (void)unused;
  if (size * count > sizeof name && strncasecmp(data, name, sizeof name - 1) == 0)
    sscanf(data + sizeof name - 1, "%127[^\r\n]", request_id);
  return size * count;
}

// The string after "KEY": in the event, up to its closing quote; NULL where there is none.
static const char *member(const char *key, char *value, size_t size) {
  char pattern[64];
  snprintf(pattern, sizeof pattern, "\"%s\":\"", key);
  const char *start = strstr(event, pattern);
  if (!start) return NULL;
  start += strlen(pattern);
  const char *end = strchr(start, '"');
  if (!end || (size_t)(end - start) >= size) return NULL;
  memcpy(value, start, end - start);
  value[end - start] = 0;
  return value;
}

static PGconn *connect_to_database(void) {
  PGconn *connection = PQconnectStart(getenv("DATABASE_URL"));
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
    struct pollfd wait = {PQsocket(connection), status == PGRES_POLLING_READING ? POLLIN : POLLOUT, 0};
    poll(&wait, 1, 1500);
    status = PQconnectPoll(connection);
  }
  return connection;
}

static void sync_user(PGconn *connection) {
  static char values[6][2100], attributes[1 << 16], now[40];
  const char *start = strstr(event, "\"userAttributes\":{");
  if (!start) return;
  start += strlen("\"userAttributes\":");
  const char *end = strchr(start, '}');
  if (!end || (size_t)(end - start) + 2 > sizeof attributes) return;
  memcpy(attributes, start, end - start + 1);
  attributes[end - start + 1] = 0;
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  size_t length = strftime(now, sizeof now, "%FT%T", gmtime(&time.tv_sec));
  snprintf(now + length, sizeof now - length, ".%06ldZ", time.tv_nsec / 1000);
  const char *parameters[12] = {
      member("userPoolId", values[0], sizeof values[0]),
      member("sub", values[1], sizeof values[1]),
      member("userName", values[2], sizeof values[2]),
      member("email", values[3], sizeof values[3]),
      member("email_verified", values[4], sizeof values[4]),
      NULL, NULL,
      member("cognito:user_status", values[5], sizeof values[5]),
      attributes, NULL, NULL, now};
  PQclear(PQexecParams(connection, sync_statement, 12, NULL, parameters, NULL, NULL, 0));
}

// The value of AppSync's field goes nowhere: the echo of the event stands for the answer.
static void resolve(PGconn *connection) {
  static char values[2][200], requests[1 << 16];
  const char *claims = strstr(event, "\"claims\":{");
  if (!claims) return;
  claims += strlen("\"claims\":");
  const char *end = strchr(claims, '}');
  if (!end || end - claims > 1 << 15) return;
  snprintf(requests, sizeof requests,
           "[{\"arguments\":{},\"claims\":%.*s,\"field\":\"%s\",\"parent_type\":\"%s\",\"source\":null}]",
           (int)(end + 1 - claims), claims, member("fieldName", values[0], sizeof values[0]),
           member("parentTypeName", values[1], sizeof values[1]));
  const char *parameters[1] = {requests};
  PQclear(PQexecParams(connection, resolve_statement, 1, NULL, parameters, NULL, NULL, 0));
}

int main(void) {
  curl_global_init(CURL_GLOBAL_NOTHING);
  CURL *handle = curl_easy_init();
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, receive_header);
  struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  PGconn *connection = connect_to_database();

  char base[200], url[400];
  snprintf(base, sizeof base, "http://%s/2018-06-01/runtime/invocation/", getenv("AWS_LAMBDA_RUNTIME_API"));
  for (;;) {
    event_size = 0;
    snprintf(url, sizeof url, "%snext", base);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    if (curl_easy_perform(handle)) return 1;
    event[event_size] = 0;
    if (strstr(event, "\"PostAuthentication_") || strstr(event, "\"PostConfirmation_")) sync_user(connection);
    if (strstr(event, "\"parentTypeName\"")) resolve(connection);
    size_t size = event_size;
    snprintf(url, sizeof url, "%s%s/response", base, request_id);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, (long)size);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, event);
    event_size = size;
    // The acknowledgement's body goes behind the event, which is sent by then.
    if (curl_easy_perform(handle)) return 1;
  }
}
