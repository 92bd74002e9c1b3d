/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RAND, provider-rand(7): the HSM's generator as an application's own, when both `random` in the provider's section
 * and `random = MANAGEDHSM` in OpenSSL's [random] section say so. Nothing is kept: each request goes to the HSM,
 * and one that fails is a failure. Locks are not needed, the REST client is used by all threads anyway. Our own
 * work never asks it: the private library context has its own generator.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "provider/provider.h"

#define STRENGTH_BITS 256
#define REQUEST_MAX 65536

struct generator {
	struct provider *provider;
	int state; /* EVP_RAND_STATE_... */
};

static OSSL_FUNC_rand_newctx_fn newctx;
static OSSL_FUNC_rand_freectx_fn freectx;
static OSSL_FUNC_rand_instantiate_fn instantiate;
static OSSL_FUNC_rand_uninstantiate_fn uninstantiate;
static OSSL_FUNC_rand_generate_fn generate;
static OSSL_FUNC_rand_reseed_fn reseed;
static OSSL_FUNC_rand_enable_locking_fn enable_locking;
static OSSL_FUNC_rand_lock_fn lock;
static OSSL_FUNC_rand_unlock_fn unlock;
static OSSL_FUNC_rand_gettable_ctx_params_fn gettable_ctx_params;
static OSSL_FUNC_rand_get_ctx_params_fn get_ctx_params;

static void *newctx(void *provctx, void *parent, const OSSL_DISPATCH *parent_calls)
{
	struct generator *generator = OPENSSL_zalloc(sizeof(*generator));

	(void)parent;
	(void)parent_calls;
	if (generator == NULL)
		return NULL;
	generator->provider = provctx;
	generator->state = EVP_RAND_STATE_UNINITIALISED;
	return generator;
}

static void freectx(void *vctx)
{
	OPENSSL_free(vctx);
}

static int instantiate(void *vdrbg, unsigned int strength, int prediction_resistance, const unsigned char *pstr,
                       size_t pstr_len, const OSSL_PARAM params[])
{
	struct generator *generator = vdrbg;
	struct provider *provider = generator->provider;
	struct mh_error error = { 0 };

	(void)prediction_resistance;
	(void)pstr;
	(void)pstr_len;
	(void)params;
	if (!hsm_usable(&provider->hsm, &error).ok)
		return RAISE(&provider->errors, &error);
	if (provider->random.vault[0] == '\0')
		return RAISE_TEXT(&provider->errors, MH_R_BAD_CONFIGURATION,
		                  "the HSM's generator is asked for, but no HSM is named for it: set random = "
		                  "managedhsm:HSM in the provider's section");
	if (strength > STRENGTH_BITS)
		return RAISE_TEXT(&provider->errors, MH_R_BAD_PARAMETER,
		                  "the HSM's generator has a strength of %d bits, not of %u", STRENGTH_BITS, strength);
	generator->state = EVP_RAND_STATE_READY;
	return 1;
}

static int uninstantiate(void *vdrbg)
{
	struct generator *generator = vdrbg;

	generator->state = EVP_RAND_STATE_UNINITIALISED;
	return 1;
}

static int generate(void *vctx, unsigned char *out, size_t outlen, unsigned int strength, int prediction_resistance,
                    const unsigned char *addin, size_t addin_len)
{
	const struct generator *generator = vctx;
	struct provider *provider = generator->provider;
	struct mh_error error = { 0 };
	size_t done = 0;

	(void)prediction_resistance;
	(void)addin; /* is for generators with a state of their own */
	(void)addin_len;
	if (generator->state != EVP_RAND_STATE_READY || strength > STRENGTH_BITS)
		return RAISE_TEXT(&provider->errors, MH_R_BAD_PARAMETER,
		                  "the HSM's generator is not ready for this request");
	while (done < outlen) {
		size_t n = outlen - done < CLIENT_RANDOM_MAX ? outlen - done : CLIENT_RANDOM_MAX;

		if (!client_random(provider->hsm.client, &provider->random, out + done, n, &error).ok) {
			OPENSSL_cleanse(out, outlen);
			return RAISE(&provider->errors, &error);
		}
		done += n;
	}
	return 1;
}

static int reseed(void *vctx, int prediction_resistance, const unsigned char *ent, size_t ent_len,
                  const unsigned char *addin, size_t addin_len)
{
	(void)vctx;
	(void)prediction_resistance;
	(void)ent;
	(void)ent_len;
	(void)addin;
	(void)addin_len;
	return 1;
}

static int enable_locking(void *vctx)
{
	(void)vctx;
	return 1;
}

static int lock(void *vctx)
{
	(void)vctx;
	return 1;
}

static void unlock(void *vctx)
{
	(void)vctx;
}

static const OSSL_PARAM *gettable_ctx_params(void *vctx, void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_int(OSSL_RAND_PARAM_STATE, NULL),
		OSSL_PARAM_uint(OSSL_RAND_PARAM_STRENGTH, NULL),
		OSSL_PARAM_size_t(OSSL_RAND_PARAM_MAX_REQUEST, NULL),
		OSSL_PARAM_END,
	};

	(void)vctx;
	(void)provctx;
	return table;
}

static int get_ctx_params(void *vctx, OSSL_PARAM params[])
{
	const struct generator *generator = vctx;
	OSSL_PARAM *p;

	if ((p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STATE)) != NULL &&
	    OSSL_PARAM_set_int(p, generator->state) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STRENGTH)) != NULL &&
	    OSSL_PARAM_set_uint(p, STRENGTH_BITS) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_MAX_REQUEST)) != NULL &&
	    OSSL_PARAM_set_size_t(p, REQUEST_MAX) != 1)
		return 0;
	return 1;
}

const OSSL_DISPATCH rand_functions[] = {
	{ OSSL_FUNC_RAND_NEWCTX, (void (*)(void))newctx },
	{ OSSL_FUNC_RAND_FREECTX, (void (*)(void))freectx },
	{ OSSL_FUNC_RAND_INSTANTIATE, (void (*)(void))instantiate },
	{ OSSL_FUNC_RAND_UNINSTANTIATE, (void (*)(void))uninstantiate },
	{ OSSL_FUNC_RAND_GENERATE, (void (*)(void))generate },
	{ OSSL_FUNC_RAND_RESEED, (void (*)(void))reseed },
	{ OSSL_FUNC_RAND_ENABLE_LOCKING, (void (*)(void))enable_locking },
	{ OSSL_FUNC_RAND_LOCK, (void (*)(void))lock },
	{ OSSL_FUNC_RAND_UNLOCK, (void (*)(void))unlock },
	{ OSSL_FUNC_RAND_GETTABLE_CTX_PARAMS, (void (*)(void))gettable_ctx_params },
	{ OSSL_FUNC_RAND_GET_CTX_PARAMS, (void (*)(void))get_ctx_params },
	{ 0, NULL },
};
