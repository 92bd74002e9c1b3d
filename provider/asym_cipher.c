/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ASYM_CIPHER for RSA, provider-asym_cipher(7). Decrypting with a key in the HSM is remote; encrypting, and
 * everything with a software key, goes to the default provider in the private library context.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "provider/key.h"
#include "provider/remote_decrypt.h"

enum cipher_operation { CIPHER_NONE, CIPHER_ENCRYPT, CIPHER_DECRYPT };

struct asym_cipher {
	const struct provider *provider;
	enum cipher_operation operation;
	struct key *key; /* a reference; NULL before the first init */
	struct remote_decrypt remote; /* in use when is_remote() */
	EVP_PKEY_CTX *local; /* in use otherwise */
};

static OSSL_FUNC_asym_cipher_newctx_fn newctx;
static OSSL_FUNC_asym_cipher_freectx_fn freectx;
static OSSL_FUNC_asym_cipher_dupctx_fn dupctx;
static OSSL_FUNC_asym_cipher_encrypt_init_fn encrypt_init;
static OSSL_FUNC_asym_cipher_encrypt_fn encrypt;
static OSSL_FUNC_asym_cipher_decrypt_init_fn decrypt_init;
static OSSL_FUNC_asym_cipher_decrypt_fn decrypt;
static OSSL_FUNC_asym_cipher_get_ctx_params_fn get_ctx_params;
static OSSL_FUNC_asym_cipher_set_ctx_params_fn set_ctx_params;
static OSSL_FUNC_asym_cipher_gettable_ctx_params_fn gettable_ctx_params;
static OSSL_FUNC_asym_cipher_settable_ctx_params_fn settable_ctx_params;

static bool is_remote(const struct asym_cipher *cipher)
{
	return cipher->key != NULL && cipher->key->in_hsm && cipher->operation == CIPHER_DECRYPT;
}

static void *newctx(void *provctx)
{
	struct asym_cipher *cipher = OPENSSL_zalloc(sizeof(*cipher));

	if (cipher != NULL)
		cipher->provider = provctx;
	return cipher;
}

static void freectx(void *ctx)
{
	struct asym_cipher *cipher = ctx;

	if (cipher == NULL)
		return;
	EVP_PKEY_CTX_free(cipher->local);
	key_free(cipher->key);
	OPENSSL_free(cipher);
}

static void *dupctx(void *ctx)
{
	const struct asym_cipher *from = ctx;
	struct asym_cipher *to = newctx((void *)(uintptr_t)from->provider);

	if (to == NULL)
		return NULL;
	to->operation = from->operation;
	to->remote = from->remote;
	to->key = key_reference(from->key);
	if (from->local != NULL && (to->local = EVP_PKEY_CTX_dup(from->local)) == NULL) {
		freectx(to);
		return NULL;
	}
	return to;
}

static int start_local(struct asym_cipher *cipher, enum cipher_operation operation, const OSSL_PARAM params[])
{
	EVP_PKEY_CTX_free(cipher->local);
	cipher->local = NULL;
	if (cipher->key->pkey == NULL)
		return 0;
	cipher->local = EVP_PKEY_CTX_new_from_pkey(cipher->key->hsm->libctx, cipher->key->pkey, NULL);
	if (cipher->local == NULL)
		return 0;
	if (operation == CIPHER_ENCRYPT)
		return EVP_PKEY_encrypt_init_ex(cipher->local, params) == 1;
	return EVP_PKEY_decrypt_init_ex(cipher->local, params) == 1;
}

/* Key NULL keeps the earlier key. */
static int start(struct asym_cipher *cipher, struct key *key, enum cipher_operation operation,
                 const OSSL_PARAM params[])
{
	if (key == NULL && cipher->key == NULL)
		return RAISE_TEXT(&cipher->provider->errors, MH_R_BAD_PARAMETER,
		                  "an encryption or decryption was started without a key");
	if (key != NULL && key->type != KEY_RSA)
		return RAISE_TEXT(&cipher->provider->errors, MH_R_UNSUPPORTED_KEY, "the key is no RSA key");
	if (key != NULL) {
		key_reference(key);
		key_free(cipher->key);
		cipher->key = key;
	}
	cipher->operation = operation;
	if (is_remote(cipher)) {
		remote_decrypt_init(&cipher->remote, cipher->provider);
		if (remote_decrypt_set_params(&cipher->remote, cipher->provider, params) == 1)
			return 1;
	} else if (start_local(cipher, operation, params) == 1) {
		return 1;
	}
	cipher->operation = CIPHER_NONE;
	return 0;
}

static int not_started(const struct asym_cipher *cipher)
{
	return RAISE_TEXT(&cipher->provider->errors, MH_R_UNSUPPORTED_OPERATION,
	                  "the encryption or decryption was not started");
}

static int encrypt_init(void *ctx, void *provkey, const OSSL_PARAM params[])
{
	return start(ctx, provkey, CIPHER_ENCRYPT, params);
}

static int encrypt(void *ctx, unsigned char *out, size_t *outlen, size_t outsize, const unsigned char *in, size_t inlen)
{
	struct asym_cipher *cipher = ctx;

	if (cipher->operation != CIPHER_ENCRYPT)
		return not_started(cipher);
	*outlen = outsize;
	return EVP_PKEY_encrypt(cipher->local, out, outlen, in, inlen) == 1;
}

static int decrypt_init(void *ctx, void *provkey, const OSSL_PARAM params[])
{
	return start(ctx, provkey, CIPHER_DECRYPT, params);
}

static int decrypt(void *ctx, unsigned char *out, size_t *outlen, size_t outsize, const unsigned char *in, size_t inlen)
{
	struct asym_cipher *cipher = ctx;

	if (cipher->operation != CIPHER_DECRYPT)
		return not_started(cipher);
	if (is_remote(cipher))
		return remote_decrypt(&cipher->remote, cipher->key, out, outlen, outsize,
		                      (struct mh_span){ in, inlen });
	*outlen = outsize;
	return EVP_PKEY_decrypt(cipher->local, out, outlen, in, inlen) == 1;
}

static int get_ctx_params(void *ctx, OSSL_PARAM params[])
{
	struct asym_cipher *cipher = ctx;

	if (params == NULL)
		return 1;
	if (is_remote(cipher))
		return remote_decrypt_get_params(&cipher->remote, params);
	return cipher->local != NULL && EVP_PKEY_CTX_get_params(cipher->local, params) == 1;
}

static int set_ctx_params(void *ctx, const OSSL_PARAM params[])
{
	struct asym_cipher *cipher = ctx;

	if (params == NULL || params->key == NULL)
		return 1;
	if (is_remote(cipher))
		return remote_decrypt_set_params(&cipher->remote, cipher->provider, params);
	return cipher->local != NULL && EVP_PKEY_CTX_set_params(cipher->local, params) == 1;
}

static const OSSL_PARAM *gettable_ctx_params(void *ctx, void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_DEFN(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, OSSL_PARAM_OCTET_PTR, NULL, 0),
		OSSL_PARAM_uint(OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION, NULL),
		OSSL_PARAM_uint(OSSL_ASYM_CIPHER_PARAM_TLS_NEGOTIATED_VERSION, NULL),
		OSSL_PARAM_END,
	};

	(void)ctx;
	(void)provctx;
	return table;
}

static const OSSL_PARAM *settable_ctx_params(void *ctx, void *provctx)
{
	/* implicit-rejection (OpenSSL >= 3.2) asks what a bad PKCS#1 v1.5 padding gives; only the HSM could answer
	 * with a random plaintext of its own, so a software key takes it and for a key in the HSM it changes
	 * nothing. */
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST_PROPS, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST_PROPS, NULL, 0),
		OSSL_PARAM_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, NULL, 0),
		OSSL_PARAM_uint(OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION, NULL),
		OSSL_PARAM_uint(OSSL_ASYM_CIPHER_PARAM_TLS_NEGOTIATED_VERSION, NULL),
		OSSL_PARAM_uint("implicit-rejection", NULL),
		OSSL_PARAM_END,
	};

	(void)ctx;
	(void)provctx;
	return table;
}

const OSSL_DISPATCH asym_cipher_rsa_functions[] = {
	{ OSSL_FUNC_ASYM_CIPHER_NEWCTX, (void (*)(void))newctx },
	{ OSSL_FUNC_ASYM_CIPHER_FREECTX, (void (*)(void))freectx },
	{ OSSL_FUNC_ASYM_CIPHER_DUPCTX, (void (*)(void))dupctx },
	{ OSSL_FUNC_ASYM_CIPHER_ENCRYPT_INIT, (void (*)(void))encrypt_init },
	{ OSSL_FUNC_ASYM_CIPHER_ENCRYPT, (void (*)(void))encrypt },
	{ OSSL_FUNC_ASYM_CIPHER_DECRYPT_INIT, (void (*)(void))decrypt_init },
	{ OSSL_FUNC_ASYM_CIPHER_DECRYPT, (void (*)(void))decrypt },
	{ OSSL_FUNC_ASYM_CIPHER_GET_CTX_PARAMS, (void (*)(void))get_ctx_params },
	{ OSSL_FUNC_ASYM_CIPHER_GETTABLE_CTX_PARAMS, (void (*)(void))gettable_ctx_params },
	{ OSSL_FUNC_ASYM_CIPHER_SET_CTX_PARAMS, (void (*)(void))set_ctx_params },
	{ OSSL_FUNC_ASYM_CIPHER_SETTABLE_CTX_PARAMS, (void (*)(void))settable_ctx_params },
	{ 0, NULL },
};
