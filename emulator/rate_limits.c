// SPDX-License-Identifier: Apache-2.0
// Token buckets of one second per kind of key, for --limit.
#include "rate_limits.h"

#include "errors.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
	const char *name;
	enum key_type type;
	unsigned bits;
	const char *curve;
} kinds[] = {
	{ "rsa2048", KEY_RSA, 2048, NULL }, { "rsa3072", KEY_RSA, 3072, NULL }, { "rsa4096", KEY_RSA, 4096, NULL },
	{ "p256", KEY_EC, 256, "P-256" },   { "p256k", KEY_EC, 256, "P-256K" }, { "p384", KEY_EC, 384, "P-384" },
	{ "p521", KEY_EC, 521, "P-521" },   { "aes128", KEY_OCT, 128, NULL },   { "aes192", KEY_OCT, 192, NULL },
	{ "aes256", KEY_OCT, 256, NULL },
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

struct bucket {
	double rate, left; // rate 0: no limit
	struct timespec at;
};

struct rate_limits {
	pthread_mutex_t lock;
	struct bucket buckets[KIND_COUNT];
	bool any;
};

struct rate_limits *rate_limits_new(void)
{
	struct rate_limits *limits = calloc(1, sizeof(*limits));

	if (limits)
		pthread_mutex_init(&limits->lock, NULL);
	return limits;
}

void rate_limits_free(struct rate_limits *limits)
{
	if (limits)
		pthread_mutex_destroy(&limits->lock);
	free(limits);
}

bool rate_limits_add(struct rate_limits *limits, const char *text)
{
	const char *equals = strchr(text, '=');
	char *end = NULL;
	unsigned long rate = equals ? strtoul(equals + 1, &end, 10) : 0;

	if (rate == 0 || *end)
		return false;
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (strlen(kinds[i].name) != (size_t)(equals - text) ||
		    strncmp(kinds[i].name, text, strlen(kinds[i].name)) != 0)
			continue;
		limits->buckets[i].rate = limits->buckets[i].left = (double)rate;
		clock_gettime(CLOCK_MONOTONIC, &limits->buckets[i].at);
		limits->any = true;
		return true;
	}
	return false;
}

static bool draw(struct rate_limits *limits, size_t kind)
{
	struct bucket *bucket = &limits->buckets[kind];
	struct timespec now;
	bool good;

	pthread_mutex_lock(&limits->lock);
	clock_gettime(CLOCK_MONOTONIC, &now);
	bucket->left += bucket->rate *
	                ((double)(now.tv_sec - bucket->at.tv_sec) + (double)(now.tv_nsec - bucket->at.tv_nsec) / 1e9);
	if (bucket->left > bucket->rate)
		bucket->left = bucket->rate;
	bucket->at = now;
	good = bucket->left >= 1;
	if (good)
		bucket->left -= 1;
	pthread_mutex_unlock(&limits->lock);
	return good;
}

static size_t kind_of(const struct key_material *material)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (kinds[i].type == material->type && kinds[i].bits == material->bits &&
		    (!kinds[i].curve || strcmp(kinds[i].curve, material->curve->name) == 0))
			return i;
	return KIND_COUNT;
}

bool rate_limits_allow(struct rate_limits *limits, struct request *request)
{
	size_t kind = KIND_COUNT;
	struct key *key;

	if (!limits->any || (request->operation != OPERATION_SIGN && request->operation != OPERATION_DECRYPT &&
	                     request->operation != OPERATION_UNWRAP))
		return true;
	key = key_store_acquire(request->store, KEY_LIVE, request->name, false);
	if (key)
		kind = kind_of(key_find_version(key, NULL)->material);
	key_store_unlock(request->store);
	if (kind == KIND_COUNT || limits->buckets[kind].rate == 0 || draw(limits, kind))
		return true;
	fail(request, ERROR_THROTTLED, NULL, NULL, NULL);
	return false;
}
