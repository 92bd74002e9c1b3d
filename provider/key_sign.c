/* SPDX-License-Identifier: Apache-2.0 */
/* One signature of a key in the HSM: choose the service's algorithm, ask, convert, verify. */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "provider/ecdsa_der.h"
#include "provider/key.h"

#define SIGN_BUILT_MAX 512 /* RSNULL under an RSA key of 4096 bits */
#define RSA_PKCS1_PADDING_SIZE 11

struct prepared {
	const char *algorithm; /* JWA name */
	const struct sign_digest *digest; /* RSA; NULL: none, the value is padded as it is */
	struct mh_span value; /* what the service gets */
	struct mh_span check; /* what the signature is verified with */
	uint8_t built[SIGN_BUILT_MAX];
};

static mh_result no_such_algorithm(const struct key_signature_request *request, struct mh_error *error)
{
	if (request->digest != NULL)
		return mh_fail(error, MH_R_UNSUPPORTED_DIGEST,
		               "the service signs no %s digest with RSA keys, only SHA-256, SHA-384 and SHA-512",
		               request->digest->group_name);
	return mh_fail(error, MH_R_BAD_DIGEST_LENGTH,
	               "these %zu bytes are no DigestInfo of SHA-256, SHA-384 or SHA-512, and the service signs "
	               "nothing else with PKCS#1 v1.5: for "
	               "a bare digest set its name (openssl pkeyutl: -pkeyopt digest:sha256)",
	               request->value.length);
}

/* RSNULL: the service pads what we build. Whether it has this is known after the first try. */
static mh_result prepare_rsnull(const struct key *key, const struct key_signature_request *request,
                                struct prepared *prepared, struct mh_error *error)
{
	const struct sign_digest *digest = prepared->digest;
	struct mh_span head = digest != NULL ? digest->digest_info : (struct mh_span){ NULL, 0 };
	size_t length = head.length + prepared->value.length;

	if (atomic_load(&key->hsm->findings->rsnull) < 0)
		return no_such_algorithm(request, error);
	if (length == 0 || length > sizeof(prepared->built) ||
	    length + RSA_PKCS1_PADDING_SIZE > key_signature_size(key))
		return mh_fail(error, MH_R_BAD_DIGEST_LENGTH, "%zu bytes cannot be padded and signed",
		               request->value.length);
	prepared->algorithm = SIGN_RSNULL;
	prepared->check = prepared->value;
	if (head.length > 0)
		memcpy(prepared->built, head.data, head.length);
	memcpy(prepared->built + head.length, prepared->value.data, prepared->value.length);
	prepared->value = (struct mh_span){ prepared->built, length };
	return MH_SUCCESS;
}

static mh_result prepare_rsa(const struct key *key, const struct key_signature_request *request,
                             struct prepared *prepared, struct mh_error *error)
{
	prepared->digest = request->digest;
	prepared->value = request->value;
	if (request->digest == NULL && request->padding == SIGN_PSS)
		return mh_fail(error, MH_R_UNSUPPORTED_DIGEST,
		               "RSA-PSS needs to know its digest: set it (openssl pkeyutl: -pkeyopt digest:sha256)");
	if (request->digest == NULL && !sign_digest_info_parse(request->value, &prepared->digest, &prepared->value).ok)
		return prepare_rsnull(key, request, prepared, error);
	if (prepared->value.length != prepared->digest->size)
		return mh_fail(error, MH_R_BAD_DIGEST_LENGTH, "the digest has %zu bytes; %s has %zu",
		               prepared->value.length, prepared->digest->group_name, prepared->digest->size);
	prepared->algorithm = request->padding == SIGN_PSS ? prepared->digest->rsa_pss : prepared->digest->rsa_pkcs1;
	if (prepared->algorithm == NULL && request->padding == SIGN_PSS)
		return mh_fail(error, MH_R_UNSUPPORTED_DIGEST,
		               "the service has no RSA-PSS signature with %s, only with SHA-256, SHA-384 and SHA-512",
		               prepared->digest->group_name);
	if (prepared->algorithm == NULL)
		return prepare_rsnull(key, request, prepared, error);
	prepared->check = prepared->value;
	return MH_SUCCESS;
}

static mh_result prepare_ecdsa(const struct key *key, const struct key_signature_request *request,
                               struct prepared *prepared, struct mh_error *error)
{
	struct mh_span value = request->value;

	if (request->digest != NULL && value.length != request->digest->size)
		return mh_fail(error, MH_R_BAD_DIGEST_LENGTH, "the digest has %zu bytes; %s has %zu", value.length,
		               request->digest->group_name, request->digest->size);
	if (value.length == 0 || value.length > SIGN_ECDSA_DIGEST_MAX ||
	    !sign_ecdsa_fit(key->curve, value, prepared->built).ok)
		return mh_fail(error, MH_R_BAD_DIGEST_LENGTH,
		               "ECDSA signs a digest of 1 to %d bytes, these are %zu: hash the data first",
		               SIGN_ECDSA_DIGEST_MAX, value.length);
	prepared->algorithm = key->curve->jwa;
	prepared->value = prepared->check = (struct mh_span){ prepared->built, key->curve->digest_size };
	return MH_SUCCESS;
}

/* Local, under the public key that was loaded: a signature of another key, version or digest does not pass. */
static bool verifies(const struct key *key, enum sign_padding padding, const struct prepared *prepared,
                     struct mh_span signature)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(key->hsm->libctx, key->pkey, NULL);
	OSSL_PARAM digest[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_SIGNATURE_PARAM_DIGEST,
			(char *)(uintptr_t)(prepared->digest != NULL ? prepared->digest->name : ""), 0),
		OSSL_PARAM_construct_end(),
	};
	bool good = false;

	if (ctx == NULL || EVP_PKEY_verify_init(ctx) != 1)
		goto out;
	if (key->type == KEY_RSA &&
	    (EVP_PKEY_CTX_set_rsa_padding(ctx, padding == SIGN_PSS ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1 ||
	     (prepared->digest != NULL && EVP_PKEY_CTX_set_params(ctx, digest) != 1) ||
	     (padding == SIGN_PSS && EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) != 1)))
		goto out;
	good = EVP_PKEY_verify(ctx, signature.data, signature.length, prepared->check.data, prepared->check.length) ==
	       1;
out:
	EVP_PKEY_CTX_free(ctx);
	return good;
}

/* The service's r||s -> DER, or RSA's octets as they are; the form is checked in both cases. */
static mh_result convert(const struct key *key, struct mh_span raw, uint8_t *signature, size_t capacity, size_t *length,
                         struct mh_error *error)
{
	if (key->type == KEY_EC) {
		size_t width = key->curve->curve == JWK_P521 ? 66 : key->curve->digest_size;

		if (raw.length != 2 * width || !ecdsa_raw_to_der(raw, signature, capacity, length).ok)
			return mh_fail(error, MH_R_BAD_ANSWER,
			               "the service answered %zu bytes that are no %s signature", raw.length,
			               key->curve->jwa);
		return MH_SUCCESS;
	}
	if (raw.length != key_signature_size(key) || raw.length > capacity)
		return mh_fail(error, MH_R_BAD_ANSWER,
		               "the service answered %zu bytes as a signature of a %zu-byte RSA key", raw.length,
		               key_signature_size(key));
	memcpy(signature, raw.data, raw.length);
	*length = raw.length;
	return MH_SUCCESS;
}

static mh_result check(const struct key *key, enum sign_padding padding, const struct prepared *prepared,
                       struct mh_span raw, uint8_t *signature, size_t capacity, size_t *length, struct mh_error *error)
{
	if (!convert(key, raw, signature, capacity, length, error).ok)
		return MH_FAILURE;
	if (!key->hsm->verify_after_sign || verifies(key, padding, prepared, (struct mh_span){ signature, *length }))
		return MH_SUCCESS;
	OPENSSL_cleanse(signature, *length);
	*length = 0;
	return mh_fail(error, MH_R_BAD_SIGNATURE,
	               "the service's %s signature does not verify under the public key that was loaded, and is not "
	               "used: load the key again, or "
	               "look at what changes answers between here and the service",
	               prepared->algorithm);
}

/* Asks the service. An error of the client names the key already; one of ours does not. */
static mh_result ask(const struct key *key, const struct key_signature_request *request,
                     const struct prepared *prepared, uint8_t *raw, size_t capacity, size_t *length,
                     struct mh_error *error)
{
	bool rsnull = strcmp(prepared->algorithm, SIGN_RSNULL) == 0;
	char uri[KEY_URI_TEXT_MAX];

	/* No mark on the error queue across this call: it takes the queue off and puts it back, without marks. */
	if (client_key_operation(key->hsm->client, &key->uri, CLIENT_SIGN, prepared->algorithm, prepared->value, raw,
	                         capacity, length, error)
	            .ok) {
		if (rsnull)
			atomic_store(&key->hsm->findings->rsnull, 1);
		return MH_SUCCESS;
	}
	if (!rsnull || error->http_status != 400 || atomic_load(&key->hsm->findings->rsnull) > 0)
		return MH_FAILURE;
	atomic_store(&key->hsm->findings->rsnull, -1);
	*error = (struct mh_error){ 0 };
	(void)no_such_algorithm(request, error);
	key_uri_format(&key->uri, uri);
	mh_error_prefix(error, "sign with %s", uri);
	return MH_FAILURE;
}

mh_result key_sign(const struct key *key, const struct key_signature_request *request, uint8_t *signature,
                   size_t capacity, size_t *length, struct mh_error *error)
{
	uint8_t raw[JWK_RSA_MODULUS_MAX];
	struct prepared prepared = { 0 };
	char uri[KEY_URI_TEXT_MAX];
	size_t raw_length = 0;
	mh_result result;

	if (key->type == KEY_RSA)
		result = prepare_rsa(key, request, &prepared, error);
	else if (key->type == KEY_EC)
		result = prepare_ecdsa(key, request, &prepared, error);
	else
		result = mh_fail(error, MH_R_UNSUPPORTED_KEY, "an AES key does not sign");
	if (result.ok) {
		if (!ask(key, request, &prepared, raw, sizeof(raw), &raw_length, error).ok)
			return MH_FAILURE;
		ERR_set_mark();
		result = check(key, request->padding, &prepared, (struct mh_span){ raw, raw_length }, signature,
		               capacity, length, error);
		ERR_pop_to_mark();
	}
	if (!result.ok) {
		key_uri_format(&key->uri, uri);
		mh_error_prefix(error, "sign with %s", uri);
	}
	return result;
}
