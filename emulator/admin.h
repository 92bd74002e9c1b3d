// SPDX-License-Identifier: Apache-2.0
// The emulator's own interface under /emulator/: statistics and faults, for loopback peers only.
#ifndef EMULATOR_ADMIN_H
#define EMULATOR_ADMIN_H
#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

bool admin_path(const char *path);
enum MHD_Result admin_handle(struct MHD_Connection *connection, const char *method, const char *path, const char *body,
                             size_t length);
#endif
