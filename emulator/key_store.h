// SPDX-License-Identifier: Apache-2.0
// The keys of one HSM or vault: live and deleted ones, each with its versions, under one reader-writer lock. A
// certificate is a key with a policy, whose versions have a certificate each: the service gives both the same name and
// the same versions, and they live and die together.
// Everything reached through a `struct key` is valid only while the caller holds the lock; key material may be kept
// longer with key_material_ref().
#ifndef EMULATOR_KEY_STORE_H
#define EMULATOR_KEY_STORE_H
#include "certificate.h"
#include "key_material.h"

#include <jansson.h>
#include <stdint.h>

#define KEY_NAME_MAX 127
#define KEY_VERSION_LENGTH 32
#define RECOVERABLE_DAYS 7
#define BACKUP_KEY_LENGTH 64

struct key_version {
	char id[KEY_VERSION_LENGTH + 1];
	struct key_material *material;
	bool hsm; // the -HSM form was asked for; Managed HSM shows it always
	bool enabled;
	bool exportable;
	unsigned ops; // of enum key_op
	int64_t nbf, exp; // 0: not set
	int64_t created, updated;
	json_t *tags; // NULL or an object
	json_t *release_policy; // NULL or an object
	struct certificate *certificate; // NULL: a key of its own
};

struct key {
	char name[KEY_NAME_MAX + 1];
	struct key_version *versions; // oldest first
	size_t version_count;
	json_t *rotation_policy; // NULL: the service's default
	json_t *policy; // of its certificate, complete; NULL: a key of its own
	json_t *pending; // {issuer, csr, request_id} of the last creation of its certificate; NULL: it was imported
	int64_t deleted_at; // 0: live
};

enum key_place { KEY_LIVE, KEY_DELETED };

struct key_store;

// directory is NULL for a store that is forgotten at the end.
struct key_store *key_store_new(const char *directory);
void key_store_free(struct key_store *store);
const char *key_store_directory(const struct key_store *store);
// The key that encrypts backups, BACKUP_KEY_LENGTH bytes: random in a new store, another one once it was set.
const uint8_t *key_store_backup_key(const struct key_store *store);
void key_store_set_backup_key(struct key_store *store, const uint8_t key[BACKUP_KEY_LENGTH]);

void key_store_lock_shared(struct key_store *store);
void key_store_lock_exclusive(struct key_store *store);
void key_store_unlock(struct key_store *store);

// Keys that are still being made in the background: a lookup that finds nothing waits for them first.
void key_store_seeding_begin(struct key_store *store);
void key_store_seeding_end(struct key_store *store);
// Waits, without the lock held, until nothing is being made.
void key_store_wait_seeded(struct key_store *store);

// All that follow need the lock. Names compare without case.
struct key *key_store_find(struct key_store *store, enum key_place place, const char *name);
// As key_store_find, and takes the lock (exclusive or shared) itself, waiting for background keys when needed.
// The caller unlocks, also after NULL.
struct key *key_store_acquire(struct key_store *store, enum key_place place, const char *name, bool exclusive);
// The first key whose name sorts after `after` ("" for the first of all), NULL at the end.
struct key *key_store_next(struct key_store *store, enum key_place place, const char *after);
// NULL without memory. The name must not exist.
struct key *key_store_add(struct key_store *store, enum key_place place, const char *name);
bool key_store_move(struct key_store *store, struct key *key, enum key_place from, enum key_place to);
void key_store_remove(struct key_store *store, struct key *key, enum key_place place);

// Appends a version with a fresh id, times set to now, enabled. Takes a reference to material. NULL without memory.
struct key_version *key_add_version(struct key *key, struct key_material *material);
// The newest version for "" or NULL; NULL when there is none of that id.
struct key_version *key_find_version(struct key *key, const char *id);
#endif
