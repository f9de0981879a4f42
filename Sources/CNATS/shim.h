// nats.c, which has no pkg-config file.
#ifndef NEXO_CNATS_H
#define NEXO_CNATS_H

#include <nats/nats.h>

#endif
