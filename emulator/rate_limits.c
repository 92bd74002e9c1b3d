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

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	double rate, left; // rate 0: no limit
	struct timespec at;
} buckets[KIND_COUNT];
static bool any;

bool rate_limits_add(const char *text)
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
		buckets[i].rate = buckets[i].left = (double)rate;
		clock_gettime(CLOCK_MONOTONIC, &buckets[i].at);
		any = true;
		return true;
	}
	return false;
}

static bool draw(size_t kind)
{
	struct timespec now;
	bool good;

	clock_gettime(CLOCK_MONOTONIC, &now);
	pthread_mutex_lock(&lock);
	buckets[kind].left += buckets[kind].rate * ((double)(now.tv_sec - buckets[kind].at.tv_sec) +
	                                            (double)(now.tv_nsec - buckets[kind].at.tv_nsec) / 1e9);
	if (buckets[kind].left > buckets[kind].rate)
		buckets[kind].left = buckets[kind].rate;
	buckets[kind].at = now;
	good = buckets[kind].left >= 1;
	if (good)
		buckets[kind].left -= 1;
	pthread_mutex_unlock(&lock);
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

bool rate_limits_allow(struct request *request)
{
	size_t kind = KIND_COUNT;
	struct key *key;

	if (!any || (request->operation != OPERATION_SIGN && request->operation != OPERATION_DECRYPT &&
	             request->operation != OPERATION_UNWRAP))
		return true;
	key = key_store_acquire(request->store, KEY_LIVE, request->name, false);
	if (key)
		kind = kind_of(key_find_version(key, NULL)->material);
	key_store_unlock(request->store);
	if (kind == KIND_COUNT || buckets[kind].rate == 0 || draw(kind))
		return true;
	fail(request, ERROR_THROTTLED, NULL, NULL, NULL);
	return false;
}
