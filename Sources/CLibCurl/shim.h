#ifndef POOLTABLE_CLIBCURL_H
#define POOLTABLE_CLIBCURL_H

#include <curl/curl.h>

// Swift cannot call variadic C functions: one typed function for every kind of argument.

typedef size_t (*pooltable_curl_data_callback)(char *data, size_t size, size_t count, void *context);

static inline CURLcode pooltable_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode pooltable_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode pooltable_curl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode pooltable_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode pooltable_curl_set_callback(CURL *handle, CURLoption option,
                                                   pooltable_curl_data_callback value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode pooltable_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

// Macros with casts, which Swift does not see.

static inline const curl_version_info_data *pooltable_curl_version(void) {
  return curl_version_info(CURLVERSION_NOW);
}

static inline CURLcode pooltable_curl_set_default_auth(CURL *handle) {
  return curl_easy_setopt(handle, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
}

#endif
