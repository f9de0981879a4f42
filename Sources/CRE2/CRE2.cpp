#include "CRE2.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

struct cre2_pattern {
  RE2 expression;

  cre2_pattern(const re2::StringPiece &text, const RE2::Options &options) : expression(text, options) {}
};

namespace {

void tell(const std::string &text, char *reason, size_t capacity) noexcept {
  if (capacity == 0) return;
  const size_t count = std::min(text.size(), capacity - 1);
  std::copy_n(text.data(), count, reason);
  reason[count] = '\0';
}

}  // namespace

// No exception may cross into Swift, which knows none: bad_alloc is the one to expect.

cre2_pattern *cre2_compile(const char *pattern, size_t length, size_t max_memory, char *reason, size_t capacity) {
  if (capacity > 0) reason[0] = '\0';
  try {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(static_cast<int64_t>(max_memory));
    auto compiled = std::make_unique<cre2_pattern>(re2::StringPiece(pattern, length), options);
    if (!compiled->expression.ok()) {
      tell(compiled->expression.error(), reason, capacity);
      return nullptr;
    }
    // RE2 builds the backward program when a search first wants it. Here it is built at once, so that a lack of memory
    // shows as a bad pattern and not as an odd search later.
    if (compiled->expression.ReverseProgramSize() < 0) {
      tell("pattern too large - reverse compile failed", reason, capacity);
      return nullptr;
    }
    return compiled.release();
  } catch (...) {
    try {
      tell("out of memory", reason, capacity);
    } catch (...) {
    }
    return nullptr;
  }
}

bool cre2_search(const cre2_pattern *pattern, const char *text, size_t length) {
  try {
    return RE2::PartialMatch(re2::StringPiece(text, length), pattern->expression);
  } catch (...) {
    return false;
  }
}

void cre2_free(cre2_pattern *pattern) { delete pattern; }
