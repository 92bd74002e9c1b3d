/* SPDX-License-Identifier: Apache-2.0 */
/* Creating a key in the HSM, from the words of a user. Errors come back in struct mh_error. */
#ifndef MH_PROVIDER_NEW_KEY_H
#define MH_PROVIDER_NEW_KEY_H

#include "provider/key.h"

struct new_key {
	char uri[KEY_URI_TEXT_MAX]; /* "" for a software key */
	bool asked; /* some option was given */
	unsigned bits; /* RSA; 0: 2048. AES; 0: 256 */
	unsigned public_exponent; /* RSA; 0: the service's own, 65537 */
	char group[32]; /* EC: OpenSSL's name or the JWK's */
	unsigned operations; /* enum jwk_operation bits; 0: the service's choice */
	bool software; /* Key Vault: a key that is not in its HSM */
	bool exportable;
	bool new_version; /* an existing key gets a new version; otherwise it is an error */
	char *release_policy; /* JSON; owned */
	char *tags; /* "name=value,..."; owned */
};

/* Reads one option; name is one of new_key_options. */
mh_result new_key_option(struct new_key *wish, const char *name, const char *value,
                         struct mh_error *error) MH_MUST_CHECK;

/* Creates it: one request, and one before that which looks whether the name is free. *key is the caller's. */
mh_result new_key_create(const struct hsm *hsm, enum key_type type, const struct new_key *wish, struct key **key,
                         struct mh_error *error) MH_MUST_CHECK;

void new_key_clear(struct new_key *wish);

/* The names of the options, ended by NULL: managedhsm-uri, managedhsm-key-ops, managedhsm-exportable,
 * managedhsm-release-policy, managedhsm-tags, managedhsm-new-version, managedhsm-protection. */
extern const char *const new_key_options[];

#endif
