// SPDX-License-Identifier: Apache-2.0
// Holds keys in two arrays sorted by name (live, deleted): lookups are a binary search and lists come out in order.
#include "key_store.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct key_list {
	struct key **keys;
	size_t count, room;
};

struct key_store {
	pthread_rwlock_t lock;
	struct key_list lists[2];
	char *directory;
	uint8_t backup_key[BACKUP_KEY_LENGTH];
	pthread_mutex_t seed_lock;
	pthread_cond_t seeded;
	unsigned seeding;
};

static void version_clear(struct key_version *version)
{
	key_material_free(version->material);
	json_decref(version->tags);
	json_decref(version->release_policy);
	certificate_free(version->certificate);
}

static void key_free(struct key *key)
{
	for (size_t i = 0; i < key->version_count; i++)
		version_clear(&key->versions[i]);
	free(key->versions);
	json_decref(key->rotation_policy);
	json_decref(key->policy);
	json_decref(key->pending);
	free(key);
}

struct key_store *key_store_new(const char *directory)
{
	struct key_store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	if (directory)
		store->directory = strdup(directory);
	if ((directory && !store->directory) || RAND_bytes(store->backup_key, sizeof(store->backup_key)) != 1) {
		free(store->directory);
		free(store);
		return NULL;
	}
	pthread_rwlock_init(&store->lock, NULL);
	pthread_mutex_init(&store->seed_lock, NULL);
	pthread_cond_init(&store->seeded, NULL);
	return store;
}

void key_store_free(struct key_store *store)
{
	if (!store)
		return;
	for (size_t place = 0; place < 2; place++) {
		for (size_t i = 0; i < store->lists[place].count; i++)
			key_free(store->lists[place].keys[i]);
		free(store->lists[place].keys);
	}
	pthread_rwlock_destroy(&store->lock);
	pthread_mutex_destroy(&store->seed_lock);
	pthread_cond_destroy(&store->seeded);
	OPENSSL_cleanse(store->backup_key, sizeof(store->backup_key));
	free(store->directory);
	free(store);
}

const char *key_store_directory(const struct key_store *store)
{
	return store->directory;
}

const uint8_t *key_store_backup_key(const struct key_store *store)
{
	return store->backup_key;
}

void key_store_set_backup_key(struct key_store *store, const uint8_t key[BACKUP_KEY_LENGTH])
{
	memcpy(store->backup_key, key, BACKUP_KEY_LENGTH);
}

void key_store_lock_shared(struct key_store *store)
{
	pthread_rwlock_rdlock(&store->lock);
}

void key_store_lock_exclusive(struct key_store *store)
{
	pthread_rwlock_wrlock(&store->lock);
}

void key_store_unlock(struct key_store *store)
{
	pthread_rwlock_unlock(&store->lock);
}

void key_store_seeding_begin(struct key_store *store)
{
	pthread_mutex_lock(&store->seed_lock);
	store->seeding++;
	pthread_mutex_unlock(&store->seed_lock);
}

void key_store_seeding_end(struct key_store *store)
{
	pthread_mutex_lock(&store->seed_lock);
	store->seeding--;
	pthread_cond_broadcast(&store->seeded);
	pthread_mutex_unlock(&store->seed_lock);
}

void key_store_wait_seeded(struct key_store *store)
{
	pthread_mutex_lock(&store->seed_lock);
	while (store->seeding > 0)
		pthread_cond_wait(&store->seeded, &store->seed_lock);
	pthread_mutex_unlock(&store->seed_lock);
}

// The index of the first key whose name is not before `name`.
static size_t position(const struct key_list *list, const char *name)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcasecmp(list->keys[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct key *key_store_find(struct key_store *store, enum key_place place, const char *name)
{
	const struct key_list *list = &store->lists[place];
	size_t at = position(list, name);

	if (at == list->count || strcasecmp(list->keys[at]->name, name) != 0)
		return NULL;
	return list->keys[at];
}

struct key *key_store_acquire(struct key_store *store, enum key_place place, const char *name, bool exclusive)
{
	void (*lock)(struct key_store *) = exclusive ? key_store_lock_exclusive : key_store_lock_shared;
	struct key *key;

	lock(store);
	key = key_store_find(store, place, name);
	if (key)
		return key;
	key_store_unlock(store);
	key_store_wait_seeded(store);
	lock(store);
	return key_store_find(store, place, name);
}

struct key *key_store_next(struct key_store *store, enum key_place place, const char *after)
{
	const struct key_list *list = &store->lists[place];
	size_t at = position(list, after);

	if (at < list->count && strcasecmp(list->keys[at]->name, after) == 0)
		at++;
	return at < list->count ? list->keys[at] : NULL;
}

static bool list_insert(struct key_list *list, struct key *key)
{
	size_t at = position(list, key->name);

	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 32;
		struct key **keys = realloc(list->keys, room * sizeof(struct key *));

		if (!keys)
			return false;
		list->keys = keys;
		list->room = room;
	}
	memmove(&list->keys[at + 1], &list->keys[at], (list->count - at) * sizeof(struct key *));
	list->keys[at] = key;
	list->count++;
	return true;
}

static void list_drop(struct key_list *list, const struct key *key)
{
	size_t at = position(list, key->name);

	list->count--;
	memmove(&list->keys[at], &list->keys[at + 1], (list->count - at) * sizeof(struct key *));
}

struct key *key_store_add(struct key_store *store, enum key_place place, const char *name)
{
	struct key *key = calloc(1, sizeof(*key));

	if (!key)
		return NULL;
	snprintf(key->name, sizeof(key->name), "%s", name);
	if (!list_insert(&store->lists[place], key)) {
		free(key);
		return NULL;
	}
	return key;
}

bool key_store_move(struct key_store *store, struct key *key, enum key_place from, enum key_place to)
{
	if (!list_insert(&store->lists[to], key))
		return false;
	list_drop(&store->lists[from], key);
	return true;
}

void key_store_remove(struct key_store *store, struct key *key, enum key_place place)
{
	list_drop(&store->lists[place], key);
	key_free(key);
}

struct key_version *key_add_version(struct key *key, struct key_material *material)
{
	struct key_version *versions = realloc(key->versions, (key->version_count + 1) * sizeof(*versions));
	struct key_version *version;
	uint8_t id[KEY_VERSION_LENGTH / 2];

	if (!versions)
		return NULL;
	key->versions = versions;
	if (RAND_bytes(id, sizeof(id)) != 1)
		return NULL;
	version = &versions[key->version_count++];
	memset(version, 0, sizeof(*version));
	for (size_t i = 0; i < sizeof(id); i++)
		snprintf(version->id + 2 * i, 3, "%02x", id[i]);
	version->material = key_material_ref(material);
	version->enabled = true;
	version->created = version->updated = time(NULL);
	return version;
}

struct key_version *key_find_version(struct key *key, const char *id)
{
	if (key->version_count == 0)
		return NULL;
	if (!id || !*id)
		return &key->versions[key->version_count - 1];
	for (size_t i = 0; i < key->version_count; i++)
		if (strcasecmp(key->versions[i].id, id) == 0)
			return &key->versions[i];
	return NULL;
}
