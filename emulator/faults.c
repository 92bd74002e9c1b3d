// SPDX-License-Identifier: Apache-2.0
// The fault in force, and how many requests it still applies to.
#include "faults.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct faults {
	pthread_mutex_t lock;
	struct fault in_force;
};

static const struct {
	const char *name;
	size_t offset;
} flags[] = {
	{ "reset", offsetof(struct fault, reset) },
	{ "truncate", offsetof(struct fault, truncate) },
	{ "garbage", offsetof(struct fault, garbage) },
	{ "huge", offsetof(struct fault, huge) },
	{ "slow_body", offsetof(struct fault, slow_body) },
	{ "flip_signature", offsetof(struct fault, flip_signature) },
};

static bool parse_flag(struct fault *fault, const char *name, const json_t *value)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(flags[i].name, name) != 0 || !json_is_boolean(value))
			continue;
		*(bool *)((char *)fault + flags[i].offset) = json_is_true(value);
		return true;
	}
	return false;
}

static bool parse_member(struct fault *fault, const char *name, const json_t *value)
{
	json_int_t number = json_integer_value(value);

	if (strcmp(name, "operation") == 0 && json_is_string(value)) {
		fault->operation = operation_by_name(json_string_value(value));
		return fault->operation != OPERATION_COUNT;
	}
	if (!json_is_integer(value))
		return parse_flag(fault, name, value);
	if (strcmp(name, "latency_ms") == 0 && number >= 0 && number <= 3600000)
		fault->latency_ms = (unsigned)number;
	else if (strcmp(name, "status") == 0 && number >= 200 && number <= 599)
		fault->status = (unsigned)number;
	else if (strcmp(name, "retry_after") == 0 && number >= 0 && number <= 86400)
		fault->retry_after = (long)number;
	else if (strcmp(name, "count") == 0 && number >= 1 && number <= 1000000000)
		fault->count = (long)number;
	else
		return false;
	return true;
}

bool fault_parse(json_t *body, struct fault *fault, const char **bad)
{
	const char *name;
	json_t *value;

	*fault = (struct fault){ .active = true, .retry_after = -1, .operation = OPERATION_COUNT, .count = -1 };
	*bad = "body";
	if (!json_is_object(body))
		return false;
	json_object_foreach(body, name, value)
	{
		*bad = name;
		if (!parse_member(fault, name, value))
			return false;
	}
	return true;
}

struct faults *faults_new(void)
{
	struct faults *faults = calloc(1, sizeof(*faults));

	if (faults)
		pthread_mutex_init(&faults->lock, NULL);
	return faults;
}

void faults_free(struct faults *faults)
{
	if (faults)
		pthread_mutex_destroy(&faults->lock);
	free(faults);
}

void faults_set(struct faults *faults, const struct fault *fault)
{
	pthread_mutex_lock(&faults->lock);
	faults->in_force = *fault;
	pthread_mutex_unlock(&faults->lock);
}

void faults_clear(struct faults *faults)
{
	faults_set(faults, &(struct fault){ .active = false });
}

struct fault faults_take(struct faults *faults, enum operation operation)
{
	struct fault *in_force = &faults->in_force;
	struct fault taken = { .active = false };

	pthread_mutex_lock(&faults->lock);
	if (in_force->active && (in_force->operation == OPERATION_COUNT || in_force->operation == operation)) {
		taken = *in_force;
		if (in_force->count > 0 && --in_force->count == 0)
			in_force->active = false;
	}
	pthread_mutex_unlock(&faults->lock);
	return taken;
}
