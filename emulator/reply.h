// SPDX-License-Identifier: Apache-2.0
// Sends an answer: the headers of the service, and what a fault does to the bytes.
#ifndef EMULATOR_REPLY_H
#define EMULATOR_REPLY_H
#include "exchange.h"

#include <microhttpd.h>

enum MHD_Result reply_send(struct MHD_Connection *connection, const struct emulator *emulator, struct request *request,
                           const struct fault *fault, long latency_ms);
#endif
