/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When to try an operation again, and when: exponential steps with full jitter, or what the service asked for,
 * never past the operation's deadline. The only place where an operation sleeps. Inside http/ only.
 */
#ifndef MH_HTTP_RETRY_H
#define MH_HTTP_RETRY_H

#include <stdint.h>

#include "base/error.h"

struct retry {
	int64_t started_ms; /* transport_now_ms()'s clock, like deadline_ms */
	int64_t deadline_ms;
	unsigned attempts; /* begun so far */
};

void retry_begin(struct retry *retry, unsigned timeout_ms);

/* Whether the same request may go better a moment later. */
bool retry_helps_status(long status);
bool retry_helps_reason(enum mh_reason reason);

/* How long to wait before the next attempt: retry_after_ms if that is not -1, else the next step. Fails without
 * waiting when the next attempt would begin at the deadline or later; *error, which holds the last attempt's
 * failure, is told so. */
mh_result retry_delay(const struct retry *retry, long retry_after_ms, int64_t *delay_ms,
                      struct mh_error *error) MH_MUST_CHECK;

void retry_sleep(int64_t delay_ms);

/* Appends how often it was tried, if more than once. */
void retry_describe(const struct retry *retry, struct mh_error *error);

#endif
