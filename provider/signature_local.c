/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts of the default provider behind our own. */
#include "provider/signature_local.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

static int init_hash(struct local_signature *local, const struct key *key, enum signature_operation operation,
                     bool restart, const char *digest_name, const OSSL_PARAM params[])
{
	EVP_PKEY *pkey = restart ? NULL : key->pkey;

	if (local->hash == NULL && (local->hash = EVP_MD_CTX_new()) == NULL)
		return 0;
	if (operation == SIGNATURE_DIGEST_SIGN)
		return EVP_DigestSignInit_ex(local->hash, NULL, digest_name, key->hsm->libctx, NULL, pkey, params) == 1;
	return EVP_DigestVerifyInit_ex(local->hash, NULL, digest_name, key->hsm->libctx, NULL, pkey, params) == 1;
}

static int set_digest(struct local_signature *local, const char *name)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, (char *)(uintptr_t)name, 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_PKEY_CTX_set_params(local->ctx, params) == 1;
}

static int init_raw(struct local_signature *local, const struct key *key, enum signature_operation operation,
                    const OSSL_PARAM params[])
{
	local->ctx = EVP_PKEY_CTX_new_from_pkey(key->hsm->libctx, key->pkey, NULL);
	if (local->ctx == NULL)
		return 0;
	switch (operation) {
	case SIGNATURE_SIGN:
		return EVP_PKEY_sign_init_ex(local->ctx, params) == 1;
	case SIGNATURE_VERIFY:
		return EVP_PKEY_verify_init_ex(local->ctx, params) == 1;
	case SIGNATURE_VERIFY_RECOVER:
		return EVP_PKEY_verify_recover_init_ex(local->ctx, params) == 1;
	default:
		return 0;
	}
}

int local_signature_init(struct local_signature *local, const struct key *key, enum signature_operation operation,
                         bool restart, const char *digest_name, const OSSL_PARAM params[])
{
	bool digest = operation == SIGNATURE_DIGEST_SIGN || operation == SIGNATURE_DIGEST_VERIFY;

	if (key->pkey == NULL)
		return 0;
	if (!restart)
		local_signature_clear(local);
	if (digest)
		return init_hash(local, key, operation, restart, digest_name, params);
	if (restart)
		return params == NULL || EVP_PKEY_CTX_set_params(local->ctx, params) == 1;
	return init_raw(local, key, operation, params) == 1 && (digest_name == NULL || set_digest(local, digest_name));
}

EVP_PKEY_CTX *local_signature_ctx(const struct local_signature *local)
{
	if (local->ctx != NULL)
		return local->ctx;
	return local->hash != NULL ? EVP_MD_CTX_get_pkey_ctx(local->hash) : NULL;
}

int local_signature_copy(struct local_signature *to, const struct local_signature *from)
{
	to->ctx = NULL;
	to->hash = NULL;
	if (from->ctx != NULL && (to->ctx = EVP_PKEY_CTX_dup(from->ctx)) == NULL)
		return 0;
	if (from->hash != NULL &&
	    ((to->hash = EVP_MD_CTX_new()) == NULL || EVP_MD_CTX_copy_ex(to->hash, from->hash) != 1)) {
		local_signature_clear(to);
		return 0;
	}
	return 1;
}

void local_signature_clear(struct local_signature *local)
{
	EVP_PKEY_CTX_free(local->ctx);
	EVP_MD_CTX_free(local->hash);
	local->ctx = NULL;
	local->hash = NULL;
}
