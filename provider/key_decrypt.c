/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One RSA block decrypted by a key in the HSM. Nobody may learn from us why a block does not decrypt: such an
 * answer is worth a key to who sends chosen blocks (Bleichenbacher 1998, Manger 2001).
 */
#include <string.h>

#include <openssl/crypto.h>

#include "provider/key.h"

static const char *const algorithms[] = {
	[KEY_DECRYPT_PKCS1] = "RSA1_5",
	[KEY_DECRYPT_OAEP_SHA1] = "RSA-OAEP",
	[KEY_DECRYPT_OAEP_SHA256] = "RSA-OAEP-256",
};

static mh_result refused(const struct key *key, const char *algorithm, struct mh_error *error)
{
	char uri[KEY_URI_TEXT_MAX];

	key_uri_format(&key->uri, uri);
	error->http_status = 0;
	error->service_code[0] = error->request_id[0] = '\0';
	return mh_fail(error, MH_R_DECRYPT, "decrypt with %s: this is no block that decrypts with %s under this key",
	               uri, algorithm);
}

/* Decrypting a block and unwrapping a key are the same to RSA, but not to a key that is allowed one of them only. */
static enum client_operation operation_of(const struct key *key)
{
	bool unwraps_only = (key->operations & (JWK_OP_DECRYPT | JWK_OP_UNWRAP_KEY)) == JWK_OP_UNWRAP_KEY;

	return unwraps_only ? CLIENT_UNWRAP_KEY : CLIENT_DECRYPT;
}

mh_result key_decrypt(const struct key *key, enum key_decryption scheme, struct mh_span ciphertext, uint8_t *plaintext,
                      size_t capacity, size_t *length, struct mh_error *error)
{
	size_t size = key_signature_size(key);
	uint8_t block[JWK_RSA_MODULUS_MAX];

	*length = 0;
	if (key->type != KEY_RSA)
		return mh_fail(error, MH_R_UNSUPPORTED_KEY, "the key '%s' is no RSA key", key->uri.key);
	if (size > sizeof(block) || ciphertext.length > size)
		return refused(key, algorithms[scheme], error);
	/* An integer: a shorter one has zeros in front (RFC 8017 section 4.1). */
	memset(block, 0, size - ciphertext.length);
	if (ciphertext.length > 0)
		memcpy(block + (size - ciphertext.length), ciphertext.data, ciphertext.length);
	if (client_key_operation(key->hsm->client, &key->uri, operation_of(key), algorithms[scheme],
	                         (struct mh_span){ block, size }, plaintext, capacity, length, error)
	            .ok)
		return MH_SUCCESS;
	OPENSSL_cleanse(plaintext, capacity);
	*length = 0;
	return error->http_status == 400 ? refused(key, algorithms[scheme], error) : MH_FAILURE;
}
