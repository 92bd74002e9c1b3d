// SPDX-License-Identifier: Apache-2.0
// From method and path to the operation, the name and version of a key or certificate, and the handler.
#ifndef EMULATOR_ROUTER_H
#define EMULATOR_ROUTER_H
#include "handlers.h"

// Sets operation, name and version. NULL, with the answer set, when the URL leads nowhere.
handler *route(struct request *request, const char *path);
#endif
