// libarchive, of which the decompressor alone is used.
#ifndef NEXO_CARCHIVE_H
#define NEXO_CARCHIVE_H

#include <archive.h>

#endif
