/* SPDX-License-Identifier: Apache-2.0 */
#include "http/pool.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A channel that was not needed for so long has no usable connection any more; only its memory is left to win. */
#define STALE_MS 120000

/* On the waiting thread's stack, in the pool's queue, guarded by process_lock(). */
struct pool_waiter {
	struct pool_waiter *next;
	pthread_cond_t served;
	bool is_served;
	struct channel *channel; /* NULL when served: the right to open a new one */
};

mh_result pool_init(struct pool *pool, const struct channel_options *options, unsigned max_connections,
                    struct mh_error *error)
{
	*pool = (struct pool){ .options = options, .max_connections = max_connections };
	pool->idle = calloc(max_connections, sizeof(struct channel *));
	if (pool->idle == NULL)
		return mh_fail(error, MH_R_MEMORY, "no memory for %u connections", max_connections);
	return MH_SUCCESS;
}

static void disown_all(struct channel *list)
{
	struct channel *next;

	for (; list != NULL; list = next) {
		next = list->next;
		channel_disown(list);
	}
}

/* Called locked. In a new child: empties the pool and returns what the parent had idle. Channels that were in use
 * belong to threads that do not exist here; they are left as they are. */
static struct channel *enter_process(struct pool *pool)
{
	struct channel *list = NULL;

	if (pool->generation == process_generation())
		return NULL;
	pool->generation = process_generation();
	while (pool->idle_count > 0) {
		struct channel *channel = pool->idle[--pool->idle_count];

		channel->next = list;
		list = channel;
	}
	pool->in_use = 0;
	pool->first_waiter = pool->last_waiter = NULL;
	return list;
}

void pool_free(struct pool *pool)
{
	struct channel *inherited;
	unsigned i;

	process_lock();
	inherited = enter_process(pool);
	process_unlock();
	disown_all(inherited);
	for (i = 0; i < pool->idle_count; i++)
		channel_free(pool->idle[i]);
	free(pool->idle);
	process_stop_curl(&pool->curl_started);
	*pool = (struct pool){ 0 };
}

/* Called locked. Serves the first in the queue with a channel, or with the right to open one (NULL). */
static bool serve_waiter(struct pool *pool, struct channel *channel)
{
	struct pool_waiter *waiter = pool->first_waiter;

	if (waiter == NULL)
		return false;
	pool->first_waiter = waiter->next;
	if (pool->first_waiter == NULL)
		pool->last_waiter = NULL;
	waiter->channel = channel;
	waiter->is_served = true;
	pthread_cond_signal(&waiter->served);
	return true;
}

/* Called locked. */
static void leave_queue(struct pool *pool, struct pool_waiter *leaving)
{
	struct pool_waiter *before = NULL, *waiter;

	for (waiter = pool->first_waiter; waiter != NULL && waiter != leaving; waiter = waiter->next)
		before = waiter;
	if (waiter == NULL)
		return;
	if (before == NULL)
		pool->first_waiter = leaving->next;
	else
		before->next = leaving->next;
	if (pool->last_waiter == leaving)
		pool->last_waiter = before;
}

static bool init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;
	bool ok;

	if (pthread_condattr_init(&attributes) != 0)
		return false;
	ok = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
	     pthread_cond_init(condition, &attributes) == 0;
	pthread_condattr_destroy(&attributes);
	return ok;
}

/* Called locked. Served, *channel may still be NULL: open one. */
static mh_result wait_in_queue(struct pool *pool, int64_t deadline_ms, struct channel **channel, struct mh_error *error)
{
	struct pool_waiter waiter = { 0 };
	bool in_time = true;

	if (!init_condition(&waiter.served))
		return mh_fail(error, MH_R_MEMORY, "no memory to wait for a connection");
	if (pool->last_waiter == NULL)
		pool->first_waiter = &waiter;
	else
		pool->last_waiter->next = &waiter;
	pool->last_waiter = &waiter;
	while (!waiter.is_served && in_time)
		in_time = process_wait(&waiter.served, deadline_ms);
	if (!waiter.is_served)
		leave_queue(pool, &waiter);
	pthread_cond_destroy(&waiter.served);
	*channel = waiter.channel;
	if (!waiter.is_served)
		return mh_fail(error, MH_R_TIMEOUT, "all %u connections were in use until the deadline",
		               pool->max_connections);
	return MH_SUCCESS;
}

/* Called locked. Ends one use: the place goes to the first in the queue, or is free. */
static void end_use(struct pool *pool)
{
	if (!serve_waiter(pool, NULL))
		pool->in_use--;
}

static mh_result open_channel(struct pool *pool, struct channel **channel, struct mh_error *error)
{
	mh_result result = process_start_curl(&pool->curl_started, error);

	if (result.ok) {
		*channel = channel_new(pool->options);
		if (*channel == NULL)
			result = mh_fail(error, MH_R_MEMORY,
			                 "no memory for a connection, or libcurl lacks a needed option");
	}
	if (!result.ok) {
		process_lock();
		end_use(pool);
		process_unlock();
	}
	return result;
}

mh_result pool_take(struct pool *pool, int64_t deadline_ms, struct channel **channel, struct mh_error *error)
{
	struct channel *inherited;
	mh_result result = MH_SUCCESS;

	*channel = NULL;
	process_lock();
	inherited = enter_process(pool);
	if (pool->idle_count > 0) {
		*channel = pool->idle[--pool->idle_count];
		pool->in_use++;
	} else if (pool->in_use < pool->max_connections) {
		pool->in_use++;
	} else {
		result = wait_in_queue(pool, deadline_ms, channel, error);
	}
	process_unlock();
	disown_all(inherited);
	if (result.ok && *channel == NULL)
		result = open_channel(pool, channel, error);
	return result;
}

/* Called locked. The idle channel that waited longest, if that is too long. */
static struct channel *remove_stale(struct pool *pool, int64_t now_ms)
{
	struct channel *oldest;

	if (pool->idle_count == 0 || now_ms - pool->idle[0]->idle_since_ms < STALE_MS)
		return NULL;
	oldest = pool->idle[0];
	pool->idle_count--;
	memmove(pool->idle, pool->idle + 1, pool->idle_count * sizeof(pool->idle[0]));
	return oldest;
}

void pool_give(struct pool *pool, struct channel *channel)
{
	struct channel *stale = NULL;

	if (channel->generation != process_generation()) { /* forked in the middle of a request */
		channel_disown(channel);
		return;
	}
	channel->idle_since_ms = transport_now_ms();
	process_lock();
	if (!serve_waiter(pool, channel)) {
		pool->in_use--;
		pool->idle[pool->idle_count++] = channel;
		stale = remove_stale(pool, channel->idle_since_ms);
	}
	process_unlock();
	if (stale != NULL)
		channel_free(stale);
}
