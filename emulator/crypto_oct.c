// SPDX-License-Identifier: Apache-2.0
// What an oct key does: AES-GCM, AES-CBC, AES key wrap (RFC 3394, RFC 5649) and HMAC.
#include "crypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define GCM_IV_LENGTH 12
#define MAX_GROWTH 32 // padding of CBC and of key wrap

static const EVP_CIPHER *cipher_of(const struct key_material *key, const struct algorithm *algorithm)
{
	size_t row = key->secret_length == 16 ? 0 : key->secret_length == 24 ? 1 : 2;

	switch (algorithm->scheme) {
	case SCHEME_AES_GCM:
		return (const EVP_CIPHER *[]){ EVP_aes_128_gcm(), EVP_aes_192_gcm(), EVP_aes_256_gcm() }[row];
	case SCHEME_AES_CBC:
	case SCHEME_AES_CBC_PAD:
		return (const EVP_CIPHER *[]){ EVP_aes_128_cbc(), EVP_aes_192_cbc(), EVP_aes_256_cbc() }[row];
	case SCHEME_AES_WRAP:
		return (const EVP_CIPHER *[]){ EVP_aes_128_wrap(), EVP_aes_192_wrap(), EVP_aes_256_wrap() }[row];
	case SCHEME_AES_WRAP_PAD:
		return (const EVP_CIPHER *[]){ EVP_aes_128_wrap_pad(), EVP_aes_192_wrap_pad(),
			                       EVP_aes_256_wrap_pad() }[row];
	default:
		return NULL;
	}
}

static EVP_CIPHER_CTX *start(const struct key_material *key, const struct algorithm *algorithm, bool encrypt,
                             const struct aes_extras *extras)
{
	bool wrap = algorithm->scheme == SCHEME_AES_WRAP || algorithm->scheme == SCHEME_AES_WRAP_PAD;
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

	if (!context)
		return NULL;
	if (wrap)
		EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_CipherInit_ex(context, cipher_of(key, algorithm), NULL, key->secret, wrap ? NULL : extras->iv,
	                      encrypt) == 1 &&
	    (algorithm->scheme != SCHEME_AES_CBC || EVP_CIPHER_CTX_set_padding(context, 0) == 1))
		return context;
	EVP_CIPHER_CTX_free(context);
	return NULL;
}

// Additional data, then the text; the result's buffer is made here.
static bool process(EVP_CIPHER_CTX *context, struct span aad, struct span in, struct output *out)
{
	int first = 0, last = 0, ignored;

	out->bytes = malloc(in.length + MAX_GROWTH);
	if (!out->bytes)
		return false;
	if ((aad.length == 0 || EVP_CipherUpdate(context, NULL, &ignored, aad.bytes, (int)aad.length) == 1) &&
	    EVP_CipherUpdate(context, out->bytes, &first, in.bytes, (int)in.length) == 1 &&
	    EVP_CipherFinal_ex(context, out->bytes + first, &last) == 1) {
		out->length = (size_t)(first + last);
		return true;
	}
	free(out->bytes);
	out->bytes = NULL;
	return false;
}

bool aes_encrypt(const struct key_material *key, const struct algorithm *algorithm, struct span plaintext,
                 struct aes_extras *extras, struct output *ciphertext)
{
	bool gcm = algorithm->scheme == SCHEME_AES_GCM;
	EVP_CIPHER_CTX *context;
	bool good;

	if (gcm) {
		extras->iv_length = GCM_IV_LENGTH;
		if (RAND_bytes(extras->iv, GCM_IV_LENGTH) != 1)
			return false;
	}
	context = start(key, algorithm, true, extras);
	good = context && process(context, gcm ? extras->aad : (struct span){ 0 }, plaintext, ciphertext);
	if (good && gcm && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG_LENGTH, extras->tag) != 1) {
		free(ciphertext->bytes);
		good = false;
	}
	EVP_CIPHER_CTX_free(context);
	return good;
}

bool aes_decrypt(const struct key_material *key, const struct algorithm *algorithm, struct span ciphertext,
                 const struct aes_extras *extras, struct output *plaintext)
{
	bool gcm = algorithm->scheme == SCHEME_AES_GCM;
	EVP_CIPHER_CTX *context = start(key, algorithm, false, extras);
	uint8_t tag[CRYPTO_TAG_LENGTH];
	bool good;

	memcpy(tag, extras->tag, sizeof(tag));
	good = context && (!gcm || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CRYPTO_TAG_LENGTH, tag) == 1) &&
	       process(context, gcm ? extras->aad : (struct span){ 0 }, ciphertext, plaintext);
	EVP_CIPHER_CTX_free(context);
	return good;
}

bool hmac_sign(const struct key_material *key, const struct algorithm *algorithm, struct span message,
               struct output *mac)
{
	unsigned length = 0;

	mac->bytes = malloc(EVP_MAX_MD_SIZE);
	if (!mac->bytes)
		return false;
	if (!HMAC(EVP_get_digestbyname(algorithm->digest), key->secret, (int)key->secret_length, message.bytes,
	          message.length, mac->bytes, &length)) {
		free(mac->bytes);
		return false;
	}
	mac->length = length;
	return true;
}
