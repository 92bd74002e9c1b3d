/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ASYM_CIPHER for AES keys in the HSM, provider-asym_cipher(7): OpenSSL has no operation "wrap with a key that is
 * somewhere else", and this is the one whose calls fit. Encrypting wraps, decrypting unwraps, both in the HSM.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "provider/key_wrap.h"
#include "provider/param_word.h"
#include "provider/provider.h"

#define PARAM_ALGORITHM "algorithm"

enum wrap_operation { WRAP_NONE, WRAP_WRAP, WRAP_UNWRAP };

struct wrap_cipher {
	const struct provider *provider;
	enum wrap_operation operation;
	struct key *key; /* a reference; NULL before the first init */
	const struct wrap_algorithm *algorithm; /* NULL: what fits the key's size */
};

static OSSL_FUNC_asym_cipher_newctx_fn newctx;
static OSSL_FUNC_asym_cipher_freectx_fn freectx;
static OSSL_FUNC_asym_cipher_dupctx_fn dupctx;
static OSSL_FUNC_asym_cipher_encrypt_init_fn wrap_init;
static OSSL_FUNC_asym_cipher_encrypt_fn wrap;
static OSSL_FUNC_asym_cipher_decrypt_init_fn unwrap_init;
static OSSL_FUNC_asym_cipher_decrypt_fn unwrap;
static OSSL_FUNC_asym_cipher_get_ctx_params_fn get_ctx_params;
static OSSL_FUNC_asym_cipher_set_ctx_params_fn set_ctx_params;
static OSSL_FUNC_asym_cipher_gettable_ctx_params_fn ctx_params_table;

static void *newctx(void *provctx)
{
	struct wrap_cipher *cipher = OPENSSL_zalloc(sizeof(*cipher));

	if (cipher != NULL)
		cipher->provider = provctx;
	return cipher;
}

static void freectx(void *ctx)
{
	struct wrap_cipher *cipher = ctx;

	if (cipher == NULL)
		return;
	key_free(cipher->key);
	OPENSSL_free(cipher);
}

static void *dupctx(void *ctx)
{
	const struct wrap_cipher *from = ctx;
	struct wrap_cipher *to = OPENSSL_memdup(from, sizeof(*from));

	if (to != NULL)
		key_reference(to->key);
	return to;
}

/* Key NULL keeps the earlier key; what was set for an earlier operation is forgotten. */
static int start(struct wrap_cipher *cipher, struct key *key, enum wrap_operation operation, const OSSL_PARAM params[])
{
	if (key == NULL && cipher->key == NULL)
		return RAISE_TEXT(&cipher->provider->errors, MH_R_BAD_PARAMETER,
		                  "wrapping or unwrapping was started without a key");
	if (key != NULL && key->type != KEY_OCT)
		return RAISE_TEXT(&cipher->provider->errors, MH_R_UNSUPPORTED_KEY, "the key is no AES key");
	if (key != NULL) {
		key_reference(key);
		key_free(cipher->key);
		cipher->key = key;
	}
	cipher->operation = operation;
	cipher->algorithm = NULL;
	return set_ctx_params(cipher, params);
}

static int wrap_init(void *ctx, void *provkey, const OSSL_PARAM params[])
{
	return start(ctx, provkey, WRAP_WRAP, params);
}

static int unwrap_init(void *ctx, void *provkey, const OSSL_PARAM params[])
{
	return start(ctx, provkey, WRAP_UNWRAP, params);
}

static mh_result size_of(const struct wrap_cipher *cipher, size_t length, size_t *size, struct mh_error *error)
{
	return cipher->operation == WRAP_WRAP ? key_wrap_size(cipher->algorithm, length, size, error)
	                                      : key_unwrap_size(cipher->key, cipher->algorithm, length, size, error);
}

/* Into a buffer of the largest possible result, because only the answer tells how much padding there was. */
static mh_result run(const struct wrap_cipher *cipher, struct mh_span in, size_t size, uint8_t *out, size_t capacity,
                     size_t *length, struct mh_error *error)
{
	bool exact = cipher->algorithm == NULL || !cipher->algorithm->padded || cipher->operation == WRAP_WRAP;
	uint8_t *buffer;
	mh_result result;

	if (exact && size > capacity)
		return mh_fail(error, MH_R_BUFFER_TOO_SMALL, "the buffer has %zu bytes and %zu are needed", capacity,
		               size);
	buffer = OPENSSL_malloc(size);
	if (buffer == NULL)
		return mh_fail(error, MH_R_MEMORY, "out of memory while wrapping or unwrapping");
	result = cipher->operation == WRAP_WRAP ? key_wrap(cipher->key, cipher->algorithm, in, buffer, length, error)
	                                        : key_unwrap(cipher->key, cipher->algorithm, in, buffer, length, error);
	if (result.ok && *length > capacity)
		result = mh_fail(error, MH_R_BUFFER_TOO_SMALL, "the buffer for what was unwrapped is too small");
	if (result.ok)
		memcpy(out, buffer, *length);
	OPENSSL_clear_free(buffer, size);
	return result;
}

static int operate(const struct wrap_cipher *cipher, enum wrap_operation operation, unsigned char *out, size_t *outlen,
                   size_t capacity, struct mh_span in)
{
	const struct provider_errors *errors = &cipher->provider->errors;
	struct mh_error error = { 0 };
	size_t size = 0, length = 0;

	if (cipher->operation != operation)
		return RAISE_TEXT(errors, MH_R_UNSUPPORTED_OPERATION, "wrapping or unwrapping was not started");
	if (out == NULL && in.data == NULL) {
		*outlen = KEY_WRAP_BLOCK_MAX;
		return 1;
	}
	if (!size_of(cipher, in.length, &size, &error).ok)
		return RAISE(errors, &error);
	if (out == NULL) {
		*outlen = size;
		return 1;
	}
	if (!run(cipher, in, size, out, capacity, &length, &error).ok)
		return RAISE(errors, &error);
	*outlen = length;
	return 1;
}

static int wrap(void *ctx, unsigned char *out, size_t *outlen, size_t outsize, const unsigned char *in, size_t inlen)
{
	return operate(ctx, WRAP_WRAP, out, outlen, outsize, (struct mh_span){ in, inlen });
}

static int unwrap(void *ctx, unsigned char *out, size_t *outlen, size_t outsize, const unsigned char *in, size_t inlen)
{
	return operate(ctx, WRAP_UNWRAP, out, outlen, outsize, (struct mh_span){ in, inlen });
}

static unsigned known_bits(const struct wrap_cipher *cipher)
{
	return cipher->key == NULL ? 0 : atomic_load_explicit(&cipher->key->oct_bits, memory_order_relaxed);
}

static int get_ctx_params(void *ctx, OSSL_PARAM params[])
{
	const struct wrap_cipher *cipher = ctx;
	const struct wrap_algorithm *algorithm = cipher->algorithm;
	OSSL_PARAM *p = params == NULL ? NULL : OSSL_PARAM_locate(params, PARAM_ALGORITHM);

	if (p == NULL)
		return 1;
	if (algorithm == NULL)
		algorithm = wrap_algorithm_of_size(known_bits(cipher));
	return OSSL_PARAM_set_utf8_string(p, algorithm == NULL ? "" : algorithm->name) == 1;
}

static int set_ctx_params(void *ctx, const OSSL_PARAM params[])
{
	struct wrap_cipher *cipher = ctx;
	const OSSL_PARAM *p = params == NULL ? NULL : OSSL_PARAM_locate_const(params, PARAM_ALGORITHM);
	const struct wrap_algorithm *algorithm;
	unsigned bits = known_bits(cipher);
	char name[PARAM_TEXT_MAX];

	if (p == NULL)
		return 1;
	if (p->data_type != OSSL_PARAM_UTF8_STRING || !param_text_read(p, name) ||
	    (algorithm = wrap_algorithm_find(name)) == NULL)
		return RAISE_TEXT(&cipher->provider->errors, MH_R_BAD_PARAMETER,
		                  "the service wraps with A128KW, A192KW, A256KW, CKM_AES_KEY_WRAP and "
		                  "CKM_AES_KEY_WRAP_PAD; the algorithm asked for is none of these");
	if (bits != 0 && algorithm->bits != 0 && algorithm->bits != bits)
		return RAISE_TEXT(&cipher->provider->errors, MH_R_BAD_PARAMETER,
		                  "the key '%s' has %u bits, which is A%uKW and not %s", cipher->key->uri.key, bits,
		                  bits, algorithm->name);
	cipher->algorithm = algorithm;
	return 1;
}

static const OSSL_PARAM *ctx_params_table(void *ctx, void *provctx)
{
	static const OSSL_PARAM table[] = { OSSL_PARAM_utf8_string(PARAM_ALGORITHM, NULL, 0), OSSL_PARAM_END };

	(void)ctx;
	(void)provctx;
	return table;
}

const OSSL_DISPATCH asym_cipher_oct_functions[] = {
	{ OSSL_FUNC_ASYM_CIPHER_NEWCTX, (void (*)(void))newctx },
	{ OSSL_FUNC_ASYM_CIPHER_FREECTX, (void (*)(void))freectx },
	{ OSSL_FUNC_ASYM_CIPHER_DUPCTX, (void (*)(void))dupctx },
	{ OSSL_FUNC_ASYM_CIPHER_ENCRYPT_INIT, (void (*)(void))wrap_init },
	{ OSSL_FUNC_ASYM_CIPHER_ENCRYPT, (void (*)(void))wrap },
	{ OSSL_FUNC_ASYM_CIPHER_DECRYPT_INIT, (void (*)(void))unwrap_init },
	{ OSSL_FUNC_ASYM_CIPHER_DECRYPT, (void (*)(void))unwrap },
	{ OSSL_FUNC_ASYM_CIPHER_GET_CTX_PARAMS, (void (*)(void))get_ctx_params },
	{ OSSL_FUNC_ASYM_CIPHER_GETTABLE_CTX_PARAMS, (void (*)(void))ctx_params_table },
	{ OSSL_FUNC_ASYM_CIPHER_SET_CTX_PARAMS, (void (*)(void))set_ctx_params },
	{ OSSL_FUNC_ASYM_CIPHER_SETTABLE_CTX_PARAMS, (void (*)(void))ctx_params_table },
	{ 0, NULL },
};
