// SPDX-License-Identifier: Apache-2.0
// Create, import and update: what a client may say about a key, checked, and put into the store.
#include "errors.h"
#include "handlers.h"
#include "jwk.h"
#include "key_persist.h"
#include "wishes.h"

#include <string.h>
#include <time.h>

static bool absent(const json_t *value)
{
	return !value || json_is_null(value);
}

static bool exportable_fits(struct request *request, const struct wishes *wishes)
{
	if (wishes->exportable && !wishes->release_policy)
		fail(request, ERROR_EXPORTABLE_NEEDS_POLICY, NULL, NULL, NULL);
	else if (!wishes->exportable && wishes->release_policy)
		fail(request, ERROR_POLICY_NEEDS_EXPORTABLE, NULL, NULL, NULL);
	else
		return true;
	return false;
}

struct key *key_to_change(struct request *request, enum key_place place)
{
	struct key *key = key_store_acquire(request->store, place, request->name, true);

	if (!key)
		fail(request, place == KEY_LIVE ? ERROR_KEY_NOT_FOUND : ERROR_DELETED_KEY_NOT_FOUND, NULL, NULL, NULL);
	else if (key->policy)
		fail(request, ERROR_KEY_MANAGED, operation_names[request->operation], NULL, NULL);
	return key && !key->policy ? key : NULL;
}

// Adds a version to the key of that name, which is made when there is none. Takes the reference to material.
static void put_version(struct request *request, struct key_material *material, bool hsm, const struct wishes *wishes)
{
	struct key *key = key_store_acquire(request->store, KEY_LIVE, request->name, true);
	struct key_version *version = NULL;
	bool fresh = !key;

	if (fresh && key_store_find(request->store, KEY_DELETED, request->name)) {
		fail(request, ERROR_KEY_IS_DELETED, NULL, NULL, NULL);
		goto out;
	}
	if (key && key->policy) {
		fail(request, ERROR_KEY_MANAGED, operation_names[request->operation], NULL, NULL);
		goto out;
	}
	if (fresh)
		key = key_store_add(request->store, KEY_LIVE, request->name);
	if (key)
		version = key_add_version(key, material);
	if (!version) {
		if (key && fresh)
			key_store_remove(request->store, key, KEY_LIVE);
		fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
		goto out;
	}
	version->hsm = hsm;
	version->ops = service_default_ops(request->service, material->type, request->api_index);
	version->exp = rotation_policy_expiry(key, version->created);
	wishes_apply(version, wishes);
	key_persist_save(request->store, key);
	answer_json(request, 200, jwk_show(request, key, version, JWK_CREATED));
out:
	key_store_unlock(request->store);
	key_material_free(material);
}

static bool read_size(struct request *request, struct key_spec *spec)
{
	const json_t *size = json_object_get(request->body, "key_size");
	const json_t *exponent = json_object_get(request->body, "public_exponent");
	bool rsa = spec->type == KEY_RSA;
	json_int_t bits = absent(size) ? (rsa ? 2048 : 256) : json_integer_value(size);

	if (rsa ? bits != 2048 && bits != 3072 && bits != 4096 : bits != 128 && bits != 192 && bits != 256) {
		fail(request, ERROR_BAD_KEY_SIZE, NULL, NULL, NULL);
		return false;
	}
	spec->bits = (unsigned)bits;
	if (rsa && !absent(exponent)) {
		json_int_t value = json_integer_value(exponent);

		// Smaller ones and even ones OpenSSL refuses to make, larger ones only cost time.
		if ((value != 3 && value < 65537) || value > 0xffffffffLL || value % 2 == 0) {
			fail(request, ERROR_BAD_PROPERTY, "public_exponent", NULL, NULL);
			return false;
		}
		spec->exponent = (uint64_t)value;
	}
	return true;
}

static bool read_spec(struct request *request, struct key_spec *spec, bool *hsm)
{
	const json_t *crv = json_object_get(request->body, "crv");
	const char *kty = json_string_value(json_object_get(request->body, "kty"));

	memset(spec, 0, sizeof(*spec));
	if (!kty) {
		fail(request, ERROR_MISSING_PROPERTY, "kty", NULL, NULL);
		return false;
	}
	if (!key_type_by_name(kty, &spec->type, hsm) || (spec->type == KEY_OCT && !request->service->has_oct)) {
		fail(request, ERROR_BAD_KTY, kty, NULL, NULL);
		return false;
	}
	if (spec->type != KEY_EC)
		return read_size(request, spec);
	if (!absent(crv) && !json_is_string(crv)) {
		fail(request, ERROR_BAD_PROPERTY, "crv", NULL, NULL);
		return false;
	}
	spec->curve = curve_by_name(absent(crv) ? "P-256" : json_string_value(crv));
	if (!spec->curve)
		fail(request, ERROR_BAD_CURVE, json_string_value(crv), NULL, NULL);
	return spec->curve != NULL;
}

void handle_create(struct request *request)
{
	struct key_material *material;
	struct key_spec spec;
	struct wishes wishes;
	bool hsm;

	if (!read_spec(request, &spec, &hsm) ||
	    !wishes_read(request, json_object_get(request->body, "key_ops"), &wishes) ||
	    !exportable_fits(request, &wishes))
		return;
	material = key_material_generate(&spec);
	if (!material) {
		fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
		return;
	}
	put_version(request, material, hsm, &wishes);
}

void handle_import(struct request *request)
{
	const json_t *jwk = json_object_get(request->body, "key");
	struct key_material *material;
	struct wishes wishes;
	bool hsm = false;

	if (!json_is_object(jwk)) {
		fail(request, ERROR_KTY_MISSING, NULL, NULL, NULL);
		return;
	}
	material = jwk_read(request, jwk, &hsm);
	if (!material)
		return;
	if (!wishes_read(request, json_object_get(jwk, "key_ops"), &wishes) || !exportable_fits(request, &wishes)) {
		key_material_free(material);
		return;
	}
	if (json_is_true(json_object_get(request->body, "Hsm")))
		hsm = true;
	put_version(request, material, hsm, &wishes);
}

void handle_update(struct request *request)
{
	struct key_version *version;
	struct wishes wishes;
	struct key *key;

	if (!wishes_read(request, json_object_get(request->body, "key_ops"), &wishes))
		return;
	key = key_to_change(request, KEY_LIVE);
	version = key ? key_find_version(key, request->version) : NULL;
	if (version) {
		wishes_apply(version, &wishes);
		version->updated = time(NULL);
		key_persist_save(request->store, key);
		answer_json(request, 200, jwk_show(request, key, version, JWK_KEY));
	} else if (key) {
		fail(request, ERROR_KEY_NOT_FOUND, NULL, NULL, NULL);
	}
	key_store_unlock(request->store);
}
