// SPDX-License-Identifier: Apache-2.0
// What was asked of the emulator since the last reset. Threads may call everything here at once.
#ifndef EMULATOR_STATS_H
#define EMULATOR_STATS_H
#include "operations.h"

#include <stdbool.h>

// Once per request that is not for the emulator itself. *connection_counted belongs to the connection and starts false.
void stats_count(enum operation operation, bool *connection_counted);
void stats_reset(void);
// {"connections":N,"requests":N,"operations":{...}}; the caller frees.
char *stats_text(void);
#endif
