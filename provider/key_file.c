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

enum key_file_version { KEY_FILE_PAIR = 1, KEY_FILE_SYMMETRIC = 2 };

typedef struct {
	ASN1_INTEGER *version;
	ASN1_UTF8STRING *uri;
	ASN1_STRING *public_key; /* or NULL */
	ASN1_INTEGER *bits; /* or NULL */
} MANAGED_HSM_KEY;

/* OpenSSL's templates define their items and functions with external linkage; hidden visibility keeps them in the
 * module. */
DECLARE_ASN1_FUNCTIONS(MANAGED_HSM_KEY)

ASN1_SEQUENCE(MANAGED_HSM_KEY) = {
	ASN1_SIMPLE(MANAGED_HSM_KEY, version, ASN1_INTEGER),
	ASN1_SIMPLE(MANAGED_HSM_KEY, uri, ASN1_UTF8STRING),
	ASN1_OPT(MANAGED_HSM_KEY, public_key, ASN1_SEQUENCE),
	ASN1_OPT(MANAGED_HSM_KEY, bits, ASN1_INTEGER),
} ASN1_SEQUENCE_END(MANAGED_HSM_KEY)

IMPLEMENT_ASN1_FUNCTIONS(MANAGED_HSM_KEY)

static bool set_public_key(MANAGED_HSM_KEY *file, EVP_PKEY *pkey)
{
	uint8_t *der = NULL;
	int length = i2d_PUBKEY(pkey, &der);
	bool done;

	file->public_key = ASN1_STRING_type_new(V_ASN1_SEQUENCE);
	done = length > 0 && file->public_key != NULL && ASN1_STRING_set(file->public_key, der, length) == 1 &&
	       ASN1_INTEGER_set(file->version, KEY_FILE_PAIR) == 1;
	OPENSSL_free(der);
	return done;
}

static bool set_bits(MANAGED_HSM_KEY *file, unsigned bits)
{
	file->bits = ASN1_INTEGER_new();
	return file->bits != NULL && ASN1_INTEGER_set(file->bits, (long)bits) == 1 &&
	       ASN1_INTEGER_set(file->version, KEY_FILE_SYMMETRIC) == 1;
}

static bool set_key(MANAGED_HSM_KEY *file, const struct key *key)
{
	if (key->type == KEY_OCT)
		return set_bits(file, atomic_load_explicit(&key->oct_bits, memory_order_relaxed));
	return set_public_key(file, key->pkey);
}

mh_result key_file_encode(const struct key *key, uint8_t **der, size_t *length, struct mh_error *error)
{
	MANAGED_HSM_KEY *file = MANAGED_HSM_KEY_new();
	char uri[KEY_URI_TEXT_MAX];
	int n = -1;

	*der = NULL;
	key_uri_format(&key->uri, uri);
	if (file != NULL && set_key(file, key) && ASN1_STRING_set(file->uri, uri, -1) == 1)
		n = i2d_MANAGED_HSM_KEY(file, der);
	MANAGED_HSM_KEY_free(file);
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
	if (uri->key[0] == '\0' || uri->version[0] == '\0' || uri->type != KEY_URI_TYPE_ANY || uri->wrap_bits != 0)
		return bad(error, "its URI does not name a version of a key");
	return MH_SUCCESS;
}

static mh_result decode_pair(const struct hsm *hsm, const struct key_uri *uri, const MANAGED_HSM_KEY *file,
                             struct key **key, struct mh_error *error)
{
	const uint8_t *start = ASN1_STRING_get0_data(file->public_key), *at = start;
	int length = ASN1_STRING_length(file->public_key);
	EVP_PKEY *pkey;
	mh_result result;

	pkey = d2i_PUBKEY_ex(NULL, &at, length, hsm->libctx, NULL);
	if (pkey == NULL || at != start + length) {
		EVP_PKEY_free(pkey);
		return bad(error, "its public key is no key");
	}
	result = key_new_in_hsm(hsm, uri, pkey, key, error);
	EVP_PKEY_free(pkey);
	return result;
}

static mh_result decode_symmetric(const struct hsm *hsm, const struct key_uri *uri, const MANAGED_HSM_KEY *file,
                                  struct key **key, struct mh_error *error)
{
	long bits = ASN1_INTEGER_get(file->bits);

	if (bits != 0 && bits != 128 && bits != 192 && bits != 256)
		return bad(error, "it is of no AES key");
	if (!hsm_usable(hsm, error).ok)
		return MH_FAILURE;
	*key = key_new_oct(hsm, uri, (unsigned)bits);
	if (*key == NULL)
		return mh_fail(error, MH_R_MEMORY, "out of memory while loading the key '%s'", uri->key);
	return MH_SUCCESS;
}

static mh_result decode_key(const struct hsm *hsm, const MANAGED_HSM_KEY *file, struct key **key,
                            struct mh_error *error)
{
	long version = ASN1_INTEGER_get(file->version);
	struct key_uri uri;

	if (version != KEY_FILE_PAIR && version != KEY_FILE_SYMMETRIC)
		return bad(error, "its format version is neither 1 nor 2");
	if ((file->public_key != NULL) != (version == KEY_FILE_PAIR) ||
	    (file->bits != NULL) != (version == KEY_FILE_SYMMETRIC))
		return bad(error, "it is damaged");
	if (!decode_uri(file->uri, &uri, error).ok)
		return MH_FAILURE;
	return version == KEY_FILE_PAIR ? decode_pair(hsm, &uri, file, key, error)
	                                : decode_symmetric(hsm, &uri, file, key, error);
}

/* One form and no other: what does not come out again as it went in is not DER. */
static bool is_der(const MANAGED_HSM_KEY *file, struct mh_span der)
{
	uint8_t *again = NULL;
	int length = i2d_MANAGED_HSM_KEY(file, &again);
	bool same = length > 0 && (size_t)length == der.length && memcmp(again, der.data, der.length) == 0;

	OPENSSL_free(again);
	return same;
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
	if (file == NULL || !is_der(file, der))
		result = bad(error, "it is damaged");
	else
		result = decode_key(hsm, file, key, error);
	MANAGED_HSM_KEY_free(file);
	ERR_pop_to_mark();
	return result;
}
