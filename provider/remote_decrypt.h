/* SPDX-License-Identifier: Apache-2.0 */
/* A decryption in the HSM: its settings and the one request. Used by asym_cipher.c alone. */
#ifndef MH_PROVIDER_REMOTE_DECRYPT_H
#define MH_PROVIDER_REMOTE_DECRYPT_H

#include <openssl/core.h>

#include "provider/key.h"
#include "provider/provider.h"

/* Of the digests that the service has for OAEP. */
enum oaep_digest { OAEP_UNSAID, OAEP_SHA1, OAEP_SHA256 };

struct remote_decrypt {
	int padding; /* RSA_PKCS1_PADDING, RSA_PKCS1_OAEP_PADDING or RSA_PKCS1_WITH_TLS_PADDING */
	enum oaep_digest digest; /* unsaid: SHA-1 */
	enum oaep_digest mgf1; /* unsaid: the same */
	unsigned client_version; /* TLS: what the client's hello said, and what was agreed upon; 0 for unsaid */
	unsigned negotiated_version;
};

/* All return 1 or 0 as OpenSSL's entry points do, and raise one error when they return 0. */

void remote_decrypt_init(struct remote_decrypt *remote, const struct provider *provider);
int remote_decrypt_set_params(struct remote_decrypt *remote, const struct provider *provider,
                              const OSSL_PARAM params[]);
int remote_decrypt_get_params(const struct remote_decrypt *remote, OSSL_PARAM params[]);
/* out NULL: the size alone. */
int remote_decrypt(const struct remote_decrypt *remote, const struct key *key, unsigned char *out, size_t *length,
                   size_t capacity, struct mh_span ciphertext);

#endif
