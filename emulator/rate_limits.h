// SPDX-License-Identifier: Apache-2.0
// Rates that an emulated HSM keeps below, as the real ones do.
#ifndef EMULATOR_RATE_LIMITS_H
#define EMULATOR_RATE_LIMITS_H
#include "request.h"

// "rsa2048=900": at most so many private operations a second with keys of that kind. False when it is no limit.
bool rate_limits_add(const char *text);
// False, with 429 answered, when the request's key has used up its rate. The key is looked up under the store's lock.
bool rate_limits_allow(struct request *request);
#endif
