// SPDX-License-Identifier: Apache-2.0
// What was asked of the emulator since the last reset. Threads may use one object at once.
#ifndef EMULATOR_STATS_H
#define EMULATOR_STATS_H
#include "operations.h"

#include <stdbool.h>

struct stats;

// NULL without memory.
struct stats *stats_new(void);
void stats_free(struct stats *stats);
// Once per request that is not for the emulator itself. *connection_counted belongs to the connection and starts false.
void stats_count(struct stats *stats, enum operation operation, bool *connection_counted);
void stats_reset(struct stats *stats);
// {"connections":N,"requests":N,"operations":{...}}; the caller frees.
char *stats_text(struct stats *stats);
#endif
