/* SPDX-License-Identifier: Apache-2.0 */
/* The context of a signature operation, shared by signature.c ("RSA", "ECDSA") and signature_composite.c
 * ("RSA-SHA256"). */
#ifndef MH_PROVIDER_SIGNATURE_H
#define MH_PROVIDER_SIGNATURE_H

#include <openssl/core_dispatch.h>

#include "provider/signature_local.h"
#include "provider/signature_remote.h"

struct signature {
	const struct provider *provider;
	enum key_type type;
	enum signature_operation operation;
	struct key *key; /* a reference; NULL before the first init */
	struct remote_signature remote; /* in use when signing with a key in the HSM */
	struct local_signature local; /* in use otherwise */
	const char *digest; /* composite: the one that is part of the algorithm's name; else NULL */
	uint8_t *expected; /* composite: the signature that a message is verified against */
	size_t expected_length;
};

struct signature *signature_new(void *provctx, const char *propq, enum key_type type);

/* Every init: key NULL keeps the earlier key, and a second init drops a half-done operation. */
int signature_start(void *ctx, void *provkey, enum signature_operation operation, const char *digest_name,
                    const OSSL_PARAM params[]);

OSSL_FUNC_signature_freectx_fn signature_freectx;
OSSL_FUNC_signature_dupctx_fn signature_dupctx;
OSSL_FUNC_signature_sign_fn signature_sign;
OSSL_FUNC_signature_verify_fn signature_verify;
OSSL_FUNC_signature_digest_sign_update_fn signature_digest_sign_update;
OSSL_FUNC_signature_digest_sign_final_fn signature_digest_sign_final;
OSSL_FUNC_signature_digest_sign_fn signature_digest_sign;
OSSL_FUNC_signature_digest_verify_update_fn signature_digest_verify_update;
OSSL_FUNC_signature_digest_verify_final_fn signature_digest_verify_final;
OSSL_FUNC_signature_digest_verify_fn signature_digest_verify;
OSSL_FUNC_signature_get_ctx_params_fn signature_get_ctx_params;

#endif
