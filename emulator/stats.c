// SPDX-License-Identifier: Apache-2.0
// Counters for tests that must know how many connections and requests something cost.
#include "stats.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

struct stats {
	pthread_mutex_t lock;
	json_int_t connections, requests, operations[OPERATION_COUNT];
};

struct stats *stats_new(void)
{
	struct stats *stats = calloc(1, sizeof(*stats));

	if (stats)
		pthread_mutex_init(&stats->lock, NULL);
	return stats;
}

void stats_free(struct stats *stats)
{
	if (stats)
		pthread_mutex_destroy(&stats->lock);
	free(stats);
}

void stats_count(struct stats *stats, enum operation operation, bool *connection_counted)
{
	pthread_mutex_lock(&stats->lock);
	stats->requests++;
	stats->operations[operation]++;
	if (!*connection_counted)
		stats->connections++;
	*connection_counted = true;
	pthread_mutex_unlock(&stats->lock);
}

void stats_reset(struct stats *stats)
{
	pthread_mutex_lock(&stats->lock);
	stats->connections = stats->requests = 0;
	for (int i = 0; i < OPERATION_COUNT; i++)
		stats->operations[i] = 0;
	pthread_mutex_unlock(&stats->lock);
}

char *stats_text(struct stats *stats)
{
	json_t *operations = json_object();
	json_t *shown;
	char *text;

	pthread_mutex_lock(&stats->lock);
	for (int i = 0; i < OPERATION_COUNT; i++)
		json_object_set_new(operations, operation_names[i], json_integer(stats->operations[i]));
	shown = json_pack("{s:I, s:I, s:o}", "connections", stats->connections, "requests", stats->requests,
	                  "operations", operations);
	pthread_mutex_unlock(&stats->lock);
	text = json_dumps(shown, JSON_COMPACT);
	json_decref(shown);
	return text;
}
