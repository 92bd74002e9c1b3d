/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGNATURE for RSA and ECDSA, provider-signature(7). Signing with a key in the HSM is remote; everything else
 * (verification, signatures of software keys) is local. This file decides which, and is the calling convention.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "provider/signature.h"

static OSSL_FUNC_signature_newctx_fn newctx_rsa, newctx_ecdsa;
static OSSL_FUNC_signature_sign_init_fn sign_init;
static OSSL_FUNC_signature_verify_init_fn verify_init;
static OSSL_FUNC_signature_verify_recover_init_fn verify_recover_init;
static OSSL_FUNC_signature_verify_recover_fn verify_recover;
static OSSL_FUNC_signature_digest_sign_init_fn digest_sign_init;
static OSSL_FUNC_signature_digest_verify_init_fn digest_verify_init;
static OSSL_FUNC_signature_set_ctx_params_fn set_ctx_params;
static OSSL_FUNC_signature_gettable_ctx_params_fn gettable_ctx_params_rsa, gettable_ctx_params_ecdsa;
static OSSL_FUNC_signature_settable_ctx_params_fn settable_ctx_params_rsa, settable_ctx_params_ecdsa;

static bool is_remote(const struct signature *signature)
{
	return signature->key != NULL && signature->key->in_hsm &&
	       (signature->operation == SIGNATURE_SIGN || signature->operation == SIGNATURE_DIGEST_SIGN);
}

struct signature *signature_new(void *provctx, const char *propq, enum key_type type)
{
	struct signature *signature = OPENSSL_zalloc(sizeof(*signature));

	if (signature == NULL)
		return NULL;
	signature->provider = signature->remote.provider = provctx;
	signature->type = type;
	if (propq != NULL && (signature->remote.properties = OPENSSL_strdup(propq)) == NULL) {
		OPENSSL_free(signature);
		return NULL;
	}
	return signature;
}

static void *newctx_rsa(void *provctx, const char *propq)
{
	return signature_new(provctx, propq, KEY_RSA);
}

static void *newctx_ecdsa(void *provctx, const char *propq)
{
	return signature_new(provctx, propq, KEY_EC);
}

void signature_freectx(void *ctx)
{
	struct signature *signature = ctx;

	if (signature == NULL)
		return;
	remote_signature_clear(&signature->remote);
	local_signature_clear(&signature->local);
	key_free(signature->key);
	OPENSSL_free(signature->expected);
	OPENSSL_free(signature);
}

static bool copy_expected(struct signature *to, const struct signature *from)
{
	if (from->expected == NULL)
		return true;
	to->expected = OPENSSL_memdup(from->expected, from->expected_length);
	to->expected_length = from->expected_length;
	return to->expected != NULL;
}

void *signature_dupctx(void *ctx)
{
	const struct signature *from = ctx;
	struct signature *to = OPENSSL_zalloc(sizeof(*to));

	if (to == NULL)
		return NULL;
	to->provider = from->provider;
	to->type = from->type;
	to->operation = from->operation;
	to->key = key_reference(from->key);
	to->digest = from->digest;
	if (remote_signature_copy(&to->remote, &from->remote) != 1 ||
	    local_signature_copy(&to->local, &from->local) != 1 || !copy_expected(to, from)) {
		signature_freectx(to);
		return NULL;
	}
	return to;
}

/* Every init: key NULL keeps the earlier key, and a second init drops a half-done operation. */
int signature_start(void *ctx, void *provkey, enum signature_operation operation, const char *digest_name,
                    const OSSL_PARAM params[])
{
	struct signature *signature = ctx;
	struct key *key = provkey;
	bool restart = key == NULL && signature->operation == operation;
	bool digesting = operation == SIGNATURE_DIGEST_SIGN;

	if (key == NULL && signature->key == NULL)
		return RAISE_TEXT(&signature->provider->errors, MH_R_BAD_PARAMETER,
		                  "a signature operation was started without a key");
	if (key != NULL && key->type != signature->type)
		return RAISE_TEXT(&signature->provider->errors, MH_R_UNSUPPORTED_KEY, "the key is no %s key",
		                  key_type_name(signature->type));
	if (key != NULL) {
		key_reference(key);
		key_free(signature->key);
		signature->key = key;
	}
	signature->operation = operation;
	if (is_remote(signature)) {
		if (remote_signature_init(&signature->remote, restart ? NULL : signature->key, digesting, digest_name,
		                          params) == 1)
			return 1;
	} else {
		if (local_signature_init(&signature->local, signature->key, operation, restart, digest_name, params) ==
		    1)
			return 1;
		local_signature_clear(&signature->local);
	}
	signature->operation = SIGNATURE_NONE;
	return 0;
}

static int not_started(const struct signature *signature)
{
	return RAISE_TEXT(&signature->provider->errors, MH_R_UNSUPPORTED_OPERATION,
	                  "the signature operation was not started");
}

static int sign_init(void *ctx, void *provkey, const OSSL_PARAM params[])
{
	return signature_start(ctx, provkey, SIGNATURE_SIGN, NULL, params);
}

int signature_sign(void *ctx, unsigned char *sig, size_t *siglen, size_t sigsize, const unsigned char *tbs,
                   size_t tbslen)
{
	struct signature *signature = ctx;

	/* After EVP_PKEY_sign_message_init(): the message at once. */
	if (signature->operation == SIGNATURE_DIGEST_SIGN)
		return signature_digest_sign(ctx, sig, siglen, sigsize, tbs, tbslen);
	if (signature->operation != SIGNATURE_SIGN)
		return not_started(signature);
	if (is_remote(signature))
		return remote_signature_sign(&signature->remote, sig, siglen, sigsize, (struct mh_span){ tbs, tbslen });
	*siglen = sigsize;
	return EVP_PKEY_sign(signature->local.ctx, sig, siglen, tbs, tbslen) == 1;
}

static int verify_init(void *ctx, void *provkey, const OSSL_PARAM params[])
{
	return signature_start(ctx, provkey, SIGNATURE_VERIFY, NULL, params);
}

int signature_verify(void *ctx, const unsigned char *sig, size_t siglen, const unsigned char *tbs, size_t tbslen)
{
	struct signature *signature = ctx;

	if (signature->operation == SIGNATURE_DIGEST_VERIFY)
		return signature_digest_verify(ctx, sig, siglen, tbs, tbslen);
	if (signature->operation != SIGNATURE_VERIFY)
		return not_started(signature);
	return EVP_PKEY_verify(signature->local.ctx, sig, siglen, tbs, tbslen) == 1;
}

static int verify_recover_init(void *ctx, void *provkey, const OSSL_PARAM params[])
{
	return signature_start(ctx, provkey, SIGNATURE_VERIFY_RECOVER, NULL, params);
}

static int verify_recover(void *ctx, unsigned char *rout, size_t *routlen, size_t routsize, const unsigned char *sig,
                          size_t siglen)
{
	struct signature *signature = ctx;

	if (signature->operation != SIGNATURE_VERIFY_RECOVER)
		return not_started(signature);
	*routlen = routsize;
	return EVP_PKEY_verify_recover(signature->local.ctx, rout, routlen, sig, siglen) == 1;
}

static int digest_sign_init(void *ctx, const char *mdname, void *provkey, const OSSL_PARAM params[])
{
	return signature_start(ctx, provkey, SIGNATURE_DIGEST_SIGN, mdname, params);
}

int signature_digest_sign_update(void *ctx, const unsigned char *data, size_t datalen)
{
	struct signature *signature = ctx;

	if (signature->operation != SIGNATURE_DIGEST_SIGN)
		return not_started(signature);
	if (is_remote(signature))
		return remote_signature_update(&signature->remote, data, datalen);
	return EVP_DigestSignUpdate(signature->local.hash, data, datalen) == 1;
}

int signature_digest_sign_final(void *ctx, unsigned char *sig, size_t *siglen, size_t sigsize)
{
	struct signature *signature = ctx;

	if (signature->operation != SIGNATURE_DIGEST_SIGN)
		return not_started(signature);
	if (is_remote(signature))
		return remote_signature_final(&signature->remote, sig, siglen, sigsize);
	*siglen = sigsize;
	return EVP_DigestSignFinal(signature->local.hash, sig, siglen) == 1;
}

int signature_digest_sign(void *ctx, unsigned char *sigret, size_t *siglen, size_t sigsize, const unsigned char *tbs,
                          size_t tbslen)
{
	/* A size query must not hash, or the call that follows would sign the message twice over. */
	if (sigret != NULL && signature_digest_sign_update(ctx, tbs, tbslen) != 1)
		return 0;
	return signature_digest_sign_final(ctx, sigret, siglen, sigsize);
}

static int digest_verify_init(void *ctx, const char *mdname, void *provkey, const OSSL_PARAM params[])
{
	return signature_start(ctx, provkey, SIGNATURE_DIGEST_VERIFY, mdname, params);
}

int signature_digest_verify_update(void *ctx, const unsigned char *data, size_t datalen)
{
	struct signature *signature = ctx;

	if (signature->operation != SIGNATURE_DIGEST_VERIFY)
		return not_started(signature);
	return EVP_DigestVerifyUpdate(signature->local.hash, data, datalen) == 1;
}

int signature_digest_verify_final(void *ctx, const unsigned char *sig, size_t siglen)
{
	struct signature *signature = ctx;

	if (signature->operation != SIGNATURE_DIGEST_VERIFY)
		return not_started(signature);
	return EVP_DigestVerifyFinal(signature->local.hash, sig, siglen) == 1;
}

int signature_digest_verify(void *ctx, const unsigned char *sig, size_t siglen, const unsigned char *tbs, size_t tbslen)
{
	return signature_digest_verify_update(ctx, tbs, tbslen) == 1 &&
	       signature_digest_verify_final(ctx, sig, siglen) == 1;
}

int signature_get_ctx_params(void *ctx, OSSL_PARAM params[])
{
	struct signature *signature = ctx;
	EVP_PKEY_CTX *inner;

	if (is_remote(signature))
		return remote_signature_get_params(&signature->remote, params);
	inner = local_signature_ctx(&signature->local);
	return inner != NULL && EVP_PKEY_CTX_get_params(inner, params) == 1;
}

static int set_ctx_params(void *ctx, const OSSL_PARAM params[])
{
	struct signature *signature = ctx;
	EVP_PKEY_CTX *inner;

	if (params == NULL || params->key == NULL)
		return 1;
	if (is_remote(signature))
		return remote_signature_set_params(&signature->remote, params);
	inner = local_signature_ctx(&signature->local);
	return inner != NULL && EVP_PKEY_CTX_set_params(inner, params) == 1;
}

static const OSSL_PARAM *gettable_ctx_params_rsa(void *ctx, void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)ctx;
	(void)provctx;
	return table;
}

static const OSSL_PARAM *settable_ctx_params_rsa(void *ctx, void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PROPERTIES, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_PROPERTIES, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)ctx;
	(void)provctx;
	return table;
}

static const OSSL_PARAM *gettable_ctx_params_ecdsa(void *ctx, void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
		OSSL_PARAM_size_t(OSSL_SIGNATURE_PARAM_DIGEST_SIZE, NULL),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)ctx;
	(void)provctx;
	return table;
}

static const OSSL_PARAM *settable_ctx_params_ecdsa(void *ctx, void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_size_t(OSSL_SIGNATURE_PARAM_DIGEST_SIZE, NULL),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PROPERTIES, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)ctx;
	(void)provctx;
	return table;
}

#define COMMON_FUNCTIONS                                                                                               \
	{ OSSL_FUNC_SIGNATURE_FREECTX, (void (*)(void))signature_freectx },                                            \
		{ OSSL_FUNC_SIGNATURE_DUPCTX, (void (*)(void))signature_dupctx },                                      \
		{ OSSL_FUNC_SIGNATURE_SIGN_INIT, (void (*)(void))sign_init },                                          \
		{ OSSL_FUNC_SIGNATURE_SIGN, (void (*)(void))signature_sign },                                          \
		{ OSSL_FUNC_SIGNATURE_VERIFY_INIT, (void (*)(void))verify_init },                                      \
		{ OSSL_FUNC_SIGNATURE_VERIFY, (void (*)(void))signature_verify },                                      \
		{ OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, (void (*)(void))digest_sign_init },                            \
		{ OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, (void (*)(void))signature_digest_sign_update },              \
		{ OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, (void (*)(void))signature_digest_sign_final },                \
		{ OSSL_FUNC_SIGNATURE_DIGEST_SIGN, (void (*)(void))signature_digest_sign },                            \
		{ OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, (void (*)(void))digest_verify_init },                        \
		{ OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, (void (*)(void))signature_digest_verify_update },          \
		{ OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, (void (*)(void))signature_digest_verify_final },            \
		{ OSSL_FUNC_SIGNATURE_DIGEST_VERIFY, (void (*)(void))signature_digest_verify },                        \
		{ OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, (void (*)(void))signature_get_ctx_params },                      \
	{                                                                                                              \
		OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, (void (*)(void))set_ctx_params                                     \
	}

const OSSL_DISPATCH signature_rsa_functions[] = {
	COMMON_FUNCTIONS,
	{ OSSL_FUNC_SIGNATURE_NEWCTX, (void (*)(void))newctx_rsa },
	{ OSSL_FUNC_SIGNATURE_VERIFY_RECOVER_INIT, (void (*)(void))verify_recover_init },
	{ OSSL_FUNC_SIGNATURE_VERIFY_RECOVER, (void (*)(void))verify_recover },
	{ OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, (void (*)(void))gettable_ctx_params_rsa },
	{ OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, (void (*)(void))settable_ctx_params_rsa },
	{ 0, NULL },
};

const OSSL_DISPATCH signature_ecdsa_functions[] = {
	COMMON_FUNCTIONS,
	{ OSSL_FUNC_SIGNATURE_NEWCTX, (void (*)(void))newctx_ecdsa },
	{ OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, (void (*)(void))gettable_ctx_params_ecdsa },
	{ OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, (void (*)(void))settable_ctx_params_ecdsa },
	{ 0, NULL },
};
