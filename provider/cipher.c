/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CIPHER with an EVP_SKEY, provider-cipher(7): AES-GCM and AES-CBC in the HSM. Update collects and writes nothing;
 * Final makes the one request and writes everything. EVP never says how large Final's buffer is, only that a block
 * fits, and what copies streams or makes a buffer for each call gives no more. So what is longer than that is written
 * only when the caller has said, with a parameter and for each message, how large the buffer is.
 */
#include "provider/compat.h"

#if MH_SKEY

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "provider/cipher.h"
#include "provider/skey.h"

static OSSL_FUNC_cipher_newctx_fn gcm128, gcm192, gcm256, cbc128, cbc192, cbc256;
static OSSL_FUNC_cipher_get_params_fn params_gcm128, params_gcm192, params_gcm256;
static OSSL_FUNC_cipher_get_params_fn params_cbc128, params_cbc192, params_cbc256;
static OSSL_FUNC_cipher_freectx_fn freectx;
static OSSL_FUNC_cipher_dupctx_fn dupctx;
static OSSL_FUNC_cipher_encrypt_init_fn encrypt_init;
static OSSL_FUNC_cipher_decrypt_init_fn decrypt_init;
static OSSL_FUNC_cipher_encrypt_skey_init_fn encrypt_skey_init;
static OSSL_FUNC_cipher_decrypt_skey_init_fn decrypt_skey_init;
static OSSL_FUNC_cipher_update_fn update;
static OSSL_FUNC_cipher_final_fn final;

/* ---- contexts ---- */

static void *newctx(void *provctx, bool gcm, unsigned bits)
{
	struct cipher *cipher = OPENSSL_zalloc(sizeof(*cipher));

	if (cipher == NULL)
		return NULL;
	cipher->provider = provctx;
	cipher->gcm = gcm;
	cipher->bits = bits;
	mh_buffer_init_secret(&cipher->aad, KEY_CIPHER_AAD_MAX);
	mh_buffer_init_secret(&cipher->text, KEY_CIPHER_TEXT_MAX);
	return cipher;
}

#define SIZE(name, gcm, bits)                                                                                          \
	static void *name(void *provctx)                                                                               \
	{                                                                                                              \
		return newctx(provctx, gcm, bits);                                                                     \
	}                                                                                                              \
	static int params_##name(OSSL_PARAM params[])                                                                  \
	{                                                                                                              \
		return cipher_get_params(params, gcm, bits);                                                           \
	}

SIZE(gcm128, true, 128)
SIZE(gcm192, true, 192)
SIZE(gcm256, true, 256)
SIZE(cbc128, false, 128)
SIZE(cbc192, false, 192)
SIZE(cbc256, false, 256)

static void freectx(void *ctx)
{
	struct cipher *cipher = ctx;

	if (cipher == NULL)
		return;
	key_free(cipher->key);
	mh_buffer_free(&cipher->aad);
	mh_buffer_free(&cipher->text);
	OPENSSL_clear_free(cipher, sizeof(*cipher));
}

static void *dupctx(void *ctx)
{
	const struct cipher *from = ctx;
	struct cipher *to = OPENSSL_memdup(from, sizeof(*from));

	if (to == NULL)
		return NULL;
	key_reference(to->key);
	mh_buffer_init_secret(&to->aad, KEY_CIPHER_AAD_MAX);
	mh_buffer_init_secret(&to->text, KEY_CIPHER_TEXT_MAX);
	if ((from->aad.length == 0 || mh_buffer_append(&to->aad, from->aad.data, from->aad.length).ok) &&
	    (from->text.length == 0 || mh_buffer_append(&to->text, from->text.data, from->text.length).ok))
		return to;
	freectx(to);
	return NULL;
}

/* ---- init ---- */

int cipher_set_iv(struct cipher *cipher, const uint8_t *iv, size_t length)
{
	const struct provider_errors *errors = &cipher->provider->errors;
	size_t wanted = cipher_mode_iv_length(cipher->gcm ? CIPHER_GCM : CIPHER_CBC);

	if (iv == NULL)
		return 1;
	if (cipher->gcm && cipher->encrypt)
		return RAISE_TEXT(
			errors, MH_R_BAD_PARAMETER,
			"for AES-GCM the service makes the iv, and takes none: encrypt without one and ask for "
			"it after the end, EVP_CIPHER_CTX_get_updated_iv()");
	if (length != wanted)
		return RAISE_TEXT(errors, MH_R_BAD_PARAMETER, "the iv has %zu bytes and the service takes %zu", length,
		                  wanted);
	memcpy(cipher->iv, iv, length);
	memcpy(cipher->next_iv, iv, length);
	cipher->has_iv = true;
	return 1;
}

/* skey NULL keeps the key, and iv NULL the iv, as with the default provider: programs set them one after the other. */
static int start(struct cipher *cipher, const struct skey *skey, const unsigned char *iv, size_t ivlen, bool encrypt,
                 const OSSL_PARAM params[])
{
	struct mh_error error = { 0 };

	/* With GCM they belong to one message, and what the service makes must not pass for the caller's. */
	if (cipher->gcm && (cipher->state == CIPHER_DONE || encrypt))
		cipher->has_iv = cipher->has_tag = false;
	memcpy(cipher->next_iv, cipher->iv, sizeof(cipher->iv));
	cipher->state = CIPHER_UNSTARTED;
	mh_buffer_clear(&cipher->aad);
	mh_buffer_clear(&cipher->text);
	/* Never for another message's buffer. */
	cipher->output_size = 0;
	cipher->encrypt = encrypt;
	if (skey != NULL) {
		if (!key_cipher_check(skey->key, cipher->bits, &error).ok)
			return RAISE(&cipher->provider->errors, &error);
		key_reference(skey->key);
		key_free(cipher->key);
		cipher->key = skey->key;
	}
	if (!cipher_set_iv(cipher, iv, ivlen) || !cipher_set_ctx_params(cipher, params))
		return 0;
	cipher->state = CIPHER_COLLECTING;
	return 1;
}

static int encrypt_skey_init(void *ctx, void *skeydata, const unsigned char *iv, size_t ivlen,
                             const OSSL_PARAM params[])
{
	return start(ctx, skeydata, iv, ivlen, true, params);
}

static int decrypt_skey_init(void *ctx, void *skeydata, const unsigned char *iv, size_t ivlen,
                             const OSSL_PARAM params[])
{
	return start(ctx, skeydata, iv, ivlen, false, params);
}

static int start_with_bytes(struct cipher *cipher, const unsigned char *key, const unsigned char *iv, size_t ivlen,
                            bool encrypt, const OSSL_PARAM params[])
{
	if (key != NULL)
		return RAISE_TEXT(&cipher->provider->errors, MH_R_UNSUPPORTED_KEY,
		                  "this cipher works with a key in the HSM, not with bytes: EVP_CipherInit_SKEY()");
	return start(cipher, NULL, iv, ivlen, encrypt, params);
}

static int encrypt_init(void *ctx, const unsigned char *key, size_t keylen, const unsigned char *iv, size_t ivlen,
                        const OSSL_PARAM params[])
{
	(void)keylen;
	return start_with_bytes(ctx, key, iv, ivlen, true, params);
}

static int decrypt_init(void *ctx, const unsigned char *key, size_t keylen, const unsigned char *iv, size_t ivlen,
                        const OSSL_PARAM params[])
{
	(void)keylen;
	return start_with_bytes(ctx, key, iv, ivlen, false, params);
}

/* ---- update ---- */

static int add_aad(struct cipher *cipher, const unsigned char *in, size_t length)
{
	const struct provider_errors *errors = &cipher->provider->errors;

	if (!cipher->gcm)
		return RAISE_TEXT(errors, MH_R_BAD_PARAMETER, "there is nowhere to write to");
	if (cipher->text.length != 0)
		return RAISE_TEXT(errors, MH_R_BAD_PARAMETER, "additional data come before the text, not after it");
	if (length > cipher->aad.maximum - cipher->aad.length)
		return RAISE_TEXT(errors, MH_R_BAD_PARAMETER,
		                  "more than %zu bytes of additional data are too many, the provider's own limit, for "
		                  "the service's is not documented",
		                  cipher->aad.maximum);
	return mh_buffer_append(&cipher->aad, in, length).ok ||
	       RAISE_TEXT(errors, MH_R_MEMORY, "out of memory for additional data");
}

static int update(void *ctx, unsigned char *out, size_t *outl, size_t outsize, const unsigned char *in, size_t inl)
{
	struct cipher *cipher = ctx;
	const struct provider_errors *errors = &cipher->provider->errors;
	struct mh_error error = { 0 };
	size_t size;

	(void)outsize; /* nothing is written */
	*outl = 0;
	if (cipher->state != CIPHER_COLLECTING || cipher->key == NULL)
		return RAISE_TEXT(errors, MH_R_UNSUPPORTED_OPERATION,
		                  cipher->key == NULL ? "encrypting or decrypting was started without a key"
		                                      : "encrypting or decrypting was not started, or is at its end");
	if (in == NULL || inl == 0)
		return 1;
	if (out == NULL)
		return add_aad(cipher, in, inl);
	/* The limit alone: the length may still become right. */
	if (!key_cipher_size(CIPHER_GCM, cipher->encrypt, cipher->text.length + inl, &size, &error).ok)
		return RAISE(errors, &error);
	if (!mh_buffer_append(&cipher->text, in, inl).ok)
		return RAISE_TEXT(errors, MH_R_MEMORY, "out of memory for what is to be encrypted or decrypted");
	return 1;
}

/* ---- final ---- */

static int is_complete(const struct cipher *cipher)
{
	const struct provider_errors *errors = &cipher->provider->errors;

	if (cipher->state != CIPHER_COLLECTING || cipher->key == NULL)
		return RAISE_TEXT(errors, MH_R_UNSUPPORTED_OPERATION,
		                  cipher->key == NULL ? "encrypting or decrypting was started without a key"
		                                      : "encrypting or decrypting was not started, or is at its end");
	if (!cipher->has_iv && !(cipher->gcm && cipher->encrypt))
		return RAISE_TEXT(errors, MH_R_BAD_PARAMETER, "no iv was given");
	if (!cipher->has_tag && cipher->gcm && !cipher->encrypt)
		return RAISE_TEXT(errors, MH_R_BAD_PARAMETER, "no tag was given: EVP_CTRL_AEAD_SET_TAG");
	return 1;
}

static int has_room(const struct cipher *cipher, const unsigned char *out, size_t outsize, size_t size)
{
	size_t room = cipher->output_size != 0 ? cipher->output_size : outsize;

	if (size == 0 || (out != NULL && size <= room))
		return 1;
	return RAISE_TEXT(
		&cipher->provider->errors, MH_R_BUFFER_TOO_SMALL,
		"Final writes up to %zu bytes at once, and its buffer is only known to have %zu: say how many it "
		"has with the parameter " CIPHER_PARAM_OUTPUT_SIZE ", at the init or after it",
		size, out == NULL ? 0 : room);
}

static mh_result request(struct cipher *cipher, enum cipher_mode mode, uint8_t *result, size_t *length,
                         struct mh_error *error)
{
	struct key_cipher_message message = { .mode = mode,
		                              .bits = cipher->bits,
		                              .aad = { cipher->aad.data, cipher->aad.length },
		                              .text = { cipher->text.data, cipher->text.length } };
	struct client_sealed sealed;

	if (!cipher->gcm || !cipher->encrypt)
		message.iv = (struct mh_span){ cipher->iv, cipher_mode_iv_length(mode) };
	if (cipher->gcm && !cipher->encrypt)
		message.tag = (struct mh_span){ cipher->tag, sizeof(cipher->tag) };
	if (!cipher->encrypt)
		return key_cipher_decrypt(cipher->key, &message, result, length, error);
	if (!key_cipher_encrypt(cipher->key, &message, result, length, cipher->gcm ? &sealed : NULL, error).ok)
		return MH_FAILURE;
	if (cipher->gcm) {
		memcpy(cipher->iv, sealed.iv, sizeof(sealed.iv));
		memcpy(cipher->next_iv, sealed.iv, sizeof(sealed.iv));
		memcpy(cipher->tag, sealed.tag, sizeof(sealed.tag));
		cipher->has_iv = cipher->has_tag = true;
	}
	return MH_SUCCESS;
}

/* As the default provider's contexts do: what follows goes on where this ended. */
static void chain(struct cipher *cipher, const uint8_t *result, size_t length)
{
	const uint8_t *ciphertext = cipher->encrypt ? result : cipher->text.data;
	size_t ciphertext_length = cipher->encrypt ? length : cipher->text.length;

	if (!cipher->gcm && ciphertext_length >= KEY_CIPHER_BLOCK)
		memcpy(cipher->next_iv, ciphertext + ciphertext_length - KEY_CIPHER_BLOCK, KEY_CIPHER_BLOCK);
}

/* Into a buffer of our own: only the answer tells how much padding there was. */
static int run(struct cipher *cipher, enum cipher_mode mode, size_t size, unsigned char *out, size_t *outl)
{
	const struct provider_errors *errors = &cipher->provider->errors;
	struct mh_error error = { 0 };
	uint8_t *result = OPENSSL_malloc(size + 1);
	size_t length = 0;
	bool good;

	if (result == NULL)
		return RAISE_TEXT(errors, MH_R_MEMORY, "out of memory while encrypting or decrypting");
	good = request(cipher, mode, result, &length, &error).ok;
	if (good) {
		chain(cipher, result, length);
		if (length != 0)
			memcpy(out, result, length);
		*outl = length;
	}
	OPENSSL_clear_free(result, size + 1);
	return good || RAISE(errors, &error);
}

static int final(void *ctx, unsigned char *out, size_t *outl, size_t outsize)
{
	struct cipher *cipher = ctx;
	enum cipher_mode mode = cipher->gcm ? CIPHER_GCM : cipher->no_padding ? CIPHER_CBC : CIPHER_CBC_PAD;
	struct mh_error error = { 0 };
	size_t size = 0;
	int good;

	*outl = 0;
	if (!is_complete(cipher))
		return 0;
	if (!key_cipher_size(mode, cipher->encrypt, cipher->text.length, &size, &error).ok)
		return RAISE(&cipher->provider->errors, &error);
	if (!has_room(cipher, out, outsize, size))
		return 0;
	/* CBC without padding makes nothing of nothing. */
	good = mode == CIPHER_CBC && size == 0 ? 1 : run(cipher, mode, size, out, outl);
	cipher->state = CIPHER_DONE;
	mh_buffer_free(&cipher->aad);
	mh_buffer_free(&cipher->text);
	return good;
}

/* ---- tables ---- */

#define TABLE(name)                                                                                                    \
	static const OSSL_DISPATCH name##_functions[] = {                                                              \
		{ OSSL_FUNC_CIPHER_NEWCTX, (void (*)(void))name },                                                     \
		{ OSSL_FUNC_CIPHER_FREECTX, (void (*)(void))freectx },                                                 \
		{ OSSL_FUNC_CIPHER_DUPCTX, (void (*)(void))dupctx },                                                   \
		{ OSSL_FUNC_CIPHER_ENCRYPT_INIT, (void (*)(void))encrypt_init },                                       \
		{ OSSL_FUNC_CIPHER_DECRYPT_INIT, (void (*)(void))decrypt_init },                                       \
		{ OSSL_FUNC_CIPHER_ENCRYPT_SKEY_INIT, (void (*)(void))encrypt_skey_init },                             \
		{ OSSL_FUNC_CIPHER_DECRYPT_SKEY_INIT, (void (*)(void))decrypt_skey_init },                             \
		{ OSSL_FUNC_CIPHER_UPDATE, (void (*)(void))update },                                                   \
		{ OSSL_FUNC_CIPHER_FINAL, (void (*)(void)) final },                                                    \
		{ OSSL_FUNC_CIPHER_GET_PARAMS, (void (*)(void))params_##name },                                        \
		{ OSSL_FUNC_CIPHER_GETTABLE_PARAMS, (void (*)(void))cipher_gettable_params },                          \
		{ OSSL_FUNC_CIPHER_GET_CTX_PARAMS, (void (*)(void))cipher_get_ctx_params },                            \
		{ OSSL_FUNC_CIPHER_GETTABLE_CTX_PARAMS, (void (*)(void))cipher_gettable_ctx_params },                  \
		{ OSSL_FUNC_CIPHER_SET_CTX_PARAMS, (void (*)(void))cipher_set_ctx_params },                            \
		{ OSSL_FUNC_CIPHER_SETTABLE_CTX_PARAMS, (void (*)(void))cipher_settable_ctx_params },                  \
		{ 0, NULL },                                                                                           \
	}

TABLE(gcm128);
TABLE(gcm192);
TABLE(gcm256);
TABLE(cbc128);
TABLE(cbc192);
TABLE(cbc256);

#define PROPERTIES "provider=managedhsm"

const OSSL_ALGORITHM cipher_algorithms[] = {
	{ "MANAGEDHSM-AES-128-GCM", PROPERTIES, gcm128_functions, "AES-GCM by Azure Managed HSM" },
	{ "MANAGEDHSM-AES-192-GCM", PROPERTIES, gcm192_functions, "AES-GCM by Azure Managed HSM" },
	{ "MANAGEDHSM-AES-256-GCM", PROPERTIES, gcm256_functions, "AES-GCM by Azure Managed HSM" },
	{ "MANAGEDHSM-AES-128-CBC", PROPERTIES, cbc128_functions, "AES-CBC by Azure Managed HSM" },
	{ "MANAGEDHSM-AES-192-CBC", PROPERTIES, cbc192_functions, "AES-CBC by Azure Managed HSM" },
	{ "MANAGEDHSM-AES-256-CBC", PROPERTIES, cbc256_functions, "AES-CBC by Azure Managed HSM" },
	{ NULL, NULL, NULL, NULL },
};

#endif
