// SPDX-License-Identifier: Apache-2.0
// Shows keys as the service does: kid from the Host that the client used, kty in the service's form, attributes.
#include "jwk.h"

#include <stdio.h>
#include <stdlib.h>

#define SECONDS_PER_DAY 86400

char *jwk_kid(const struct request *request, const char *name, const char *version)
{
	char *kid;

	if (asprintf(&kid, "https://%s/keys/%s%s%s", request->host, name, version ? "/" : "", version ? version : "") <
	    0)
		return NULL;
	return kid;
}

static json_t *show_ops(const struct request *request, const struct key_version *version, bool creating)
{
	const unsigned *order = service_op_order(request->service, version->material->type, creating);
	json_t *ops = json_array();

	for (; *order; order++)
		if (version->ops & *order)
			json_array_append_new(ops, json_string(key_op_name(*order)));
	return ops;
}

static json_t *show_key(const struct request *request, const struct key *key, const struct key_version *version,
                        bool creating)
{
	const struct key_material *material = version->material;
	bool hsm = version->hsm || request->service->always_hsm;
	char *kid = jwk_kid(request, key->name, version->id);
	json_t *jwk = json_pack("{s:s?, s:s, s:o}", "kid", kid, "kty", key_type_name(material->type, hsm), "key_ops",
	                        show_ops(request, version, creating));

	free(kid);
	switch (material->type) {
	case KEY_RSA:
		json_object_set_new(jwk, "n", json_string(material->n));
		json_object_set_new(jwk, "e", json_string(material->e));
		break;
	case KEY_EC:
		json_object_set_new(jwk, "crv", json_string(material->curve->name));
		json_object_set_new(jwk, "x", json_string(material->x));
		json_object_set_new(jwk, "y", json_string(material->y));
		break;
	case KEY_OCT:
		break;
	}
	return jwk;
}

static json_t *show_attributes(const struct request *request, const struct key_version *version)
{
	json_t *attributes = json_pack("{s:b}", "enabled", version->enabled);

	if (version->nbf)
		json_object_set_new(attributes, "nbf", json_integer(version->nbf));
	if (version->exp)
		json_object_set_new(attributes, "exp", json_integer(version->exp));
	json_object_set_new(attributes, "created", json_integer(version->created));
	json_object_set_new(attributes, "updated", json_integer(version->updated));
	json_object_set_new(attributes, "recoveryLevel", json_string("CustomizedRecoverable+Purgeable"));
	json_object_set_new(attributes, "recoverableDays", json_integer(RECOVERABLE_DAYS));
	json_object_set_new(attributes, "exportable", json_boolean(version->exportable));
	if (version->material->type == KEY_OCT && api_version_has(request->api_index, API_OCT_KEY_SIZE))
		json_object_set_new(attributes, "key_size", json_integer(version->material->bits));
	return attributes;
}

void show_deletion(json_t *shown, const struct request *request, const struct key *key, const char *collection)
{
	char *id;

	if (asprintf(&id, "https://%s/%s/%s", request->host, collection, key->name) < 0)
		return;
	json_object_set_new(shown, "recoveryId", json_string(id));
	json_object_set_new(shown, "deletedDate", json_integer(key->deleted_at));
	json_object_set_new(shown, "scheduledPurgeDate",
	                    json_integer(key->deleted_at + RECOVERABLE_DAYS * SECONDS_PER_DAY));
	free(id);
}

json_t *jwk_show(const struct request *request, const struct key *key, const struct key_version *version,
                 enum jwk_view view)
{
	json_t *shown = json_object();
	char *kid;

	if (view == JWK_DELETED_KEY || view == JWK_DELETED_ITEM)
		show_deletion(shown, request, key, "deletedkeys");
	if (view == JWK_ITEM || view == JWK_VERSION || view == JWK_DELETED_ITEM) {
		kid = jwk_kid(request, key->name, view == JWK_VERSION ? version->id : NULL);
		json_object_set_new(shown, "kid", json_string(kid));
		free(kid);
	} else {
		json_object_set_new(shown, "key", show_key(request, key, version, view == JWK_CREATED));
	}
	json_object_set_new(shown, "attributes", show_attributes(request, version));
	if (version->tags)
		json_object_set_new(shown, "tags", json_deep_copy(version->tags));
	if (key->policy)
		json_object_set_new(shown, "managed", json_true());
	if (version->release_policy && view != JWK_ITEM && view != JWK_VERSION && view != JWK_DELETED_ITEM)
		json_object_set_new(shown, "release_policy", json_deep_copy(version->release_policy));
	return shown;
}
