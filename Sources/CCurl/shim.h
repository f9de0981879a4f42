// The part of libcurl that Transport uses: typed wrappers for its variadic functions, which Swift cannot call.
#ifndef NEXO_CCURL_SHIM_H
#define NEXO_CCURL_SHIM_H

#include <curl/curl.h>

// CURLOPT_PROTOCOLS_STR is of 7.85.0, CURLOPT_QUICK_EXIT of 7.87.0.
#if LIBCURL_VERSION_NUM < 0x075700
#error "Transport needs libcurl 7.87.0 or later"
#endif

typedef size_t (*nexo_curl_receiver)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode nexo_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode nexo_curl_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode nexo_curl_set_headers(CURL *easy, struct curl_slist *headers) {
  return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}
// The buffer has CURL_ERROR_SIZE bytes and outlives the handle.
static inline CURLcode nexo_curl_set_error_buffer(CURL *easy, char *buffer) {
  return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, buffer);
}
static inline CURLcode nexo_curl_set_body_receiver(CURL *easy, nexo_curl_receiver receiver, void *context) {
  CURLcode result = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receiver);
  return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}
static inline CURLcode nexo_curl_set_header_receiver(CURL *easy, nexo_curl_receiver receiver, void *context) {
  CURLcode result = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receiver);
  return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
}
// What a receiver returns to refuse a call: libcurl ends the transfer with CURLE_WRITE_ERROR on any other count than
// the one offered.
static inline size_t nexo_curl_refused(size_t offered) { return offered == 0 ? 1 : 0; }

// 0 when libcurl does not know.
static inline long nexo_curl_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}
static inline curl_off_t nexo_curl_get_offset(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

#endif
