// SPDX-License-Identifier: Apache-2.0
// Makes and owns key material: generation, wrapping of existing keys, and the public members that a JWK shows.
#include "key_material.h"

#include "base64url.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NUMBER_BYTES 1024

// width 0 means: as many bytes as the number has.
static char *number_text(EVP_PKEY *pkey, const char *parameter, size_t width)
{
	uint8_t bytes[MAX_NUMBER_BYTES];
	BIGNUM *number = NULL;
	char *text = NULL;
	int length;

	if (EVP_PKEY_get_bn_param(pkey, parameter, &number) != 1)
		return NULL;
	if (width == 0)
		width = (size_t)BN_num_bytes(number);
	if (width <= sizeof(bytes)) {
		length = BN_bn2binpad(number, bytes, (int)width);
		if (length >= 0)
			text = base64url_text(bytes, (size_t)length);
	}
	BN_free(number);
	return text;
}

struct key_material *key_material_from_pkey(EVP_PKEY *pkey, const struct curve *curve)
{
	struct key_material *material = pkey ? calloc(1, sizeof(*material)) : NULL;

	if (!material) {
		EVP_PKEY_free(pkey);
		return NULL;
	}
	atomic_init(&material->references, 1);
	material->pkey = pkey;
	material->bits = (unsigned)EVP_PKEY_get_bits(pkey);
	if (curve) {
		material->type = KEY_EC;
		material->curve = curve;
		material->x = number_text(pkey, OSSL_PKEY_PARAM_EC_PUB_X, curve->width);
		material->y = number_text(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, curve->width);
	} else {
		material->type = KEY_RSA;
		material->n = number_text(pkey, OSSL_PKEY_PARAM_RSA_N, 0);
		material->e = number_text(pkey, OSSL_PKEY_PARAM_RSA_E, 0);
	}
	if (!(curve ? material->x && material->y : material->n && material->e)) {
		key_material_free(material);
		return NULL;
	}
	return material;
}

struct key_material *key_material_from_secret(const uint8_t *secret, size_t length)
{
	struct key_material *material;

	if (length > KEY_MATERIAL_MAX_SECRET)
		return NULL;
	material = calloc(1, sizeof(*material));
	if (!material)
		return NULL;
	atomic_init(&material->references, 1);
	material->type = KEY_OCT;
	material->bits = (unsigned)length * 8;
	memcpy(material->secret, secret, length);
	material->secret_length = length;
	return material;
}

// Called by OpenSSL for every candidate.
static int go_on(EVP_PKEY_CTX *context)
{
	atomic_bool *cancel = EVP_PKEY_CTX_get_app_data(context);

	return !cancel || !atomic_load(cancel);
}

static EVP_PKEY *generate_rsa(const struct key_spec *spec)
{
	uint64_t exponent = spec->exponent ? spec->exponent : 65537;
	unsigned bits = spec->bits;
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_BITS, &bits),
		OSSL_PARAM_construct_uint64(OSSL_PKEY_PARAM_RSA_E, &exponent),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *pkey = NULL;

	if (context && EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_CTX_set_params(context, parameters) == 1) {
		EVP_PKEY_CTX_set_app_data(context, spec->cancel);
		EVP_PKEY_CTX_set_cb(context, go_on);
		if (EVP_PKEY_generate(context, &pkey) != 1)
			pkey = NULL;
	}
	EVP_PKEY_CTX_free(context);
	return pkey;
}

struct key_material *key_material_generate(const struct key_spec *spec)
{
	struct key_material *material = NULL;
	uint8_t secret[KEY_MATERIAL_MAX_SECRET];

	switch (spec->type) {
	case KEY_RSA:
		material = key_material_from_pkey(generate_rsa(spec), NULL);
		break;
	case KEY_EC:
		material = key_material_from_pkey(EVP_EC_gen(spec->curve->group), spec->curve);
		break;
	case KEY_OCT:
		if (spec->bits / 8 <= sizeof(secret) && RAND_bytes(secret, (int)spec->bits / 8) == 1)
			material = key_material_from_secret(secret, spec->bits / 8);
		OPENSSL_cleanse(secret, sizeof(secret));
		break;
	}
	return material;
}

struct key_material *key_material_ref(struct key_material *material)
{
	atomic_fetch_add(&material->references, 1);
	return material;
}

void key_material_free(struct key_material *material)
{
	if (!material || atomic_fetch_sub(&material->references, 1) != 1)
		return;
	EVP_PKEY_free(material->pkey);
	OPENSSL_cleanse(material->secret, sizeof(material->secret));
	free(material->n);
	free(material->e);
	free(material->x);
	free(material->y);
	free(material);
}
