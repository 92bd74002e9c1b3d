/* SPDX-License-Identifier: Apache-2.0 */
#include "http/retry.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include "http/transport.h"

#define FIRST_STEP_MS 100
#define STEP_MAX_MS 2000

static const long statuses[] = { 408, 429, 500, 502, 503, 504 };

static const enum mh_reason reasons[] = { MH_R_CONNECT, MH_R_TRANSPORT };

void retry_begin(struct retry *retry, unsigned timeout_ms)
{
	retry->started_ms = transport_now_ms();
	retry->deadline_ms = retry->started_ms + timeout_ms;
	retry->attempts = 0;
}

bool retry_helps_status(long status)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i] == status)
			return true;
	}
	return false;
}

bool retry_helps_reason(enum mh_reason reason)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i] == reason)
			return true;
	}
	return false;
}

/* "Full jitter": anything up to the step, so that many clients, turned away together, do not come back together. */
static int64_t jittered_step(unsigned attempts)
{
	unsigned step = FIRST_STEP_MS, i;
	uint32_t random;

	for (i = 1; i < attempts && step < STEP_MAX_MS; i++)
		step *= 2;
	if (step > STEP_MAX_MS)
		step = STEP_MAX_MS;
	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return step;
	return 1 + (int64_t)(random % step);
}

mh_result retry_delay(const struct retry *retry, long retry_after_ms, int64_t *delay_ms, struct mh_error *error)
{
	int64_t left_ms = retry->deadline_ms - transport_now_ms();

	*delay_ms = retry_after_ms >= 0 ? retry_after_ms : jittered_step(retry->attempts);
	if (*delay_ms < left_ms)
		return MH_SUCCESS;
	if (retry_after_ms >= 0)
		mh_error_append(error, "; the service asks to wait %ld ms, longer than the %lld ms left of the timeout",
		                retry_after_ms, (long long)(left_ms > 0 ? left_ms : 0));
	return MH_FAILURE;
}

void retry_sleep(int64_t delay_ms)
{
	int64_t until_ms = transport_now_ms() + delay_ms;
	struct timespec until = { .tv_sec = (time_t)(until_ms / 1000), .tv_nsec = (long)(until_ms % 1000) * 1000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

void retry_describe(const struct retry *retry, struct mh_error *error)
{
	if (retry->attempts > 1)
		mh_error_append(error, "; tried %u times in %lld ms", retry->attempts,
		                (long long)(transport_now_ms() - retry->started_ms));
}
