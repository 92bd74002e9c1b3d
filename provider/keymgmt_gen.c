/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key generation. OpenSSL fetches KEYMGMT "EC" for its ECDHE keys and does not try a second provider when the first
 * cannot generate: listed before `default` we must be able to. The keys are software keys of the private context.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "provider/key.h"
#include "provider/keymgmt_params.h"
#include "provider/provider.h"

struct generation {
	struct provider *provider;
	enum key_type type;
	bool parameters_only;
	EVP_PKEY_CTX *ctx;
	OSSL_CALLBACK *progress;
	void *progress_argument;
};

static void release(struct generation *generation)
{
	if (generation == NULL)
		return;
	EVP_PKEY_CTX_free(generation->ctx);
	OPENSSL_free(generation);
}

static int start(struct generation *generation, EVP_PKEY *template)
{
	OSSL_LIB_CTX *libctx = generation->provider->hsm.libctx;

	EVP_PKEY_CTX_free(generation->ctx);
	generation->ctx = template != NULL ? EVP_PKEY_CTX_new_from_pkey(libctx, template, NULL)
	                                   : EVP_PKEY_CTX_new_from_name(libctx, key_type_name(generation->type), NULL);
	if (generation->ctx == NULL)
		return 0;
	return (generation->parameters_only ? EVP_PKEY_paramgen_init(generation->ctx)
	                                    : EVP_PKEY_keygen_init(generation->ctx)) == 1;
}

static void *gen_init(void *provctx, int selection, const OSSL_PARAM params[], enum key_type type)
{
	struct generation *generation = OPENSSL_zalloc(sizeof(*generation));

	if (generation == NULL)
		return NULL;
	generation->provider = provctx;
	generation->type = type;
	generation->parameters_only = (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0;
	if (!start(generation, NULL) || keymgmt_gen_set_params(generation, params) != 1) {
		release(generation);
		return NULL;
	}
	return generation;
}

void *keymgmt_gen_init_rsa(void *provctx, int selection, const OSSL_PARAM params[])
{
	return gen_init(provctx, selection, params, KEY_RSA);
}

void *keymgmt_gen_init_ec(void *provctx, int selection, const OSSL_PARAM params[])
{
	return gen_init(provctx, selection, params, KEY_EC);
}

int keymgmt_gen_set_template(void *genctx, void *templ)
{
	const struct key *template = templ;

	return template != NULL && template->pkey != NULL && start(genctx, template->pkey);
}

int keymgmt_gen_set_params(void *genctx, const OSSL_PARAM params[])
{
	struct generation *generation = genctx;

	if (params == NULL || params->key == NULL)
		return 1;
	return EVP_PKEY_CTX_set_params(generation->ctx, params) == 1;
}

/* libcrypto's progress callback -> the caller's, provider-keymgmt(7). */
static int report(EVP_PKEY_CTX *ctx)
{
	struct generation *generation = EVP_PKEY_CTX_get_app_data(ctx);
	int potential = EVP_PKEY_CTX_get_keygen_info(ctx, 0), iteration = EVP_PKEY_CTX_get_keygen_info(ctx, 1);
	OSSL_PARAM params[] = {
		OSSL_PARAM_int(OSSL_GEN_PARAM_POTENTIAL, &potential),
		OSSL_PARAM_int(OSSL_GEN_PARAM_ITERATION, &iteration),
		OSSL_PARAM_END,
	};

	return generation->progress(params, generation->progress_argument);
}

void *keymgmt_gen(void *genctx, OSSL_CALLBACK *cb, void *cbarg)
{
	struct generation *generation = genctx;
	EVP_PKEY *pkey = NULL;
	struct key *key;

	if (cb != NULL) {
		generation->progress = cb;
		generation->progress_argument = cbarg;
		EVP_PKEY_CTX_set_app_data(generation->ctx, generation);
		EVP_PKEY_CTX_set_cb(generation->ctx, report);
	}
	if (EVP_PKEY_generate(generation->ctx, &pkey) != 1)
		return NULL;
	key = key_new_software(&generation->provider->hsm, generation->type, pkey);
	if (key == NULL)
		EVP_PKEY_free(pkey);
	return key;
}

void keymgmt_gen_cleanup(void *genctx)
{
	release(genctx);
}
