// SPDX-License-Identifier: Apache-2.0
// Reads the private keys that clients import, and refuses those that do not fit together.
#include "jwk.h"

#include "base64url.h"
#include "errors.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WIDTH 66 // of a coordinate: P-521
#define MAX_NUMBER_BYTES 1024 // of an RSA number, leading zeros included

struct jwk_number {
	const char *member, *parameter;
	bool required;
};

static const struct jwk_number rsa_numbers[] = {
	{ "n", OSSL_PKEY_PARAM_RSA_N, true },           { "e", OSSL_PKEY_PARAM_RSA_E, true },
	{ "d", OSSL_PKEY_PARAM_RSA_D, true },           { "p", OSSL_PKEY_PARAM_RSA_FACTOR1, false },
	{ "q", OSSL_PKEY_PARAM_RSA_FACTOR2, false },    { "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1, false },
	{ "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2, false }, { "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1, false },
};

#define RSA_NUMBER_COUNT (sizeof(rsa_numbers) / sizeof(rsa_numbers[0]))

// The bytes of a base64url member; false when it is absent or malformed.
static bool member_bytes(const json_t *jwk, const char *member, uint8_t **bytes, size_t *length)
{
	const json_t *value = json_object_get(jwk, member);

	return json_is_string(value) && base64url_bytes(json_string_value(value), json_string_length(value),
	                                                BASE64URL_REFUSE_PADDING, bytes, length);
}

static EVP_PKEY *pkey_from(const char *type, OSSL_PARAM_BLD *builder)
{
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY_CTX *check;
	EVP_PKEY *pkey = NULL;

	if (parameters && context && EVP_PKEY_fromdata_init(context) == 1 &&
	    EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_KEYPAIR, parameters) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	if (!pkey)
		return NULL;
	check = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (!check || EVP_PKEY_pairwise_check(check) != 1) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	EVP_PKEY_CTX_free(check);
	return pkey;
}

static bool push_rsa_numbers(OSSL_PARAM_BLD *builder, const json_t *jwk, BIGNUM *numbers[RSA_NUMBER_COUNT])
{
	// With only some of the factors OpenSSL would mix what is there with nothing.
	bool factors = json_object_get(jwk, "p") != NULL;

	for (size_t i = 0; i < RSA_NUMBER_COUNT; i++) {
		uint8_t *bytes;
		size_t length;

		if (!rsa_numbers[i].required && !factors)
			continue;
		if (!member_bytes(jwk, rsa_numbers[i].member, &bytes, &length))
			return false;
		if (length <= MAX_NUMBER_BYTES)
			numbers[i] = BN_bin2bn(bytes, (int)length, NULL);
		OPENSSL_cleanse(bytes, length);
		free(bytes);
		if (!numbers[i] || OSSL_PARAM_BLD_push_BN(builder, rsa_numbers[i].parameter, numbers[i]) != 1)
			return false;
	}
	return true;
}

static bool rsa_size_served(int bits)
{
	return bits == 2048 || bits == 3072 || bits == 4096;
}

static struct key_material *read_rsa(struct request *request, const json_t *jwk)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *numbers[RSA_NUMBER_COUNT] = { NULL };
	struct key_material *material = NULL;
	EVP_PKEY *pkey = NULL;

	if (builder && push_rsa_numbers(builder, jwk, numbers)) {
		if (!rsa_size_served(BN_num_bits(numbers[0])))
			fail(request, ERROR_BAD_KEY_SIZE, NULL, NULL, NULL);
		else
			pkey = pkey_from("RSA", builder);
	}
	for (size_t i = 0; i < RSA_NUMBER_COUNT; i++)
		BN_clear_free(numbers[i]);
	OSSL_PARAM_BLD_free(builder);
	if (pkey)
		material = key_material_from_pkey(pkey, NULL);
	if (material) {
		// The service shows `n` and `e` as they were sent, with leading zeros if they had any.
		char *n = strdup(json_string_value(json_object_get(jwk, "n")));
		char *e = strdup(json_string_value(json_object_get(jwk, "e")));

		if (n && e) {
			free(material->n);
			free(material->e);
			material->n = n;
			material->e = e;
		} else {
			free(n);
			free(e);
		}
	} else if (!request->answer.status) {
		fail(request, ERROR_BAD_JWK, "invalid RSA key", NULL, NULL);
	}
	return material;
}

// What the builder points to until the parameters are made.
struct ec_numbers {
	uint8_t point[1 + 2 * MAX_WIDTH];
	BIGNUM *private_number;
};

// d as a number and 04||x||y into the builder.
static bool push_ec(OSSL_PARAM_BLD *builder, const json_t *jwk, const struct curve *curve, struct ec_numbers *numbers)
{
	uint8_t *x = NULL, *y = NULL, *d = NULL;
	size_t x_length, y_length, d_length = 0;
	bool good = false;

	if (member_bytes(jwk, "x", &x, &x_length) && member_bytes(jwk, "y", &y, &y_length) &&
	    member_bytes(jwk, "d", &d, &d_length) && x_length == curve->width && y_length == curve->width &&
	    d_length <= curve->width + 1) {
		numbers->point[0] = POINT_CONVERSION_UNCOMPRESSED;
		memcpy(numbers->point + 1, x, x_length);
		memcpy(numbers->point + 1 + x_length, y, y_length);
		numbers->private_number = BN_bin2bn(d, (int)d_length, NULL);
		good = numbers->private_number &&
		       OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) == 1 &&
		       OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, numbers->point,
		                                        1 + 2 * curve->width) == 1 &&
		       OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, numbers->private_number) == 1;
	}
	if (d)
		OPENSSL_cleanse(d, d_length);
	free(x);
	free(y);
	free(d);
	return good;
}

static struct key_material *read_ec(struct request *request, const json_t *jwk)
{
	const char *name = json_string_value(json_object_get(jwk, "crv"));
	const struct curve *curve = name ? curve_by_name(name) : NULL;
	struct key_material *material = NULL;
	struct ec_numbers numbers = { .private_number = NULL };
	OSSL_PARAM_BLD *builder;
	EVP_PKEY *pkey = NULL;

	if (!curve) {
		fail(request, ERROR_BAD_CURVE, name ? name : "", NULL, NULL);
		return NULL;
	}
	builder = OSSL_PARAM_BLD_new();
	if (builder && push_ec(builder, jwk, curve, &numbers))
		pkey = pkey_from("EC", builder);
	OSSL_PARAM_BLD_free(builder);
	BN_clear_free(numbers.private_number);
	if (pkey)
		material = key_material_from_pkey(pkey, curve);
	if (!material)
		fail(request, ERROR_BAD_JWK, "invalid EC key", NULL, NULL);
	return material;
}

static struct key_material *read_oct(struct request *request, const json_t *jwk)
{
	struct key_material *material = NULL;
	uint8_t *secret;
	size_t length;

	if (!request->service->has_oct) {
		fail(request, ERROR_BAD_KTY, "oct", NULL, NULL);
		return NULL;
	}
	if (!member_bytes(jwk, "k", &secret, &length)) {
		fail(request, ERROR_BAD_JWK, "k is missing", NULL, NULL);
		return NULL;
	}
	if (length == 16 || length == 24 || length == 32)
		material = key_material_from_secret(secret, length);
	OPENSSL_cleanse(secret, length);
	free(secret);
	if (!material)
		fail(request, ERROR_BAD_KEY_SIZE, NULL, NULL, NULL);
	return material;
}

struct key_material *jwk_read(struct request *request, const json_t *jwk, bool *hsm)
{
	const char *kty = json_string_value(json_object_get(jwk, "kty"));
	enum key_type type;

	if (!kty) {
		fail(request, ERROR_KTY_MISSING, NULL, NULL, NULL);
		return NULL;
	}
	if (!key_type_by_name(kty, &type, hsm)) {
		fail(request, ERROR_BAD_KTY, kty, NULL, NULL);
		return NULL;
	}
	switch (type) {
	case KEY_RSA:
		return read_rsa(request, jwk);
	case KEY_EC:
		return read_ec(request, jwk);
	case KEY_OCT:
		return read_oct(request, jwk);
	}
	return NULL;
}
