// SPDX-License-Identifier: Apache-2.0
// The bearer token of a request.
#ifndef EMULATOR_TOKEN_H
#define EMULATOR_TOKEN_H
#include "request.h"

// Compares the Authorization header (NULL when absent) with the one token that is good. Sets a 401 on failure.
bool token_check(struct request *request, const char *authorization, const char *expected);
#endif
