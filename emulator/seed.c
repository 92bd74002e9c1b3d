// SPDX-License-Identifier: Apache-2.0
// Makes the first keys and certificates. RSA takes seconds, so it goes on while the emulator already answers; who asks
// for one waits.
#include "seed.h"

#include "key_persist.h"
#include "seed_certificates.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RSA_THREADS 2
#define QUICK_RSA_BITS 2048

struct first_key {
	const char *name;
	enum key_type type;
	unsigned bits;
	const char *curve;
	certificate_maker *certify; // NULL: a key of its own; otherwise for Key Vault only
};

// The large one has a thread to itself.
static const struct first_key rsa_keys[RSA_THREADS][4] = {
	{ { "rsa4096", KEY_RSA, 4096, NULL, NULL }, { NULL, 0, 0, NULL, NULL } },
	{ { "rsa-cert", KEY_RSA, 2048, NULL, seed_self_signed },
	  { "rsa2048", KEY_RSA, 2048, NULL, NULL },
	  { "rsa3072", KEY_RSA, 3072, NULL, NULL },
	  { NULL, 0, 0, NULL, NULL } },
};
static const struct first_key quick_keys[] = {
	{ "ec-cert", KEY_EC, 0, "P-256", seed_with_chain },
	{ "p256", KEY_EC, 0, "P-256", NULL },
	{ "p384", KEY_EC, 0, "P-384", NULL },
	{ "p521", KEY_EC, 0, "P-521", NULL },
	{ "p256k", KEY_EC, 0, "P-256K", NULL },
	{ "aes128", KEY_OCT, 128, NULL, NULL },
	{ "aes192", KEY_OCT, 192, NULL, NULL },
	{ "aes256", KEY_OCT, 256, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};

struct worker {
	struct seeding *seeding;
	const struct first_key *keys;
	pthread_t thread;
	bool running;
	bool complete; // every key of it is there
};

struct seeding {
	struct key_store *store;
	const struct service *service;
	bool quickly;
	struct worker workers[RSA_THREADS];
	atomic_bool cancel;
};

static bool exists(struct key_store *store, const char *name)
{
	bool found;

	key_store_lock_shared(store);
	found = key_store_find(store, KEY_LIVE, name) || key_store_find(store, KEY_DELETED, name);
	key_store_unlock(store);
	return found;
}

static bool put_key(struct key_store *store, const struct service *service, const char *name,
                    struct key_material *material)
{
	struct key *key = key_store_add(store, KEY_LIVE, name);
	struct key_version *version = key ? key_add_version(key, material) : NULL;

	if (version) {
		version->ops = service_default_ops(service, material->type, api_version_newest());
		key_persist_save(store, key);
	} else if (key) {
		key_store_remove(store, key, KEY_LIVE);
	}
	return version != NULL;
}

static bool put_certificate(struct key_store *store, const char *name, struct certificate_parts *parts)
{
	struct key *key;
	bool good = certificate_put(store, name, parts, &key) != NULL;

	if (good)
		key_persist_save(store, key);
	return good;
}

// Somebody may have made one of that name in the meantime.
static bool put(struct seeding *seeding, const struct first_key *first, struct key_material *material)
{
	struct key_store *store = seeding->store;
	struct certificate_parts parts = { 0 };
	bool good = !first->certify || first->certify(material, &parts);

	key_store_lock_exclusive(store);
	if (good && !key_store_find(store, KEY_LIVE, first->name) && !key_store_find(store, KEY_DELETED, first->name))
		good = first->certify ? put_certificate(store, first->name, &parts)
		                      : put_key(store, seeding->service, first->name, material);
	key_store_unlock(store);
	certificate_parts_clear(&parts);
	return good;
}

static bool wanted(const struct seeding *seeding, const struct first_key *first)
{
	if ((first->type == KEY_OCT && !seeding->service->has_oct) ||
	    (first->certify && seeding->service->kind != SERVICE_KEY_VAULT))
		return false;
	return !(seeding->quickly && first->type == KEY_RSA && first->bits > QUICK_RSA_BITS);
}

static bool make(struct seeding *seeding, const struct first_key *first)
{
	struct key_spec spec = { .type = first->type, .bits = first->bits, .cancel = &seeding->cancel };
	struct key_material *material;

	bool good;

	if (!wanted(seeding, first) || exists(seeding->store, first->name))
		return true;
	if (first->curve)
		spec.curve = curve_by_name(first->curve);
	material = key_material_generate(&spec);
	if (!material)
		return false;
	good = put(seeding, first, material);
	key_material_free(material);
	return good;
}

static void *work(void *state)
{
	struct worker *worker = state;

	worker->complete = true;
	for (const struct first_key *key = worker->keys; key->name; key++)
		worker->complete = make(worker->seeding, key) && worker->complete;
	key_store_seeding_end(worker->seeding->store);
	return NULL;
}

static char *marker_path(const struct key_store *store)
{
	char *path;

	if (!key_store_directory(store) || asprintf(&path, "%s/.seeded", key_store_directory(store)) < 0)
		return NULL;
	return path;
}

struct seeding *seed_start(struct key_store *store, const struct service *service, bool quickly)
{
	struct seeding *seeding;
	char *marker = marker_path(store);
	bool done = marker && access(marker, F_OK) == 0;

	free(marker);
	seeding = done ? NULL : calloc(1, sizeof(*seeding));
	if (!seeding)
		return NULL;
	seeding->store = store;
	seeding->service = service;
	seeding->quickly = quickly;
	for (size_t i = 0; i < RSA_THREADS; i++) {
		struct worker *worker = &seeding->workers[i];

		worker->seeding = seeding;
		worker->keys = rsa_keys[i];
		key_store_seeding_begin(store);
		worker->running = pthread_create(&worker->thread, NULL, work, worker) == 0;
		if (!worker->running)
			work(worker);
	}
	for (const struct first_key *key = quick_keys; key->name; key++)
		make(seeding, key);
	return seeding;
}

void seed_stop(struct seeding *seeding)
{
	bool complete = true;
	char *marker;

	if (!seeding)
		return;
	atomic_store(&seeding->cancel, true);
	for (size_t i = 0; i < RSA_THREADS; i++) {
		if (seeding->workers[i].running)
			pthread_join(seeding->workers[i].thread, NULL);
		complete = complete && seeding->workers[i].complete;
	}
	// Keys that were given up at the end are made at the next start.
	marker = complete ? marker_path(seeding->store) : NULL;
	if (marker)
		write_file_atomically(marker, "", 0);
	free(marker);
	free(seeding);
}
