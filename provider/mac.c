/* SPDX-License-Identifier: Apache-2.0 */
/* MAC with an EVP_SKEY, provider-mac(7): HMAC in the HSM. The message is collected; Final makes the one request. */
#include "provider/compat.h"

#if MH_SKEY

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "base/buffer.h"
#include "provider/key_cipher.h"
#include "provider/param_word.h"
#include "provider/provider.h"
#include "provider/skey.h"

struct mac {
	const struct provider *provider;
	struct key *key; /* a reference; NULL before the first init */
	const struct mac_algorithm *algorithm; /* NULL: not chosen yet */
	struct mh_buffer message;
};

static OSSL_FUNC_mac_newctx_fn newctx;
static OSSL_FUNC_mac_freectx_fn freectx;
static OSSL_FUNC_mac_dupctx_fn dupctx;
static OSSL_FUNC_mac_init_fn init;
static OSSL_FUNC_mac_init_skey_fn init_skey;
static OSSL_FUNC_mac_update_fn update;
static OSSL_FUNC_mac_final_fn final;
static OSSL_FUNC_mac_get_ctx_params_fn get_ctx_params;
static OSSL_FUNC_mac_set_ctx_params_fn set_ctx_params;
static OSSL_FUNC_mac_gettable_ctx_params_fn gettable_ctx_params;
static OSSL_FUNC_mac_settable_ctx_params_fn settable_ctx_params;

static void *newctx(void *provctx)
{
	struct mac *mac = OPENSSL_zalloc(sizeof(*mac));

	if (mac == NULL)
		return NULL;
	mac->provider = provctx;
	mh_buffer_init_secret(&mac->message, KEY_CIPHER_TEXT_MAX);
	return mac;
}

static void freectx(void *ctx)
{
	struct mac *mac = ctx;

	if (mac == NULL)
		return;
	key_free(mac->key);
	mh_buffer_free(&mac->message);
	OPENSSL_free(mac);
}

static void *dupctx(void *ctx)
{
	const struct mac *from = ctx;
	struct mac *to = OPENSSL_memdup(from, sizeof(*from));

	if (to == NULL)
		return NULL;
	key_reference(to->key);
	mh_buffer_init_secret(&to->message, KEY_CIPHER_TEXT_MAX);
	if (from->message.length == 0 || mh_buffer_append(&to->message, from->message.data, from->message.length).ok)
		return to;
	freectx(to);
	return NULL;
}

/* skey NULL keeps the key. */
static int init_skey(void *ctx, void *skeydata, const OSSL_PARAM params[])
{
	const struct skey *skey = skeydata;
	struct mac *mac = ctx;

	mh_buffer_clear(&mac->message);
	if (!set_ctx_params(mac, params))
		return 0;
	if (skey != NULL) {
		key_reference(skey->key);
		key_free(mac->key);
		mac->key = skey->key;
	}
	return 1;
}

static int init(void *ctx, const unsigned char *key, size_t keylen, const OSSL_PARAM params[])
{
	const struct mac *mac = ctx;

	(void)keylen;
	if (key != NULL)
		return RAISE_TEXT(&mac->provider->errors, MH_R_UNSUPPORTED_KEY,
		                  "this HMAC works with a key in the HSM, not with bytes: EVP_MAC_init_SKEY()");
	return init_skey(ctx, NULL, params);
}

static int is_ready(const struct mac *mac)
{
	if (mac->key == NULL)
		return RAISE_TEXT(&mac->provider->errors, MH_R_BAD_PARAMETER, "the HMAC was started without a key");
	if (mac->algorithm == NULL)
		return RAISE_TEXT(&mac->provider->errors, MH_R_BAD_PARAMETER,
		                  "the HMAC's digest was not set: SHA2-256, SHA2-384 or SHA2-512");
	return 1;
}

static int update(void *ctx, const unsigned char *in, size_t inl)
{
	struct mac *mac = ctx;

	if (!is_ready(mac))
		return 0;
	if (inl == 0)
		return 1;
	if (inl > mac->message.maximum - mac->message.length)
		return RAISE_TEXT(&mac->provider->errors, MH_R_BAD_PARAMETER,
		                  "a message of more than %zu bytes is too long, the provider's own limit, for the "
		                  "service's is not documented; take the HMAC of its digest",
		                  mac->message.maximum);
	return mh_buffer_append(&mac->message, in, inl).ok ||
	       RAISE_TEXT(&mac->provider->errors, MH_R_MEMORY, "out of memory for the message of an HMAC");
}

static int final(void *ctx, unsigned char *out, size_t *outl, size_t outsize)
{
	struct mac *mac = ctx;
	uint8_t value[KEY_MAC_MAX];
	struct mh_error error = { 0 };

	if (!is_ready(mac))
		return 0;
	*outl = mac->algorithm->length;
	if (out == NULL)
		return 1;
	if (outsize < mac->algorithm->length)
		return RAISE_TEXT(&mac->provider->errors, MH_R_BUFFER_TOO_SMALL,
		                  "the buffer has %zu bytes and %zu are needed", outsize, mac->algorithm->length);
	if (!key_mac(mac->key, mac->algorithm, (struct mh_span){ mac->message.data, mac->message.length }, value,
	             &error)
	             .ok)
		return RAISE(&mac->provider->errors, &error);
	memcpy(out, value, mac->algorithm->length);
	OPENSSL_cleanse(value, sizeof(value));
	return 1;
}

static int set_ctx_params(void *ctx, const OSSL_PARAM params[])
{
	struct mac *mac = ctx;
	const OSSL_PARAM *p;
	const struct mac_algorithm *algorithm;
	char name[PARAM_TEXT_MAX];
	int xof = 0;

	if (params == NULL)
		return 1;
	if (OSSL_PARAM_locate_const(params, OSSL_MAC_PARAM_KEY) != NULL)
		return init(ctx, (const unsigned char *)"", 0, NULL);
	p = OSSL_PARAM_locate_const(params, OSSL_MAC_PARAM_XOF);
	if (p != NULL && (OSSL_PARAM_get_int(p, &xof) != 1 || xof != 0))
		return RAISE_TEXT(&mac->provider->errors, MH_R_BAD_PARAMETER, "an HMAC has one length");
	p = OSSL_PARAM_locate_const(params, OSSL_MAC_PARAM_DIGEST);
	if (p == NULL)
		return 1;
	if (p->data_type != OSSL_PARAM_UTF8_STRING || !param_text_read(p, name) ||
	    (algorithm = mac_algorithm_find(name)) == NULL)
		return RAISE_TEXT(&mac->provider->errors, MH_R_UNSUPPORTED_DIGEST,
		                  "the service has HMAC with SHA2-256, SHA2-384 and SHA2-512, and no other");
	mac->algorithm = algorithm;
	return 1;
}

static const OSSL_PARAM *settable_ctx_params(void *ctx, void *provctx)
{
	static const OSSL_PARAM table[] = { OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, NULL, 0), OSSL_PARAM_END };

	(void)ctx;
	(void)provctx;
	return table;
}

static int get_ctx_params(void *ctx, OSSL_PARAM params[])
{
	const struct mac *mac = ctx;
	const struct mac_algorithm *algorithm = mac->algorithm;
	OSSL_PARAM *p;

	if ((p = OSSL_PARAM_locate(params, OSSL_MAC_PARAM_SIZE)) != NULL &&
	    OSSL_PARAM_set_size_t(p, algorithm == NULL ? 0 : algorithm->length) != 1)
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_MAC_PARAM_BLOCK_SIZE);
	return p == NULL || OSSL_PARAM_set_size_t(p, algorithm == NULL ? 0 : algorithm->block) == 1;
}

static const OSSL_PARAM *gettable_ctx_params(void *ctx, void *provctx)
{
	static const OSSL_PARAM table[] = { OSSL_PARAM_size_t(OSSL_MAC_PARAM_SIZE, NULL),
		                            OSSL_PARAM_size_t(OSSL_MAC_PARAM_BLOCK_SIZE, NULL), OSSL_PARAM_END };

	(void)ctx;
	(void)provctx;
	return table;
}

static const OSSL_DISPATCH functions[] = {
	{ OSSL_FUNC_MAC_NEWCTX, (void (*)(void))newctx },
	{ OSSL_FUNC_MAC_FREECTX, (void (*)(void))freectx },
	{ OSSL_FUNC_MAC_DUPCTX, (void (*)(void))dupctx },
	{ OSSL_FUNC_MAC_INIT, (void (*)(void))init },
	{ OSSL_FUNC_MAC_INIT_SKEY, (void (*)(void))init_skey },
	{ OSSL_FUNC_MAC_UPDATE, (void (*)(void))update },
	{ OSSL_FUNC_MAC_FINAL, (void (*)(void)) final },
	{ OSSL_FUNC_MAC_GET_CTX_PARAMS, (void (*)(void))get_ctx_params },
	{ OSSL_FUNC_MAC_GETTABLE_CTX_PARAMS, (void (*)(void))gettable_ctx_params },
	{ OSSL_FUNC_MAC_SET_CTX_PARAMS, (void (*)(void))set_ctx_params },
	{ OSSL_FUNC_MAC_SETTABLE_CTX_PARAMS, (void (*)(void))settable_ctx_params },
	{ 0, NULL },
};

const OSSL_ALGORITHM mac_algorithms[] = {
	{ "MANAGEDHSM-HMAC", "provider=managedhsm", functions, "HMAC by Azure Managed HSM" },
	{ NULL, NULL, NULL, NULL },
};

#endif
