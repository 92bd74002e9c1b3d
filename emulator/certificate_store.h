// SPDX-License-Identifier: Apache-2.0
// Puts certificates into a key store.
#ifndef EMULATOR_CERTIFICATE_STORE_H
#define EMULATOR_CERTIFICATE_STORE_H
#include "key_store.h"

// All that a new version brings with it.
struct certificate_parts {
	struct key_material *material;
	struct certificate *certificate;
	json_t *policy; // complete
	json_t *pending; // NULL: it was imported
};

// Adds a version to the certificate of that name, which is made when there is none. Takes certificate, policy and
// pending, and sets them to NULL, only on success. NULL without memory. Needs the store's lock; the name must not be
// that of a key which has no certificate, nor of a deleted one. *key is what the version belongs to.
struct key_version *certificate_put(struct key_store *store, const char *name, struct certificate_parts *parts,
                                    struct key **key);
void certificate_parts_clear(struct certificate_parts *parts);

// The certificate of that name: key_store_acquire() for those keys that have one.
struct key *certificate_acquire(struct key_store *store, enum key_place place, const char *name, bool exclusive);
#endif
