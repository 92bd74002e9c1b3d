/* SPDX-License-Identifier: Apache-2.0 */
#include "http/process.h"

#include <stdatomic.h>
#include <time.h>

#include <curl/curl.h>

static struct {
	pthread_once_t once;
	pthread_mutex_t pools;
	pthread_mutex_t library; /* libcurl's start and stop; apart from pools because it is held while libcurl works */
	atomic_uint generation;
	bool fork_is_seen;
	struct process_remains *remains;
} process = { .once = PTHREAD_ONCE_INIT, .pools = PTHREAD_MUTEX_INITIALIZER, .library = PTHREAD_MUTEX_INITIALIZER };

static void before_fork(void)
{
	pthread_mutex_lock(&process.library);
	pthread_mutex_lock(&process.pools);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&process.pools);
	pthread_mutex_unlock(&process.library);
}

static void after_fork_in_child(void)
{
	atomic_fetch_add(&process.generation, 1);
	after_fork();
}

static void watch_fork(void)
{
	process.fork_is_seen = pthread_atfork(before_fork, after_fork, after_fork_in_child) == 0;
}

void process_lock(void)
{
	pthread_once(&process.once, watch_fork);
	pthread_mutex_lock(&process.pools);
}

void process_unlock(void)
{
	pthread_mutex_unlock(&process.pools);
}

bool process_wait(pthread_cond_t *condition, int64_t deadline_ms)
{
	struct timespec until = { .tv_sec = (time_t)(deadline_ms / 1000),
		                  .tv_nsec = (long)(deadline_ms % 1000) * 1000000 };

	return pthread_cond_timedwait(condition, &process.pools, &until) == 0;
}

unsigned process_generation(void)
{
	return atomic_load(&process.generation);
}

mh_result process_start_curl(bool *started, struct mh_error *error)
{
	mh_result result = MH_SUCCESS;

	pthread_once(&process.once, watch_fork);
	if (!process.fork_is_seen)
		return mh_fail(error, MH_R_MEMORY, "pthread_atfork() failed");
	pthread_mutex_lock(&process.library);
	if (!*started) {
		if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
			*started = true;
		else
			result = mh_fail(error, MH_R_INTERNAL, "libcurl could not be started (curl_global_init)");
	}
	pthread_mutex_unlock(&process.library);
	return result;
}

void process_stop_curl(bool *started)
{
	pthread_mutex_lock(&process.library);
	if (*started)
		curl_global_cleanup();
	*started = false;
	pthread_mutex_unlock(&process.library);
}

void process_keep(struct process_remains *remains)
{
	process_lock();
	remains->next = process.remains;
	process.remains = remains;
	process_unlock();
}
