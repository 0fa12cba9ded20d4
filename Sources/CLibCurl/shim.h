#ifndef CLIBCURL_SHIM_H
#define CLIBCURL_SHIM_H

#include <curl/curl.h>

// Swift cannot call variadic C functions: one typed function for every kind of argument.

typedef size_t (*clibcurl_data_callback)(char *data, size_t size, size_t count, void *context);

static inline CURLcode clibcurl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode clibcurl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode clibcurl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode clibcurl_set_pointer(CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode clibcurl_set_callback(CURL *handle, CURLoption option,
                                                   clibcurl_data_callback value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode clibcurl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

// Macros with casts, which Swift does not see.

static inline const curl_version_info_data *clibcurl_version(void) {
  return curl_version_info(CURLVERSION_NOW);
}

static inline CURLcode clibcurl_set_default_auth(CURL *handle) {
  return curl_easy_setopt(handle, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
}

#endif
