#ifndef CRE2_H
#define CRE2_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled RE2 pattern. It never changes after `cre2_compile`; any number of threads may search with it at once.
typedef struct cre2_pattern cre2_pattern;

/// Compiles `length` bytes of UTF-8 with Go's rules: Perl classes, case-sensitive, `$` is the end of the text.
///
/// Null if the pattern is not valid or does not fit into `max_memory` bytes (program and automaton caches together);
/// then `reason` holds a text ended by NUL, cut at `capacity` bytes, which may quote the pattern.
cre2_pattern *_Nullable cre2_compile(
    const char *_Nonnull pattern, size_t length, size_t max_memory, char *_Nonnull reason, size_t capacity);

/// Whether the pattern matches anywhere in `length` bytes of UTF-8, NUL bytes included. Time is linear in `length`.
///
/// Running out of memory is "no match".
bool cre2_search(const cre2_pattern *_Nonnull pattern, const char *_Nonnull text, size_t length);

void cre2_free(cre2_pattern *_Nullable pattern);

#ifdef __cplusplus
}
#endif

#endif
