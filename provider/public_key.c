/* SPDX-License-Identifier: Apache-2.0 */
/* The service describes a key as a JWK; everything local (verify, encrypt, export, match) wants an EVP_PKEY. */
#include "provider/public_key.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "provider/sign_algorithm.h"

static EVP_PKEY *from_parameters(OSSL_LIB_CTX *libctx, const char *type, OSSL_PARAM_BLD *builder)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(libctx, type, NULL);
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY *pkey = NULL;

	if (ctx == NULL || parameters == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		pkey = NULL;
	OSSL_PARAM_free(parameters);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static EVP_PKEY *rsa_key(OSSL_LIB_CTX *libctx, const struct jwk *jwk)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_bin2bn(jwk->n, (int)jwk->n_length, NULL);
	BIGNUM *e = BN_bin2bn(jwk->e, (int)jwk->e_length, NULL);
	EVP_PKEY *pkey = NULL;

	if (builder != NULL && n != NULL && e != NULL &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		pkey = from_parameters(libctx, "RSA", builder);
	BN_free(n);
	BN_free(e);
	OSSL_PARAM_BLD_free(builder);
	return pkey;
}

static EVP_PKEY *ec_key(OSSL_LIB_CTX *libctx, const struct jwk *jwk)
{
	const struct sign_curve *curve = sign_curve_find(jwk->curve);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	uint8_t point[1 + 2 * JWK_EC_FIELD_MAX];
	EVP_PKEY *pkey = NULL;

	point[0] = POINT_CONVERSION_UNCOMPRESSED;
	memcpy(point + 1, jwk->x, jwk->field_length);
	memcpy(point + 1 + jwk->field_length, jwk->y, jwk->field_length);
	if (builder != NULL && curve != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * jwk->field_length) == 1)
		pkey = from_parameters(libctx, "EC", builder);
	OSSL_PARAM_BLD_free(builder);
	return pkey;
}

mh_result public_key_from_jwk(OSSL_LIB_CTX *libctx, const struct jwk *jwk, EVP_PKEY **pkey, struct mh_error *error)
{
	if (jwk->kind == JWK_OCT)
		return mh_fail(error, MH_R_UNSUPPORTED_KEY,
		               "the key '%s' is symmetric (kty oct): it has no public half and cannot sign", jwk->key);
	ERR_set_mark();
	*pkey = jwk->kind == JWK_RSA ? rsa_key(libctx, jwk) : ec_key(libctx, jwk);
	ERR_pop_to_mark();
	if (*pkey == NULL)
		return mh_fail(error, MH_R_BAD_ANSWER,
		               "the service described the key '%s' with numbers that are no %s key", jwk->key,
		               jwk->kind == JWK_RSA ? "RSA" : jwk_curve_name(jwk->curve));
	return MH_SUCCESS;
}
