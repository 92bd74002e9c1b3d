/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The channels of one transport: idle ones kept for the next request, a bound on how many are in use, and a queue for
 * whoever comes when all are. After a fork the child starts with none.
 * Thread-safe. All but pool_init() are called inside an openssl_guard.
 */
#ifndef MH_HTTP_POOL_H
#define MH_HTTP_POOL_H

#include "http/channel.h"
#include "http/process.h"

struct pool_waiter;

struct pool {
	const struct channel_options *options;
	struct channel **idle; /* a stack: the last one given back is on top */
	unsigned idle_count;
	unsigned in_use;
	unsigned max_connections;
	unsigned generation; /* process_generation() that the members belong to */
	struct pool_waiter *first_waiter, *last_waiter;
	bool curl_started; /* process.c's */
};

/* options are borrowed. */
mh_result pool_init(struct pool *pool, const struct channel_options *options, unsigned max_connections,
                    struct mh_error *error) MH_MUST_CHECK;

/* No channel may be in use. */
void pool_free(struct pool *pool);

/* Takes the most recently used idle channel, or a new one, or waits for one until deadline_ms; who came first is served
 * first. MH_R_TIMEOUT, MH_R_MEMORY or MH_R_INTERNAL. */
mh_result pool_take(struct pool *pool, int64_t deadline_ms, struct channel **channel,
                    struct mh_error *error) MH_MUST_CHECK;

/* Gives a channel back, in whatever state its connection is. */
void pool_give(struct pool *pool, struct channel *channel);

#endif
