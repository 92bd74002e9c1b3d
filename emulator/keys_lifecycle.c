// SPDX-License-Identifier: Apache-2.0
// Delete (which is soft), recover, purge, and rotate.
#include "errors.h"
#include "handlers.h"
#include "jwk.h"
#include "key_persist.h"

#include <time.h>

void handle_delete(struct request *request)
{
	struct key *key = key_to_change(request, KEY_LIVE);

	if (!key) {
		// answered
	} else if (!key_store_move(request->store, key, KEY_LIVE, KEY_DELETED)) {
		fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
	} else {
		key->deleted_at = time(NULL);
		key_persist_save(request->store, key);
		answer_json(request, 200, jwk_show(request, key, key_find_version(key, NULL), JWK_DELETED_KEY));
	}
	key_store_unlock(request->store);
}

void handle_recover(struct request *request)
{
	struct key *key = key_to_change(request, KEY_DELETED);

	if (!key) {
		// answered
	} else if (key_store_find(request->store, KEY_LIVE, request->name)) {
		fail(request, ERROR_RECOVER_CONFLICT, NULL, NULL, NULL);
	} else if (!key_store_move(request->store, key, KEY_DELETED, KEY_LIVE)) {
		fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
	} else {
		key->deleted_at = 0;
		key_persist_save(request->store, key);
		answer_json(request, 200, jwk_show(request, key, key_find_version(key, NULL), JWK_KEY));
	}
	key_store_unlock(request->store);
}

void handle_purge(struct request *request)
{
	struct key *key = key_to_change(request, KEY_DELETED);

	if (key) {
		key_persist_remove(request->store, key);
		key_store_remove(request->store, key, KEY_DELETED);
		answer_empty(request, 204);
	}
	key_store_unlock(request->store);
}

// What a rotation takes over from the newest version. False when there is no such key.
static bool newest_spec(struct request *request, struct key_spec *spec)
{
	struct key *key = key_store_acquire(request->store, KEY_LIVE, request->name, false);

	if (key) {
		const struct key_material *material = key_find_version(key, NULL)->material;

		*spec = (struct key_spec){ .type = material->type, .bits = material->bits, .curve = material->curve };
	} else {
		fail(request, ERROR_KEY_NOT_FOUND, NULL, NULL, NULL);
	}
	key_store_unlock(request->store);
	return key != NULL;
}

static struct key_version *add_rotated(struct key *key, struct key_material *material)
{
	struct key_version *version = key_add_version(key, material);
	const struct key_version *before;

	if (!version)
		return NULL;
	before = version - 1;
	version->hsm = before->hsm;
	version->ops = before->ops;
	version->exportable = before->exportable;
	version->tags = json_deep_copy(before->tags);
	version->release_policy = json_deep_copy(before->release_policy);
	version->exp = rotation_policy_expiry(key, version->created);
	return version;
}

void handle_rotate(struct request *request)
{
	struct key_material *material;
	struct key_version *version;
	struct key_spec spec;
	struct key *key;

	if (!api_version_has(request->api_index, API_ROTATION)) {
		fail(request, ERROR_ACTION_NOT_SUPPORTED, "rotate", NULL, NULL);
		return;
	}
	if (!newest_spec(request, &spec))
		return;
	material = key_material_generate(&spec);
	if (!material) {
		fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
		return;
	}
	key = key_to_change(request, KEY_LIVE);
	version = key ? add_rotated(key, material) : NULL;
	if (version) {
		key_persist_save(request->store, key);
		answer_json(request, 200, jwk_show(request, key, version, JWK_CREATED));
	} else if (key) {
		fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
	}
	key_store_unlock(request->store);
	key_material_free(material);
}
