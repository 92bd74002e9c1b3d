/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGNATURE under the names of OpenSSL >= 3.4 that have the digest in them: "RSA-SHA2-256" is PKCS#1 v1.5,
 * "ECDSA-SHA2-256". Used by who fetches them and calls EVP_PKEY_sign_init_ex2() (a digest) or
 * EVP_PKEY_sign_message_init() (a message). The same contexts as in signature.c, with the digest set from the
 * beginning.
 */
#include "provider/compat.h"

#if MH_COMPOSITE_SIGNATURES

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "provider/signature.h"
#include "provider/signature_composite.h"

static OSSL_FUNC_signature_newctx_fn rsa_sha256, rsa_sha384, rsa_sha512;
static OSSL_FUNC_signature_newctx_fn ecdsa_sha224, ecdsa_sha256, ecdsa_sha384, ecdsa_sha512;
static OSSL_FUNC_signature_query_key_types_fn query_key_types_rsa, query_key_types_ec;
static OSSL_FUNC_signature_sign_init_fn sign_init;
static OSSL_FUNC_signature_sign_message_init_fn sign_message_init;
static OSSL_FUNC_signature_verify_init_fn verify_init;
static OSSL_FUNC_signature_verify_message_init_fn verify_message_init;
static OSSL_FUNC_signature_verify_message_final_fn verify_message_final;
static OSSL_FUNC_signature_set_ctx_params_fn set_ctx_params;
static OSSL_FUNC_signature_settable_ctx_params_fn settable_ctx_params;
static OSSL_FUNC_signature_gettable_ctx_params_fn gettable_ctx_params;

static void *newctx(void *provctx, const char *propq, enum key_type type, const char *digest)
{
	struct signature *signature = signature_new(provctx, propq, type);

	if (signature != NULL)
		signature->digest = digest;
	return signature;
}

static void *rsa_sha256(void *provctx, const char *propq)
{
	return newctx(provctx, propq, KEY_RSA, "SHA2-256");
}

static void *rsa_sha384(void *provctx, const char *propq)
{
	return newctx(provctx, propq, KEY_RSA, "SHA2-384");
}

static void *rsa_sha512(void *provctx, const char *propq)
{
	return newctx(provctx, propq, KEY_RSA, "SHA2-512");
}

static void *ecdsa_sha224(void *provctx, const char *propq)
{
	return newctx(provctx, propq, KEY_EC, "SHA2-224");
}

static void *ecdsa_sha256(void *provctx, const char *propq)
{
	return newctx(provctx, propq, KEY_EC, "SHA2-256");
}

static void *ecdsa_sha384(void *provctx, const char *propq)
{
	return newctx(provctx, propq, KEY_EC, "SHA2-384");
}

static void *ecdsa_sha512(void *provctx, const char *propq)
{
	return newctx(provctx, propq, KEY_EC, "SHA2-512");
}

static const char **query_key_types_rsa(void)
{
	static const char *const types[] = { "RSA", NULL };

	return (const char **)(uintptr_t)types;
}

static const char **query_key_types_ec(void)
{
	static const char *const types[] = { "EC", NULL };

	return (const char **)(uintptr_t)types;
}

static int sign_init(void *ctx, void *provkey, const OSSL_PARAM params[])
{
	const struct signature *signature = ctx;

	(void)params; /* nothing of a composite can be chosen */
	return signature_start(ctx, provkey, SIGNATURE_SIGN, signature->digest, NULL);
}

static int sign_message_init(void *ctx, void *provkey, const OSSL_PARAM params[])
{
	const struct signature *signature = ctx;

	(void)params;
	return signature_start(ctx, provkey, SIGNATURE_DIGEST_SIGN, signature->digest, NULL);
}

static int verify_init(void *ctx, void *provkey, const OSSL_PARAM params[])
{
	const struct signature *signature = ctx;

	return signature_start(ctx, provkey, SIGNATURE_VERIFY, signature->digest, NULL) && set_ctx_params(ctx, params);
}

static int verify_message_init(void *ctx, void *provkey, const OSSL_PARAM params[])
{
	const struct signature *signature = ctx;

	return signature_start(ctx, provkey, SIGNATURE_DIGEST_VERIFY, signature->digest, NULL) &&
	       set_ctx_params(ctx, params);
}

static int verify_message_final(void *ctx)
{
	struct signature *signature = ctx;

	if (signature->expected == NULL)
		return RAISE_TEXT(&signature->provider->errors, MH_R_BAD_PARAMETER,
		                  "the signature to verify was not set: call EVP_PKEY_CTX_set_signature()");
	return signature_digest_verify_final(ctx, signature->expected, signature->expected_length);
}

static int set_ctx_params(void *ctx, const OSSL_PARAM params[])
{
	const OSSL_PARAM *p = params == NULL ? NULL : OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_SIGNATURE);
	struct signature *signature = ctx;

	if (p == NULL)
		return 1;
	OPENSSL_free(signature->expected);
	signature->expected = NULL;
	return OSSL_PARAM_get_octet_string(p, (void **)&signature->expected, 0, &signature->expected_length) == 1;
}

static const OSSL_PARAM *settable_ctx_params(void *ctx, void *provctx)
{
	static const OSSL_PARAM verifying[] = { OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_SIGNATURE, NULL, 0),
		                                OSSL_PARAM_END };
	static const OSSL_PARAM none[] = { OSSL_PARAM_END };
	const struct signature *signature = ctx;

	(void)provctx;
	return signature != NULL && signature->operation == SIGNATURE_DIGEST_VERIFY ? verifying : none;
}

static const OSSL_PARAM *gettable_ctx_params(void *ctx, void *provctx)
{
	static const OSSL_PARAM table[] = { OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
		                            OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		                            OSSL_PARAM_END };

	(void)ctx;
	(void)provctx;
	return table;
}

#define FUNCTIONS(newctx_function, query_key_types_function)                                                           \
	{ OSSL_FUNC_SIGNATURE_NEWCTX, (void (*)(void))(newctx_function) },                                             \
		{ OSSL_FUNC_SIGNATURE_FREECTX, (void (*)(void))signature_freectx },                                    \
		{ OSSL_FUNC_SIGNATURE_DUPCTX, (void (*)(void))signature_dupctx },                                      \
		{ OSSL_FUNC_SIGNATURE_QUERY_KEY_TYPES, (void (*)(void))(query_key_types_function) },                   \
		{ OSSL_FUNC_SIGNATURE_SIGN_INIT, (void (*)(void))sign_init },                                          \
		{ OSSL_FUNC_SIGNATURE_SIGN, (void (*)(void))signature_sign },                                          \
		{ OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_INIT, (void (*)(void))sign_message_init },                          \
		{ OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_UPDATE, (void (*)(void))signature_digest_sign_update },             \
		{ OSSL_FUNC_SIGNATURE_SIGN_MESSAGE_FINAL, (void (*)(void))signature_digest_sign_final },               \
		{ OSSL_FUNC_SIGNATURE_VERIFY_INIT, (void (*)(void))verify_init },                                      \
		{ OSSL_FUNC_SIGNATURE_VERIFY, (void (*)(void))signature_verify },                                      \
		{ OSSL_FUNC_SIGNATURE_VERIFY_MESSAGE_INIT, (void (*)(void))verify_message_init },                      \
		{ OSSL_FUNC_SIGNATURE_VERIFY_MESSAGE_UPDATE, (void (*)(void))signature_digest_verify_update },         \
		{ OSSL_FUNC_SIGNATURE_VERIFY_MESSAGE_FINAL, (void (*)(void))verify_message_final },                    \
		{ OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, (void (*)(void))signature_get_ctx_params },                      \
		{ OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, (void (*)(void))gettable_ctx_params },                      \
		{ OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, (void (*)(void))set_ctx_params },                                \
		{ OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, (void (*)(void))settable_ctx_params },                      \
	{                                                                                                              \
		0, NULL                                                                                                \
	}

const OSSL_DISPATCH signature_rsa_sha256_functions[] = { FUNCTIONS(rsa_sha256, query_key_types_rsa) };
const OSSL_DISPATCH signature_rsa_sha384_functions[] = { FUNCTIONS(rsa_sha384, query_key_types_rsa) };
const OSSL_DISPATCH signature_rsa_sha512_functions[] = { FUNCTIONS(rsa_sha512, query_key_types_rsa) };
const OSSL_DISPATCH signature_ecdsa_sha224_functions[] = { FUNCTIONS(ecdsa_sha224, query_key_types_ec) };
const OSSL_DISPATCH signature_ecdsa_sha256_functions[] = { FUNCTIONS(ecdsa_sha256, query_key_types_ec) };
const OSSL_DISPATCH signature_ecdsa_sha384_functions[] = { FUNCTIONS(ecdsa_sha384, query_key_types_ec) };
const OSSL_DISPATCH signature_ecdsa_sha512_functions[] = { FUNCTIONS(ecdsa_sha512, query_key_types_ec) };

#endif
