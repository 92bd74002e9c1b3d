/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a key object: made empty, from the service, or from a key file. */
#include "provider/key.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "provider/public_key.h"

mh_result hsm_usable(const struct hsm *hsm, struct mh_error *error)
{
	if (hsm->client != NULL)
		return MH_SUCCESS;
	if (error != NULL)
		*error = hsm->unusable;
	return MH_FAILURE;
}

const char *key_type_name(enum key_type type)
{
	static const char *const names[] = { [KEY_RSA] = "RSA", [KEY_EC] = "EC", [KEY_OCT] = "AES-KW" };

	return names[type];
}

struct key *key_new(const struct hsm *hsm, enum key_type type)
{
	struct key *key = OPENSSL_zalloc(sizeof(*key));

	if (key == NULL)
		return NULL;
	atomic_init(&key->references, 1);
	key->hsm = hsm;
	key->type = type;
	return key;
}

struct key *key_new_software(const struct hsm *hsm, enum key_type type, EVP_PKEY *pkey)
{
	struct key *key = key_new(hsm, type);

	if (key != NULL)
		key->pkey = pkey;
	return key;
}

struct key *key_reference(struct key *key)
{
	if (key != NULL)
		atomic_fetch_add_explicit(&key->references, 1, memory_order_relaxed);
	return key;
}

void key_free(struct key *key)
{
	if (key == NULL || atomic_fetch_sub_explicit(&key->references, 1, memory_order_acq_rel) != 1)
		return;
	EVP_PKEY_free(key->pkey);
	OPENSSL_free(key);
}

static mh_result type_of(EVP_PKEY *pkey, enum key_type *type)
{
	if (EVP_PKEY_is_a(pkey, "RSA"))
		*type = KEY_RSA;
	else if (EVP_PKEY_is_a(pkey, "EC"))
		*type = KEY_EC;
	else
		return MH_FAILURE;
	return MH_SUCCESS;
}

static const struct sign_curve *curve_of(EVP_PKEY *pkey)
{
	char group[32] = "";
	size_t length = 0;

	if (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), &length) != 1)
		return NULL;
	for (enum jwk_curve curve = JWK_P256; curve <= JWK_P256K; curve++)
		if (strcmp(sign_curve_find(curve)->group, group) == 0)
			return sign_curve_find(curve);
	return NULL;
}

mh_result key_new_in_hsm(const struct hsm *hsm, const struct key_uri *uri, EVP_PKEY *pkey, struct key **out,
                         struct mh_error *error)
{
	enum key_type type;
	const struct sign_curve *curve = NULL;
	struct key *key;

	if (!hsm_usable(hsm, error).ok)
		return MH_FAILURE;
	if (!type_of(pkey, &type).ok || (type == KEY_EC && (curve = curve_of(pkey)) == NULL))
		return mh_fail(error, MH_R_UNSUPPORTED_KEY,
		               "the key '%s' is of a type or curve that the service does not have", uri->key);
	key = key_new(hsm, type);
	if (key == NULL || EVP_PKEY_up_ref(pkey) != 1) {
		key_free(key);
		return mh_fail(error, MH_R_MEMORY, "out of memory while loading the key '%s'", uri->key);
	}
	key->pkey = pkey;
	key->in_hsm = true;
	key->uri = *uri;
	key->curve = curve;
	*out = key;
	return MH_SUCCESS;
}

struct key *key_new_oct(const struct hsm *hsm, const struct key_uri *uri, unsigned bits)
{
	struct key *key = key_new(hsm, KEY_OCT);

	if (key == NULL)
		return NULL;
	key->in_hsm = true;
	key->uri = *uri;
	key->uri.wrap_bits = 0;
	atomic_init(&key->oct_bits, bits);
	return key;
}

/* The size is what the service says, else what the URI says. */
static mh_result load_oct(const struct hsm *hsm, const struct key_uri *uri, const struct jwk *jwk, bool public_only,
                          struct key **key, struct mh_error *error)
{
	unsigned bits = jwk->size_bits != 0 ? jwk->size_bits : uri->wrap_bits;

	if (public_only)
		return mh_fail(error, MH_R_UNSUPPORTED_KEY,
		               "the key '%s' is symmetric (kty oct): it has no public half", uri->key);
	if (uri->wrap_bits != 0 && uri->wrap_bits != bits)
		return mh_fail(error, MH_R_BAD_URI, "the key '%s' has %u bits, which is algorithm=A%uKW and not A%uKW",
		               uri->key, bits, bits, uri->wrap_bits);
	*key = key_new_oct(hsm, uri, bits);
	if (*key == NULL)
		return mh_fail(error, MH_R_MEMORY, "out of memory while loading the key '%s'", uri->key);
	return MH_SUCCESS;
}

mh_result key_from_jwk(const struct hsm *hsm, const struct key_uri *uri, const struct jwk *jwk, bool public_only,
                       struct key **key, struct mh_error *error)
{
	struct key_uri pinned = *uri;
	EVP_PKEY *pkey = NULL;
	mh_result result;

	memcpy(pinned.version, jwk->version, sizeof(pinned.version));
	if (jwk->kind == JWK_OCT) {
		result = load_oct(hsm, &pinned, jwk, public_only, key, error);
	} else if (uri->wrap_bits != 0) {
		result = mh_fail(error, MH_R_BAD_URI, "the key '%s' is no AES key: algorithm= says the size of one",
		                 uri->key);
	} else {
		if (!public_key_from_jwk(hsm->libctx, jwk, &pkey, error).ok)
			return MH_FAILURE;
		result = key_new_in_hsm(hsm, &pinned, pkey, key, error);
		EVP_PKEY_free(pkey);
	}
	if (!result.ok)
		return MH_FAILURE;
	(*key)->operations = jwk->operations;
	if (public_only)
		(*key)->in_hsm = false;
	return MH_SUCCESS;
}

mh_result key_load(const struct hsm *hsm, const struct key_uri *uri, bool public_only, struct key **key,
                   struct mh_error *error)
{
	struct jwk jwk;

	if (!hsm_usable(hsm, error).ok || !client_get_key(hsm->client, uri, &jwk, error).ok)
		return MH_FAILURE;
	return key_from_jwk(hsm, uri, &jwk, public_only, key, error);
}

/* The private number itself is the only sure sign that OpenSSL's public interface gives; it is cleansed at once. */
static bool has_number(const struct key *key, const char *name)
{
	BIGNUM *number = NULL;
	int found;

	ERR_set_mark();
	found = EVP_PKEY_get_bn_param(key->pkey, name, &number);
	ERR_pop_to_mark();
	BN_clear_free(number);
	return found == 1;
}

bool key_has_private(const struct key *key)
{
	if (key->in_hsm)
		return true;
	if (key->pkey == NULL)
		return false;
	return has_number(key, key->type == KEY_RSA ? OSSL_PKEY_PARAM_RSA_D : OSSL_PKEY_PARAM_PRIV_KEY);
}

bool key_has_public(const struct key *key)
{
	size_t length = 0;
	int found;

	if (key->in_hsm)
		return key->type != KEY_OCT;
	if (key->pkey == NULL)
		return false;
	if (key->type == KEY_RSA)
		return has_number(key, OSSL_PKEY_PARAM_RSA_N);
	ERR_set_mark();
	found = EVP_PKEY_get_octet_string_param(key->pkey, OSSL_PKEY_PARAM_PUB_KEY, NULL, 0, &length);
	ERR_pop_to_mark();
	return found == 1 && length > 0;
}

size_t key_signature_size(const struct key *key)
{
	int size = key->pkey == NULL ? 0 : EVP_PKEY_get_size(key->pkey);

	return size > 0 ? (size_t)size : 0;
}
