// SPDX-License-Identifier: Apache-2.0
// RSA as the service does it: PSS with salt and MGF1 of the same digest, OAEP without label, PKCS#1 v1.5.
#include "crypto.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

static bool set_signature_parameters(EVP_PKEY_CTX *context, const struct algorithm *algorithm)
{
	const EVP_MD *digest = algorithm->digest ? EVP_get_digestbyname(algorithm->digest) : NULL;
	int padding = algorithm->scheme == SCHEME_RSA_PSS ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;

	if (EVP_PKEY_CTX_set_rsa_padding(context, padding) != 1)
		return false;
	// RSNULL sets no digest: OpenSSL then pads what it is given as it is.
	if (digest && EVP_PKEY_CTX_set_signature_md(context, digest) != 1)
		return false;
	return algorithm->scheme != SCHEME_RSA_PSS ||
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool set_encryption_parameters(EVP_PKEY_CTX *context, const struct algorithm *algorithm)
{
	if (algorithm->scheme == SCHEME_RSA_PKCS1_ENCRYPT)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
	return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_get_digestbyname(algorithm->digest)) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_get_digestbyname(algorithm->digest)) == 1;
}

typedef int pkey_operation(EVP_PKEY_CTX *, unsigned char *, size_t *, const unsigned char *, size_t);

// Runs an operation whose result is at most as long as the modulus.
static bool run(const struct key_material *key, EVP_PKEY_CTX *context, pkey_operation *operation, struct span in,
                struct output *out)
{
	out->length = (size_t)EVP_PKEY_get_size(key->pkey);
	out->bytes = malloc(out->length);
	if (out->bytes && operation(context, out->bytes, &out->length, in.bytes, in.length) == 1)
		return true;
	free(out->bytes);
	out->bytes = NULL;
	return false;
}

bool rsa_sign(const struct key_material *key, const struct algorithm *algorithm, struct span value,
              struct output *signature)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	bool good = context && EVP_PKEY_sign_init(context) == 1 && set_signature_parameters(context, algorithm) &&
	            run(key, context, EVP_PKEY_sign, value, signature);

	EVP_PKEY_CTX_free(context);
	return good;
}

bool rsa_verify(const struct key_material *key, const struct algorithm *algorithm, struct span value,
                struct span signature)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	bool good = context && EVP_PKEY_verify_init(context) == 1 && set_signature_parameters(context, algorithm) &&
	            EVP_PKEY_verify(context, signature.bytes, signature.length, value.bytes, value.length) == 1;

	EVP_PKEY_CTX_free(context);
	return good;
}

bool rsa_encrypt(const struct key_material *key, const struct algorithm *algorithm, struct span plaintext,
                 struct output *ciphertext)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	bool good = context && EVP_PKEY_encrypt_init(context) == 1 && set_encryption_parameters(context, algorithm) &&
	            run(key, context, EVP_PKEY_encrypt, plaintext, ciphertext);

	EVP_PKEY_CTX_free(context);
	return good;
}

// From OpenSSL 3.2 on a bad PKCS#1 v1.5 padding decrypts to random bytes; the service is taken to refuse it.
static void refuse_bad_padding(EVP_PKEY_CTX *context, const struct algorithm *algorithm)
{
	if (algorithm->scheme == SCHEME_RSA_PKCS1_ENCRYPT &&
	    EVP_PKEY_CTX_ctrl_str(context, "rsa_pkcs1_implicit_rejection", "0") != 1)
		ERR_clear_error(); // an older OpenSSL, which refuses it anyway
}

bool rsa_decrypt(const struct key_material *key, const struct algorithm *algorithm, struct span ciphertext,
                 struct output *plaintext)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	bool good = context && EVP_PKEY_decrypt_init(context) == 1 && set_encryption_parameters(context, algorithm);

	if (good) {
		refuse_bad_padding(context, algorithm);
		good = run(key, context, EVP_PKEY_decrypt, ciphertext, plaintext);
	}

	EVP_PKEY_CTX_free(context);
	return good;
}
