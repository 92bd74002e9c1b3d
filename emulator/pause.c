// SPDX-License-Identifier: Apache-2.0
// Delays of injected latency. Each connection has its own thread, so a pause holds nobody else.
#include "pause.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct pauses {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool ending;
};

struct pauses *pauses_new(void)
{
	struct pauses *pauses = calloc(1, sizeof(*pauses));

	if (!pauses)
		return NULL;
	pthread_mutex_init(&pauses->lock, NULL);
	pthread_cond_init(&pauses->ended, NULL);
	return pauses;
}

void pauses_free(struct pauses *pauses)
{
	if (!pauses)
		return;
	pthread_mutex_destroy(&pauses->lock);
	pthread_cond_destroy(&pauses->ended);
	free(pauses);
}

void pause_ms(struct pauses *pauses, unsigned milliseconds)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += milliseconds / 1000;
	until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&pauses->lock);
	while (!pauses->ending && pthread_cond_timedwait(&pauses->ended, &pauses->lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&pauses->lock);
}

void pauses_end(struct pauses *pauses)
{
	pthread_mutex_lock(&pauses->lock);
	pauses->ending = true;
	pthread_cond_broadcast(&pauses->ended);
	pthread_mutex_unlock(&pauses->lock);
}
