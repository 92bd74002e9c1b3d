/* SPDX-License-Identifier: Apache-2.0 */
/* DER of key files. The SubjectPublicKeyInfo stays opaque here, so that it is decoded in the private library
 * context and not in the application's. */
#include "provider/key_file.h"

#include <limits.h>
#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#define KEY_FILE_VERSION 1

typedef struct {
	ASN1_INTEGER *version;
	ASN1_UTF8STRING *uri;
	ASN1_STRING *public_key;
} MANAGED_HSM_KEY;

/* OpenSSL's templates define their items and functions with external linkage; hidden visibility keeps them in the
 * module. */
DECLARE_ASN1_FUNCTIONS(MANAGED_HSM_KEY)

ASN1_SEQUENCE(MANAGED_HSM_KEY) = {
	ASN1_SIMPLE(MANAGED_HSM_KEY, version, ASN1_INTEGER),
	ASN1_SIMPLE(MANAGED_HSM_KEY, uri, ASN1_UTF8STRING),
	ASN1_SIMPLE(MANAGED_HSM_KEY, public_key, ASN1_SEQUENCE),
} ASN1_SEQUENCE_END(MANAGED_HSM_KEY)

IMPLEMENT_ASN1_FUNCTIONS(MANAGED_HSM_KEY)

mh_result key_file_encode(const struct key *key, uint8_t **der, size_t *length, struct mh_error *error)
{
	MANAGED_HSM_KEY *file = MANAGED_HSM_KEY_new();
	uint8_t *public_key = NULL;
	char uri[KEY_URI_TEXT_MAX];
	int public_length, n = -1;

	*der = NULL;
	key_uri_format(&key->uri, uri);
	public_length = i2d_PUBKEY(key->pkey, &public_key);
	if (file != NULL && public_length > 0 && ASN1_INTEGER_set(file->version, KEY_FILE_VERSION) == 1 &&
	    ASN1_STRING_set(file->uri, uri, -1) == 1 &&
	    ASN1_STRING_set(file->public_key, public_key, public_length) == 1)
		n = i2d_MANAGED_HSM_KEY(file, der);
	MANAGED_HSM_KEY_free(file);
	OPENSSL_free(public_key);
	if (n <= 0)
		return mh_fail(error, MH_R_INTERNAL, "a key file for %s cannot be made", uri);
	*length = (size_t)n;
	return MH_SUCCESS;
}

static mh_result bad(struct mh_error *error, const char *why)
{
	return mh_fail(error, MH_R_BAD_KEY_FILE,
	               "this key file (-----BEGIN " KEY_FILE_PEM_NAME
	               "-----) cannot be used: %s; make it again with openssl pkey -in URI -out FILE",
	               why);
}

static mh_result decode_uri(const ASN1_STRING *text, struct key_uri *uri, struct mh_error *error)
{
	char copy[KEY_URI_TEXT_MAX];
	size_t length = (size_t)ASN1_STRING_length(text);

	if (length >= sizeof(copy) || memchr(ASN1_STRING_get0_data(text), '\0', length) != NULL)
		return bad(error, "its URI is too long or not text");
	memcpy(copy, ASN1_STRING_get0_data(text), length);
	copy[length] = '\0';
	if (!key_uri_parse(copy, uri, error).ok) {
		mh_error_prefix(error, "the URI in this key file");
		if (error != NULL)
			error->reason = MH_R_BAD_KEY_FILE;
		return MH_FAILURE;
	}
	if (uri->key[0] == '\0' || uri->version[0] == '\0' || uri->type != KEY_URI_TYPE_ANY)
		return bad(error, "its URI does not name a version of a key");
	return MH_SUCCESS;
}

static mh_result decode_key(const struct hsm *hsm, const MANAGED_HSM_KEY *file, struct key **key,
                            struct mh_error *error)
{
	const uint8_t *start = ASN1_STRING_get0_data(file->public_key), *at = start;
	int length = ASN1_STRING_length(file->public_key);
	EVP_PKEY *pkey;
	struct key_uri uri;
	mh_result result;

	if (ASN1_INTEGER_get(file->version) != KEY_FILE_VERSION)
		return bad(error, "its format version is not 1");
	if (!decode_uri(file->uri, &uri, error).ok)
		return MH_FAILURE;
	pkey = d2i_PUBKEY_ex(NULL, &at, length, hsm->libctx, NULL);
	if (pkey == NULL || at != start + length) {
		EVP_PKEY_free(pkey);
		return bad(error, "its public key is no key");
	}
	result = key_new_in_hsm(hsm, &uri, pkey, key, error);
	EVP_PKEY_free(pkey);
	return result;
}

mh_result key_file_decode(const struct hsm *hsm, struct mh_span der, struct key **key, struct mh_error *error)
{
	const uint8_t *at = der.data;
	MANAGED_HSM_KEY *file;
	mh_result result;

	if (der.length > KEY_FILE_DER_MAX)
		return bad(error, "it is too large");
	ERR_set_mark();
	file = d2i_MANAGED_HSM_KEY(NULL, &at, (long)der.length);
	if (file == NULL || at != der.data + der.length)
		result = bad(error, "it is damaged");
	else
		result = decode_key(hsm, file, key, error);
	MANAGED_HSM_KEY_free(file);
	ERR_pop_to_mark();
	return result;
}
