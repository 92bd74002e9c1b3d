// SPDX-License-Identifier: Apache-2.0
// Rates that an emulated HSM keeps below, as the real ones do. Threads may use one object at once, after it was filled.
#ifndef EMULATOR_RATE_LIMITS_H
#define EMULATOR_RATE_LIMITS_H
#include "request.h"

struct rate_limits;

// NULL without memory.
struct rate_limits *rate_limits_new(void);
void rate_limits_free(struct rate_limits *limits);
// "rsa2048=900": at most so many private operations a second with keys of that kind. False when it is no limit.
bool rate_limits_add(struct rate_limits *limits, const char *text);
// False, with 429 answered, when the request's key has used up its rate.
bool rate_limits_allow(struct rate_limits *limits, struct request *request);
#endif
