// SPDX-License-Identifier: Apache-2.0
// Operations that only look: get, list, versions, and the same of deleted keys.
#include "errors.h"
#include "handlers.h"
#include "jwk.h"
#include "page.h"

void handle_get(struct request *request)
{
	struct key *key = key_store_acquire(request->store, KEY_LIVE, request->name, false);
	struct key_version *version = key ? key_find_version(key, request->version) : NULL;

	if (version)
		answer_json(request, 200, jwk_show(request, key, version, JWK_KEY));
	else
		fail(request, ERROR_KEY_NOT_FOUND, NULL, NULL, NULL);
	key_store_unlock(request->store);
}

void handle_get_deleted(struct request *request)
{
	struct key *key = key_store_acquire(request->store, KEY_DELETED, request->name, false);

	if (key)
		answer_json(request, 200, jwk_show(request, key, key_find_version(key, NULL), JWK_DELETED_KEY));
	else
		fail(request, ERROR_DELETED_KEY_NOT_FOUND, NULL, NULL, NULL);
	key_store_unlock(request->store);
}

static json_t *show_item(const struct request *request, const struct key *key, const struct key_version *version)
{
	return jwk_show(request, key, version, JWK_ITEM);
}

static json_t *show_version(const struct request *request, const struct key *key, const struct key_version *version)
{
	return jwk_show(request, key, version, JWK_VERSION);
}

static json_t *show_deleted_item(const struct request *request, const struct key *key,
                                 const struct key_version *version)
{
	return jwk_show(request, key, version, JWK_DELETED_ITEM);
}

void handle_list(struct request *request)
{
	answer_list(request, KEY_LIVE, &(struct listing){ "keys", show_item, false });
}

void handle_list_deleted(struct request *request)
{
	answer_list(request, KEY_DELETED, &(struct listing){ "deletedkeys", show_deleted_item, false });
}

void handle_versions(struct request *request)
{
	answer_versions(request, &(struct listing){ "keys", show_version, false });
}
