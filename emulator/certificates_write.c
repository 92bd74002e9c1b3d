// SPDX-License-Identifier: Apache-2.0
// Create, import and update certificates and their policies.
#include "certificate_import.h"
#include "certificate_policy.h"
#include "certificate_show.h"
#include "certificate_store.h"
#include "errors.h"
#include "handlers.h"
#include "key_persist.h"
#include "wishes.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define REQUEST_BYTES 16

// Validity is the certificate's own, whatever a client asks for; the rest is for keys.
static bool read_wishes(struct request *request, struct wishes *wishes)
{
	if (!wishes_read(request, NULL, wishes))
		return false;
	wishes->has_nbf = wishes->has_exp = wishes->has_exportable = false;
	wishes->release_policy = NULL;
	return true;
}

static const json_t *member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return value && !json_is_null(value) ? value : NULL;
}

static json_t *complete(struct request *request, const json_t *given, const json_t *base)
{
	struct policy_problem problem;
	json_t *policy = policy_complete(given, base, time(NULL), &problem);

	if (!policy)
		fail(request, problem.missing ? ERROR_MISSING_PROPERTY : ERROR_BAD_PROPERTY, problem.property, NULL,
		     NULL);
	return policy;
}

// What the certificate of that name has already: its policy, and its key when that is to be used again.
static json_t *policy_before(struct request *request)
{
	struct key *key = certificate_acquire(request->store, KEY_LIVE, request->name, false);
	json_t *policy = key ? json_deep_copy(key->policy) : NULL;

	key_store_unlock(request->store);
	return policy;
}

static struct key_material *key_before(struct request *request, const struct key_spec *spec)
{
	struct key *key = certificate_acquire(request->store, KEY_LIVE, request->name, false);
	struct key_material *material = key ? key_find_version(key, NULL)->material : NULL;

	if (material && material->type == spec->type && material->bits == spec->bits && material->curve == spec->curve)
		key_material_ref(material);
	else
		material = NULL;
	key_store_unlock(request->store);
	return material;
}

// The policy of the body, else the one there is.
static json_t *policy_to_create(struct request *request)
{
	const json_t *given = member(request->body, "policy");
	json_t *policy = given ? complete(request, given, NULL) : policy_before(request);

	if (!policy) {
		if (!given)
			fail(request, ERROR_MISSING_PROPERTY, "policy", NULL, NULL);
	} else if (strcasecmp(policy_issuer(policy), "Self") != 0) {
		fail(request, ERROR_BAD_PROPERTY, "policy.issuer.name", NULL, NULL);
		json_decref(policy);
		policy = NULL;
	}
	return policy;
}

static json_t *new_pending(const json_t *policy, const char *csr)
{
	uint8_t bytes[REQUEST_BYTES];
	char id[2 * REQUEST_BYTES + 1];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return NULL;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return json_pack("{s:{s:s}, s:s, s:s}", "issuer", "name", policy_issuer(policy), "csr", csr, "request_id", id);
}

// A key and a certificate by the policy in parts.
static bool make(struct request *request, struct certificate_parts *parts)
{
	struct key_spec spec;
	char *csr = NULL;
	bool hsm;

	policy_key_spec(parts->policy, &spec, &hsm);
	if (policy_reuses_key(parts->policy))
		parts->material = key_before(request, &spec);
	if (!parts->material)
		parts->material = key_material_generate(&spec);
	if (parts->material)
		parts->certificate = policy_self_sign(parts->policy, parts->material, time(NULL), &csr);
	if (parts->certificate)
		parts->pending = new_pending(parts->policy, csr);
	free(csr);
	if (!parts->pending)
		fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
	return parts->pending != NULL;
}

// Takes the store's lock, puts the parts into it and returns the version; NULL with the answer set. The caller unlocks.
static struct key_version *put(struct request *request, struct certificate_parts *parts, const struct wishes *wishes,
                               struct key **key)
{
	struct key_version *version = NULL;

	*key = key_store_acquire(request->store, KEY_LIVE, request->name, true);
	if (*key && !(*key)->policy) {
		fail(request, ERROR_CERTIFICATE_NAME_TAKEN, NULL, NULL, NULL);
	} else if (!*key && key_store_find(request->store, KEY_DELETED, request->name)) {
		fail(request, ERROR_CERTIFICATE_IS_DELETED, NULL, NULL, NULL);
	} else {
		version = certificate_put(request->store, request->name, parts, key);
		if (version) {
			wishes_apply(version, wishes);
			key_persist_save(request->store, *key);
		} else {
			fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
		}
	}
	return version;
}

void handle_create_certificate(struct request *request)
{
	struct certificate_parts parts = { 0 };
	struct wishes wishes;
	struct key *key;

	if (!read_wishes(request, &wishes))
		return;
	parts.policy = policy_to_create(request);
	if (parts.policy && make(request, &parts)) {
		if (put(request, &parts, &wishes, &key)) {
			const char *id = json_string_value(json_object_get(key->pending, "request_id"));

			answer_json(request, 202, pending_show(request, key, false));
			if (asprintf(&request->answer.location,
			             "https://%s/certificates/%s/pending?api-version=%s&request_id=%s", request->host,
			             request->name, request->api_version, id) < 0)
				request->answer.location = NULL;
		}
		key_store_unlock(request->store);
	}
	certificate_parts_clear(&parts);
}

static const enum error_id import_errors[] = {
	[IMPORT_BAD_PKCS12] = ERROR_BAD_PKCS12,
	[IMPORT_BAD_PEM] = ERROR_BAD_PEM,
	[IMPORT_PEM_WITHOUT_KEY] = ERROR_PEM_WITHOUT_KEY,
	[IMPORT_BAD_KEY] = ERROR_BAD_KEY_SIZE,
};

// Checks what a client says in a policy beside the certificate, which speaks for itself.
static bool policy_fits(struct request *request, const json_t *given, const struct imported *imported)
{
	const char *type = json_string_value(json_object_get(member(given, "secret_props"), "contentType"));

	if (given && !json_is_object(given)) {
		fail(request, ERROR_BAD_PROPERTY, "policy", NULL, NULL);
		return false;
	}
	if (!type || strcmp(type, imported->pem ? "application/x-pem-file" : "application/x-pkcs12") == 0)
		return true;
	fail(request, imported->pem ? ERROR_BAD_PKCS12 : ERROR_BAD_PEM, NULL, NULL, NULL);
	return false;
}

static bool make_imported(struct request *request, const struct imported *imported, struct certificate_parts *parts)
{
	const json_t *given = member(request->body, "policy");

	if (!policy_fits(request, given, imported))
		return false;
	parts->material = key_material_ref(imported->material);
	parts->policy = policy_of_certificate(imported->leaf, imported->material, imported->pem, given, time(NULL));
	if (parts->policy)
		parts->certificate = certificate_new(imported->leaf, imported->chain, policy_exportable(parts->policy),
		                                     imported->pem);
	if (!parts->certificate)
		fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
	return parts->certificate != NULL;
}

void handle_import_certificate(struct request *request)
{
	const json_t *value = member(request->body, "value");
	struct certificate_parts parts = { 0 };
	struct key_version *version;
	struct imported imported;
	struct wishes wishes;
	enum import_result result;
	struct key *key;

	if (!json_is_string(value)) {
		fail(request, value ? ERROR_BAD_PROPERTY : ERROR_MISSING_PROPERTY, "value", NULL, NULL);
		return;
	}
	if (!read_wishes(request, &wishes))
		return;
	result = certificate_read(json_string_value(value), json_string_value(member(request->body, "pwd")), &imported);
	if (result != IMPORT_GOOD) {
		fail(request, import_errors[result], NULL, NULL, NULL);
	} else if (make_imported(request, &imported, &parts)) {
		version = put(request, &parts, &wishes, &key);
		if (version)
			answer_json(request, 200, certificate_show(request, key, version));
		key_store_unlock(request->store);
	}
	certificate_parts_clear(&parts);
	imported_clear(&imported);
}

// Puts a changed policy in place of the one that a certificate has. False with the answer set. Needs the store's lock.
static bool change_policy(struct request *request, struct key *key, const json_t *given)
{
	json_t *policy = complete(request, given, key->policy);

	if (!policy)
		return false;
	json_decref(key->policy);
	key->policy = policy;
	return true;
}

void handle_update_certificate(struct request *request)
{
	const json_t *policy = member(request->body, "policy");
	struct key_version *version;
	struct wishes wishes;
	struct key *key;

	if (!read_wishes(request, &wishes))
		return;
	key = certificate_acquire(request->store, KEY_LIVE, request->name, true);
	version = key ? key_find_version(key, request->version) : NULL;
	if (!version) {
		fail(request, ERROR_CERTIFICATE_NOT_FOUND, NULL, NULL, NULL);
	} else if (!policy || change_policy(request, key, policy)) {
		wishes_apply(version, &wishes);
		version->updated = time(NULL);
		key_persist_save(request->store, key);
		answer_json(request, 200, certificate_show(request, key, version));
	}
	key_store_unlock(request->store);
}

void handle_set_certificate_policy(struct request *request)
{
	struct key *key = certificate_acquire(request->store, KEY_LIVE, request->name, true);

	if (!key) {
		fail(request, ERROR_CERTIFICATE_NOT_FOUND, NULL, NULL, NULL);
	} else if (change_policy(request, key, request->body)) {
		key_persist_save(request->store, key);
		answer_json(request, 200, policy_show(request, key));
	}
	key_store_unlock(request->store);
}
