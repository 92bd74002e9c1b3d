/* SPDX-License-Identifier: Apache-2.0 */
/* A signature made in the HSM: its settings, the local hash, the one request. Used by signature.c alone. */
#ifndef MH_PROVIDER_SIGNATURE_REMOTE_H
#define MH_PROVIDER_SIGNATURE_REMOTE_H

#include <openssl/core.h>
#include <openssl/types.h>

#include "provider/key.h"
#include "provider/provider.h"

struct remote_signature {
	const struct provider *provider;
	struct key *key; /* a reference; NULL before init */
	char *properties; /* for fetching the digest; NULL: none asked for */
	EVP_MD *md;
	const struct sign_digest *digest; /* the row of md; NULL when no digest is set */
	EVP_MD_CTX *hash; /* the running digest of digest_sign */
	bool digesting; /* digest_sign: the digest cannot change any more */
	enum sign_padding padding; /* RSA */
	int salt_length; /* PSS: bytes as the caller said them, or an RSA_PSS_SALTLEN_ constant */
	const struct sign_digest *mgf1; /* PSS: NULL when not said */
};

/* All return 1 or 0 as OpenSSL's entry points do, and raise one error when they return 0. */

/* key NULL keeps the earlier key and its settings. digest_name may be NULL. */
int remote_signature_init(struct remote_signature *remote, struct key *key, bool digesting, const char *digest_name,
                          const OSSL_PARAM params[]);
int remote_signature_update(struct remote_signature *remote, const unsigned char *data, size_t length);
/* sig NULL: the size alone. value is the digest. */
int remote_signature_sign(struct remote_signature *remote, unsigned char *sig, size_t *length, size_t capacity,
                          struct mh_span value);
int remote_signature_final(struct remote_signature *remote, unsigned char *sig, size_t *length, size_t capacity);
int remote_signature_copy(struct remote_signature *to, const struct remote_signature *from);
void remote_signature_clear(struct remote_signature *remote);

/* signature_remote_params.c */
int remote_signature_set_params(struct remote_signature *remote, const OSSL_PARAM params[]);
int remote_signature_get_params(struct remote_signature *remote, OSSL_PARAM params[]);
/* Whether the PSS settings are what the service can do; 1 for other paddings, and while there is no digest. */
int remote_signature_check_pss(const struct remote_signature *remote);
int remote_signature_set_digest(struct remote_signature *remote, const char *name);

#endif
