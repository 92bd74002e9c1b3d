// SPDX-License-Identifier: Apache-2.0
// Keys as JSON: what a client sends to import, and what the service shows.
#ifndef EMULATOR_JWK_H
#define EMULATOR_JWK_H
#include "request.h"

// Reads a private JWK. On failure the request's answer is set and NULL returned. *hsm as key_type_by_name().
struct key_material *jwk_read(struct request *request, const json_t *jwk, bool *hsm);

enum jwk_view {
	JWK_KEY, // key, attributes, tags
	JWK_CREATED, // the same, just created: Managed HSM shows key_ops in another order
	JWK_ITEM, // an element of the list of keys: kid without version, attributes, tags
	JWK_VERSION, // an element of the list of versions
	JWK_DELETED_KEY, // JWK_KEY and the dates of deletion
	JWK_DELETED_ITEM,
};

// Members in Key Vault's order (Managed HSM's is made by sorting when it is written). NULL without memory.
json_t *jwk_show(const struct request *request, const struct key *key, const struct key_version *version,
                 enum jwk_view view);
// Adds recoveryId and the dates of a deletion. collection is "deletedkeys" or "deletedcertificates".
void show_deletion(json_t *shown, const struct request *request, const struct key *key, const char *collection);
// "https://host/keys/name/version"; the caller frees.
char *jwk_kid(const struct request *request, const char *name, const char *version);
#endif
