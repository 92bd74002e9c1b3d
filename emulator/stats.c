// SPDX-License-Identifier: Apache-2.0
// Counters for tests that must know how many connections and requests something cost.
#include "stats.h"

#include <jansson.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	json_int_t connections, requests, operations[OPERATION_COUNT];
} counts;

void stats_count(enum operation operation, bool *connection_counted)
{
	pthread_mutex_lock(&lock);
	counts.requests++;
	counts.operations[operation]++;
	if (!*connection_counted)
		counts.connections++;
	*connection_counted = true;
	pthread_mutex_unlock(&lock);
}

void stats_reset(void)
{
	pthread_mutex_lock(&lock);
	counts.connections = counts.requests = 0;
	for (int i = 0; i < OPERATION_COUNT; i++)
		counts.operations[i] = 0;
	pthread_mutex_unlock(&lock);
}

char *stats_text(void)
{
	json_t *operations = json_object();
	json_t *shown;
	char *text;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < OPERATION_COUNT; i++)
		json_object_set_new(operations, operation_names[i], json_integer(counts.operations[i]));
	shown = json_pack("{s:I, s:I, s:o}", "connections", counts.connections, "requests", counts.requests, "operations",
	                  operations);
	pthread_mutex_unlock(&lock);
	text = json_dumps(shown, JSON_COMPACT);
	json_decref(shown);
	return text;
}
