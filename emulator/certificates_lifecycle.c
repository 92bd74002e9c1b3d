// SPDX-License-Identifier: Apache-2.0
// Delete (which is soft), recover and purge a certificate, and with it its key and its secret.
#include "certificate_show.h"
#include "certificate_store.h"
#include "errors.h"
#include "handlers.h"
#include "key_persist.h"

#include <time.h>

void handle_delete_certificate(struct request *request)
{
	struct key *key = certificate_acquire(request->store, KEY_LIVE, request->name, true);

	if (!key) {
		fail(request, ERROR_CERTIFICATE_NOT_FOUND, NULL, NULL, NULL);
	} else if (!key_store_move(request->store, key, KEY_LIVE, KEY_DELETED)) {
		fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
	} else {
		key->deleted_at = time(NULL);
		key_persist_save(request->store, key);
		answer_json(request, 200, certificate_show_deleted(request, key, key_find_version(key, NULL)));
	}
	key_store_unlock(request->store);
}

void handle_recover_certificate(struct request *request)
{
	struct key *key = certificate_acquire(request->store, KEY_DELETED, request->name, true);

	if (!key) {
		fail(request, ERROR_DELETED_CERTIFICATE_NOT_FOUND, NULL, NULL, NULL);
	} else if (!key_store_move(request->store, key, KEY_DELETED, KEY_LIVE)) {
		fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
	} else {
		key->deleted_at = 0;
		key_persist_save(request->store, key);
		answer_json(request, 200, certificate_show(request, key, key_find_version(key, NULL)));
	}
	key_store_unlock(request->store);
}

void handle_purge_certificate(struct request *request)
{
	struct key *key = certificate_acquire(request->store, KEY_DELETED, request->name, true);

	if (key) {
		key_persist_remove(request->store, key);
		key_store_remove(request->store, key, KEY_DELETED);
		answer_empty(request, 204);
	} else {
		fail(request, ERROR_DELETED_CERTIFICATE_NOT_FOUND, NULL, NULL, NULL);
	}
	key_store_unlock(request->store);
}
