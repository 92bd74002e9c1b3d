/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signature operations that need no HSM: every verification, and signatures of software keys. Each call goes to the
 * default provider in the private library context, with the caller's own parameters. Used by signature.c alone. All
 * return 1 or 0.
 */
#ifndef MH_PROVIDER_SIGNATURE_LOCAL_H
#define MH_PROVIDER_SIGNATURE_LOCAL_H

#include <openssl/core.h>
#include <openssl/types.h>

#include "provider/key.h"

enum signature_operation {
	SIGNATURE_NONE,
	SIGNATURE_SIGN,
	SIGNATURE_VERIFY,
	SIGNATURE_VERIFY_RECOVER,
	SIGNATURE_DIGEST_SIGN,
	SIGNATURE_DIGEST_VERIFY
};

struct local_signature {
	EVP_PKEY_CTX *ctx; /* of the raw operations */
	EVP_MD_CTX *hash; /* of the digest operations; owns its EVP_PKEY_CTX */
};

/* restart: keep key and settings of the operation that is there. */
int local_signature_init(struct local_signature *local, const struct key *key, enum signature_operation operation,
                         bool restart, const char *digest_name, const OSSL_PARAM params[]);
/* The context whose parameters are the operation's; NULL before init. */
EVP_PKEY_CTX *local_signature_ctx(const struct local_signature *local);
int local_signature_copy(struct local_signature *to, const struct local_signature *from);
void local_signature_clear(struct local_signature *local);

#endif
