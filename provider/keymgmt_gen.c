/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key generation. OpenSSL fetches KEYMGMT "EC" for its ECDHE keys and does not try a second provider when the first
 * cannot generate: listed before `default` we must be able to. The keys are software keys of the private context.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "provider/key.h"
#include "provider/keymgmt_params.h"
#include "provider/new_key.h"
#include "provider/param_word.h"
#include "provider/provider.h"

struct generation {
	struct provider *provider;
	enum key_type type;
	bool parameters_only;
	EVP_PKEY_CTX *ctx; /* of a software key */
	struct new_key wish;
	OSSL_CALLBACK *progress;
	void *progress_argument;
};

static void release(struct generation *generation)
{
	if (generation == NULL)
		return;
	EVP_PKEY_CTX_free(generation->ctx);
	new_key_clear(&generation->wish);
	OPENSSL_free(generation);
}

static int start(struct generation *generation, EVP_PKEY *template)
{
	OSSL_LIB_CTX *libctx = generation->provider->hsm.libctx;

	if (generation->type == KEY_OCT) /* nothing in software */
		return !generation->parameters_only;
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

void *keymgmt_gen_init_oct(void *provctx, int selection, const OSSL_PARAM params[])
{
	return gen_init(provctx, selection, params, KEY_OCT);
}

int keymgmt_gen_set_template(void *genctx, void *templ)
{
	struct generation *generation = genctx;
	const struct key *template = templ;
	char *group = generation->wish.group;
	size_t length = 0;

	if (template == NULL || template->pkey == NULL)
		return 0;
	/* libcrypto sets the template last: what the caller said before must stay. */
	ERR_set_mark();
	if (EVP_PKEY_get_group_name(template->pkey, group, sizeof(generation->wish.group), &length) != 1)
		group[0] = '\0';
	ERR_pop_to_mark();
	if (group[0] != '\0')
		return EVP_PKEY_CTX_set_group_name(generation->ctx, group) == 1;
	return start(generation, template->pkey); /* explicit curve parameters */
}

/* What a key in the HSM would be made of, too; 0 after an error of ours was raised. */
static int note_params(struct generation *generation, const OSSL_PARAM params[])
{
	const struct provider_errors *errors = &generation->provider->errors;
	struct mh_error error = { 0 };
	char text[KEY_URI_TEXT_MAX];
	const OSSL_PARAM *p;

	for (p = params; p->key != NULL; p++) {
		char *value = text;

		if (strcmp(p->key, OSSL_PKEY_PARAM_RSA_BITS) == 0 && p->data != NULL)
			OSSL_PARAM_get_uint(p, &generation->wish.bits);
		else if (strcmp(p->key, OSSL_PKEY_PARAM_RSA_E) == 0 && p->data != NULL)
			OSSL_PARAM_get_uint(p, &generation->wish.public_exponent);
		else if (strcmp(p->key, OSSL_PKEY_PARAM_GROUP_NAME) == 0 && param_text_read(p, text))
			OPENSSL_strlcpy(generation->wish.group, text, sizeof(generation->wish.group));
		if (strncmp(p->key, "managedhsm-", strlen("managedhsm-")) != 0)
			continue;
		if (p->data == NULL || OSSL_PARAM_get_utf8_string(p, &value, sizeof(text)) != 1)
			return RAISE_TEXT(errors, MH_R_BAD_PARAMETER,
			                  "the option %s is no string of at most %zu characters", p->key,
			                  sizeof(text) - 1);
		if (!new_key_option(&generation->wish, p->key, text, &error).ok)
			return RAISE(errors, &error);
	}
	return 1;
}

int keymgmt_gen_set_params(void *genctx, const OSSL_PARAM params[])
{
	struct generation *generation = genctx;

	if (params == NULL || params->key == NULL)
		return 1;
	if (!note_params(generation, params))
		return 0;
	return generation->ctx == NULL || EVP_PKEY_CTX_set_params(generation->ctx, params) == 1;
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
	struct mh_error error = { 0 };
	EVP_PKEY *pkey = NULL;
	struct key *key = NULL;

	if (generation->wish.uri[0] != '\0' && !generation->parameters_only) {
		if (!new_key_create(&generation->provider->hsm, generation->type, &generation->wish, &key, &error).ok)
			RAISE(&generation->provider->errors, &error);
		return key;
	}
	if (generation->wish.asked || generation->ctx == NULL) {
		RAISE_TEXT(&generation->provider->errors, MH_R_BAD_PARAMETER,
		           "a key in the HSM is wanted, but no managedhsm-uri says where");
		return NULL;
	}
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
