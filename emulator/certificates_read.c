// SPDX-License-Identifier: Apache-2.0
// Operations on certificates that only look, and the secret behind one.
#include "certificate_show.h"
#include "certificate_store.h"
#include "errors.h"
#include "handlers.h"
#include "page.h"

void handle_get_certificate(struct request *request)
{
	struct key *key = certificate_acquire(request->store, KEY_LIVE, request->name, false);
	struct key_version *version = key ? key_find_version(key, request->version) : NULL;

	if (version)
		answer_json(request, 200, certificate_show(request, key, version));
	else
		fail(request, ERROR_CERTIFICATE_NOT_FOUND, NULL, NULL, NULL);
	key_store_unlock(request->store);
}

void handle_get_deleted_certificate(struct request *request)
{
	struct key *key = certificate_acquire(request->store, KEY_DELETED, request->name, false);

	if (key)
		answer_json(request, 200, certificate_show_deleted(request, key, key_find_version(key, NULL)));
	else
		fail(request, ERROR_DELETED_CERTIFICATE_NOT_FOUND, NULL, NULL, NULL);
	key_store_unlock(request->store);
}

void handle_list_certificates(struct request *request)
{
	answer_list(request, KEY_LIVE, &(struct listing){ "certificates", certificate_show_item, true });
}

void handle_list_deleted_certificates(struct request *request)
{
	answer_list(request, KEY_DELETED,
	            &(struct listing){ "deletedcertificates", certificate_show_deleted_item, true });
}

void handle_certificate_versions(struct request *request)
{
	answer_versions(request, &(struct listing){ "certificates", certificate_show_version, true });
}

void handle_get_certificate_policy(struct request *request)
{
	struct key *key = certificate_acquire(request->store, KEY_LIVE, request->name, false);

	if (key)
		answer_json(request, 200, policy_show(request, key));
	else
		fail(request, ERROR_CERTIFICATE_NOT_FOUND, NULL, NULL, NULL);
	key_store_unlock(request->store);
}

void handle_get_pending(struct request *request)
{
	struct key *key = certificate_acquire(request->store, KEY_LIVE, request->name, false);

	if (key && key->pending)
		answer_json(request, 200, pending_show(request, key, true));
	else
		fail(request, ERROR_PENDING_NOT_FOUND, NULL, NULL, NULL);
	key_store_unlock(request->store);
}

void handle_get_secret(struct request *request)
{
	struct key *key = certificate_acquire(request->store, KEY_LIVE, request->name, false);
	struct key_version *version = key ? key_find_version(key, request->version) : NULL;

	if (!version)
		fail(request, ERROR_SECRET_NOT_FOUND, NULL, NULL, NULL);
	else if (!version->enabled)
		fail(request, ERROR_SECRET_DISABLED, "get", NULL, NULL);
	else
		answer_json(request, 200, secret_show(request, key, version));
	key_store_unlock(request->store);
}

void handle_get_contacts(struct request *request)
{
	fail(request, ERROR_CONTACTS_NOT_FOUND, NULL, NULL, NULL);
}

void handle_list_issuers(struct request *request)
{
	answer_empty_list(request);
}

void handle_get_issuer(struct request *request)
{
	fail(request, ERROR_ISSUER_NOT_FOUND, NULL, NULL, NULL);
}
