// SPDX-License-Identifier: Apache-2.0
// The emulator's own interface under /emulator/: statistics and faults, for loopback peers only.
#ifndef EMULATOR_ADMIN_H
#define EMULATOR_ADMIN_H
#include "exchange.h"

#include <microhttpd.h>

bool admin_path(const char *path);
enum MHD_Result admin_handle(const struct emulator *emulator, struct MHD_Connection *connection, const char *method,
                             const char *path, const char *body, size_t length);
#endif
