// What Linux has and the Swift overlay of Glibc does not show.
#ifndef NEXO_CLINUX_H
#define NEXO_CLINUX_H

#include <sys/syscall.h>
#include <unistd.h>

#define NEXO_RENAME_NOREPLACE 1u
#define NEXO_RENAME_EXCHANGE 2u

// -1 with errno, as renameat2(2).
static inline int nexo_renameat2(int from, const char *old_name, int to, const char *new_name, unsigned int flags) {
  return (int)syscall(SYS_renameat2, from, old_name, to, new_name, flags);
}

// -1 with errno, as syncfs(2): everything of one file system, which costs less than a call for each of ten thousand files.
static inline int nexo_syncfs(int descriptor) { return (int)syscall(SYS_syncfs, descriptor); }

#endif
