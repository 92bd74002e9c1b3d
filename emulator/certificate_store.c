// SPDX-License-Identifier: Apache-2.0
// A certificate in the store is its key: what the service promises of names, versions and lifetimes follows from that.
#include "certificate_store.h"

#include "certificate_policy.h"
#include "service.h"

#include <string.h>

struct key_version *certificate_put(struct key_store *store, const char *name, struct certificate_parts *parts,
                                    struct key **key)
{
	struct key_version *version;
	struct key_spec spec;
	bool fresh;

	*key = key_store_find(store, KEY_LIVE, name);
	fresh = !*key;
	if (fresh)
		*key = key_store_add(store, KEY_LIVE, name);
	version = *key ? key_add_version(*key, parts->material) : NULL;
	if (!version) {
		if (*key && fresh)
			key_store_remove(store, *key, KEY_LIVE);
		return NULL;
	}
	version->ops = service_default_ops(&service_key_vault, parts->material->type, api_version_newest());
	policy_key_spec(parts->policy, &spec, &version->hsm);
	version->nbf = parts->certificate->from;
	version->exp = parts->certificate->until;
	version->certificate = parts->certificate;
	json_decref((*key)->policy);
	(*key)->policy = parts->policy;
	json_decref((*key)->pending);
	(*key)->pending = parts->pending;
	parts->certificate = NULL;
	parts->policy = parts->pending = NULL;
	return version;
}

void certificate_parts_clear(struct certificate_parts *parts)
{
	key_material_free(parts->material);
	certificate_free(parts->certificate);
	json_decref(parts->policy);
	json_decref(parts->pending);
	memset(parts, 0, sizeof(*parts));
}

struct key *certificate_acquire(struct key_store *store, enum key_place place, const char *name, bool exclusive)
{
	struct key *key = key_store_acquire(store, place, name, exclusive);

	return key && key->policy ? key : NULL;
}
