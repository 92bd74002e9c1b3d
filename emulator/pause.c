// SPDX-License-Identifier: Apache-2.0
// Delays of injected latency. Each connection has its own thread, so a pause holds nobody else.
#include "pause.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static bool ending;

void pause_ms(unsigned milliseconds)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += milliseconds / 1000;
	until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&lock);
	while (!ending && pthread_cond_timedwait(&ended, &lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&lock);
}

void pause_end_all(void)
{
	pthread_mutex_lock(&lock);
	ending = true;
	pthread_cond_broadcast(&ended);
	pthread_mutex_unlock(&lock);
}
