/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/key_cipher.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

size_t cipher_mode_iv_length(enum cipher_mode mode)
{
	return mode == CIPHER_GCM ? CLIENT_GCM_IV_LENGTH : KEY_CIPHER_BLOCK;
}

/* "A256CBCPAD" and so on. */
static void name_of(const struct key_cipher_message *message, char name[static 16])
{
	static const char *const modes[] = { [CIPHER_GCM] = "GCM", [CIPHER_CBC] = "CBC", [CIPHER_CBC_PAD] = "CBCPAD" };

	snprintf(name, 16, "A%u%s", message->bits, modes[message->mode]);
}

mh_result key_cipher_check(const struct key *key, unsigned bits, struct mh_error *error)
{
	unsigned known = atomic_load_explicit(&key->oct_bits, memory_order_relaxed);

	if (known != 0 && known != bits)
		return mh_fail(error, MH_R_BAD_PARAMETER, "the key '%s' has %u bits and this cipher is for keys of %u",
		               key->uri.key, known, bits);
	return MH_SUCCESS;
}

mh_result key_cipher_size(enum cipher_mode mode, bool encrypt, size_t length, size_t *size, struct mh_error *error)
{
	bool pads = mode == CIPHER_CBC_PAD && encrypt;

	if (length > KEY_CIPHER_TEXT_MAX)
		return mh_fail(
			error, MH_R_BAD_PARAMETER,
			"%zu bytes are too many for one message: at most %zu, the provider's own limit, for the "
			"service's is not documented; encrypt a key of your own in the HSM, and the data with it",
			length, KEY_CIPHER_TEXT_MAX);
	if (mode != CIPHER_GCM && !pads && length % KEY_CIPHER_BLOCK != 0)
		return mh_fail(error, MH_R_BAD_PARAMETER, "AES-CBC %s a multiple of 16 bytes, and these are %zu",
		               encrypt ? "without padding encrypts" : "decrypts", length);
	if (mode == CIPHER_CBC_PAD && !encrypt && length == 0)
		return mh_fail(error, MH_R_BAD_PARAMETER,
		               "AES-CBC with padding decrypts 16 bytes at least, and there are none");
	*size = pads ? length / KEY_CIPHER_BLOCK * KEY_CIPHER_BLOCK + KEY_CIPHER_BLOCK : length;
	return MH_SUCCESS;
}

/* What both directions do before and after the request. */
static mh_result begin(const struct key *key, const struct key_cipher_message *message, bool encrypt,
                       struct client_cipher *input, char name[static 16], size_t *size, struct mh_error *error)
{
	if (key->type != KEY_OCT)
		return mh_fail(error, MH_R_UNSUPPORTED_KEY, "the key '%s' is no AES key", key->uri.key);
	if (!key_cipher_check(key, message->bits, error).ok ||
	    !key_cipher_size(message->mode, encrypt, message->text.length, size, error).ok)
		return MH_FAILURE;
	name_of(message, name);
	*input = (struct client_cipher){
		.algorithm = name, .iv = message->iv, .aad = message->aad, .tag = message->tag, .value = message->text
	};
	return hsm_usable(key->hsm, error);
}

static void remember_size(struct key *key, unsigned bits)
{
	atomic_store_explicit(&key->oct_bits, bits, memory_order_relaxed);
}

mh_result key_cipher_encrypt(struct key *key, const struct key_cipher_message *message, uint8_t *out, size_t *length,
                             struct client_sealed *sealed, struct mh_error *error)
{
	struct client_cipher input;
	char name[16];
	size_t size;

	*length = 0;
	if (!begin(key, message, true, &input, name, &size, error).ok ||
	    !client_encrypt(key->hsm->client, &key->uri, &input, out, size, length, sealed, error).ok)
		return MH_FAILURE;
	if (*length != size) {
		OPENSSL_cleanse(out, size);
		return mh_fail(error, MH_R_BAD_ANSWER, "the service answered %zu bytes to %s of %zu bytes", *length,
		               name, message->text.length);
	}
	remember_size(key, message->bits);
	return MH_SUCCESS;
}

static mh_result refused(const struct key *key, const char *name, struct mh_error *error)
{
	char uri[KEY_URI_TEXT_MAX];

	key_uri_format(&key->uri, uri);
	*error = (struct mh_error){ 0 };
	return mh_fail(error, MH_R_DECRYPT, "decrypt with %s: this does not decrypt with %s under this key", uri, name);
}

/* Padding is 1 to 16 bytes. */
static bool fits(enum cipher_mode mode, size_t size, size_t length)
{
	return mode == CIPHER_CBC_PAD ? length < size && length + KEY_CIPHER_BLOCK >= size : length == size;
}

mh_result key_cipher_decrypt(struct key *key, const struct key_cipher_message *message, uint8_t *out, size_t *length,
                             struct mh_error *error)
{
	struct client_cipher input;
	struct mh_error own;
	char name[16];
	size_t size;

	if (error == NULL)
		error = &own;
	*length = 0;
	*error = (struct mh_error){ 0 };
	if (!begin(key, message, false, &input, name, &size, error).ok)
		return MH_FAILURE;
	if (!client_decrypt(key->hsm->client, &key->uri, &input, out, size, length, error).ok)
		return error->http_status == 400 ? refused(key, name, error) : MH_FAILURE;
	if (!fits(message->mode, size, *length)) {
		OPENSSL_cleanse(out, size);
		return mh_fail(error, MH_R_BAD_ANSWER, "the service answered with a length that cannot be to %s", name);
	}
	remember_size(key, message->bits);
	return MH_SUCCESS;
}

/* ---- HMAC ---- */

static const struct {
	const char *digest;
	struct mac_algorithm algorithm;
} macs[] = {
	{ "SHA256", { "HS256", "SHA2-256", 32, 64 } },    { "SHA2-256", { "HS256", "SHA2-256", 32, 64 } },
	{ "SHA-256", { "HS256", "SHA2-256", 32, 64 } },   { "SHA384", { "HS384", "SHA2-384", 48, 128 } },
	{ "SHA2-384", { "HS384", "SHA2-384", 48, 128 } }, { "SHA-384", { "HS384", "SHA2-384", 48, 128 } },
	{ "SHA512", { "HS512", "SHA2-512", 64, 128 } },   { "SHA2-512", { "HS512", "SHA2-512", 64, 128 } },
	{ "SHA-512", { "HS512", "SHA2-512", 64, 128 } },
};

const struct mac_algorithm *mac_algorithm_find(const char *digest)
{
	for (size_t i = 0; i < sizeof(macs) / sizeof(macs[0]); i++)
		if (strcasecmp(macs[i].digest, digest) == 0)
			return &macs[i].algorithm;
	return NULL;
}

mh_result key_mac(const struct key *key, const struct mac_algorithm *algorithm, struct mh_span message, uint8_t *mac,
                  struct mh_error *error)
{
	size_t length = 0;

	if (key->type != KEY_OCT)
		return mh_fail(error, MH_R_UNSUPPORTED_KEY, "the key '%s' is no AES key", key->uri.key);
	if (!hsm_usable(key->hsm, error).ok ||
	    !client_key_operation(key->hsm->client, &key->uri, CLIENT_SIGN, algorithm->name, message, mac, KEY_MAC_MAX,
	                          &length, error)
	             .ok)
		return MH_FAILURE;
	if (length != algorithm->length) {
		OPENSSL_cleanse(mac, KEY_MAC_MAX);
		return mh_fail(error, MH_R_BAD_ANSWER, "the service answered %zu bytes to %s, which has %zu", length,
		               algorithm->name, algorithm->length);
	}
	return MH_SUCCESS;
}
