// SPDX-License-Identifier: Apache-2.0
// ECDSA over a digest, with signatures as r||s.
#include "crypto.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define DER_MAX 160 // P-521: two integers of 67 bytes and their headers

static bool der_to_raw(const uint8_t *der, size_t length, size_t width, struct output *signature)
{
	ECDSA_SIG *parsed = d2i_ECDSA_SIG(NULL, &der, (long)length);
	bool good = false;

	if (!parsed)
		return false;
	signature->length = 2 * width;
	signature->bytes = malloc(signature->length);
	if (signature->bytes) {
		good = BN_bn2binpad(ECDSA_SIG_get0_r(parsed), signature->bytes, (int)width) >= 0 &&
		       BN_bn2binpad(ECDSA_SIG_get0_s(parsed), signature->bytes + width, (int)width) >= 0;
		if (!good)
			free(signature->bytes);
	}
	ECDSA_SIG_free(parsed);
	return good;
}

bool ec_sign(const struct key_material *key, struct span digest, struct output *signature)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	uint8_t der[DER_MAX];
	size_t length = sizeof(der);
	bool good = context && EVP_PKEY_sign_init(context) == 1 &&
	            EVP_PKEY_sign(context, der, &length, digest.bytes, digest.length) == 1 &&
	            der_to_raw(der, length, key->curve->width, signature);

	EVP_PKEY_CTX_free(context);
	return good;
}

// The DER form in a buffer of OpenSSL's; a negative length on failure.
static int raw_to_der(struct span raw, uint8_t **der)
{
	ECDSA_SIG *signature = ECDSA_SIG_new();
	size_t width = raw.length / 2;
	BIGNUM *r = BN_bin2bn(raw.bytes, (int)width, NULL);
	BIGNUM *s = BN_bin2bn(raw.bytes + width, (int)width, NULL);
	int length = -1;

	if (signature && r && s && ECDSA_SIG_set0(signature, r, s) == 1) {
		length = i2d_ECDSA_SIG(signature, der);
	} else {
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(signature);
	return length;
}

bool ec_verify(const struct key_material *key, struct span digest, struct span signature)
{
	EVP_PKEY_CTX *context;
	uint8_t *der = NULL;
	int length;
	bool good;

	if (signature.length != 2 * key->curve->width)
		return false;
	length = raw_to_der(signature, &der);
	if (length < 0)
		return false;
	context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	good = context && EVP_PKEY_verify_init(context) == 1 &&
	       EVP_PKEY_verify(context, der, (size_t)length, digest.bytes, digest.length) == 1;
	EVP_PKEY_CTX_free(context);
	OPENSSL_free(der);
	return good;
}
