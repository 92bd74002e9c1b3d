/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KEYMGMT for RSA and EC, provider-keymgmt(7). A key in the HSM gives away its public half and nothing else; every
 * other key that OpenSSL makes through us (a peer's public key, an ECDHE key, a generated one) is a software key of
 * the private context, and each call on it goes to the default provider's key there. So it does not matter which
 * provider is listed first.
 */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "provider/key.h"
#include "provider/keymgmt_params.h"
#include "provider/provider.h"

static OSSL_FUNC_keymgmt_new_fn new_rsa, new_ec;
static OSSL_FUNC_keymgmt_free_fn free_key;
static OSSL_FUNC_keymgmt_load_fn load_rsa, load_ec;
static OSSL_FUNC_keymgmt_has_fn has;
static OSSL_FUNC_keymgmt_match_fn match;
static OSSL_FUNC_keymgmt_validate_fn validate;
static OSSL_FUNC_keymgmt_dup_fn dup_key;
static OSSL_FUNC_keymgmt_get_params_fn get_params;
static OSSL_FUNC_keymgmt_set_params_fn set_params;
static OSSL_FUNC_keymgmt_import_fn import;
static OSSL_FUNC_keymgmt_export_fn export;
static OSSL_FUNC_keymgmt_query_operation_name_fn query_operation_name_rsa, query_operation_name_ec;

static struct key *new_key(void *provctx, enum key_type type)
{
	struct provider *provider = provctx;
	struct key *key = key_new(&provider->hsm, type);

	if (key == NULL)
		RAISE_TEXT(&provider->errors, MH_R_MEMORY, "out of memory while making a key");
	return key;
}

static void *new_rsa(void *provctx)
{
	return new_key(provctx, KEY_RSA);
}

static void *new_ec(void *provctx)
{
	return new_key(provctx, KEY_EC);
}

static void free_key(void *keydata)
{
	key_free(keydata);
}

/* The reference that STORE and DECODER give away is the address of a pointer; taking the key out of it moves the
 * ownership. */
struct key *keymgmt_take_reference(const void *reference, size_t size, enum key_type type)
{
	struct key **slot, *key;

	if (reference == NULL || size != sizeof(key))
		return NULL;
	slot = (struct key **)(uintptr_t)reference;
	key = *slot;
	if (key == NULL || key->type != type)
		return NULL;
	*slot = NULL;
	return key;
}

static void *load_rsa(const void *reference, size_t reference_sz)
{
	return keymgmt_take_reference(reference, reference_sz, KEY_RSA);
}

static void *load_ec(const void *reference, size_t reference_sz)
{
	return keymgmt_take_reference(reference, reference_sz, KEY_EC);
}

static int has(const void *keydata, int selection)
{
	const struct key *key = keydata;

	if (key == NULL)
		return 0;
	if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 && !key_has_private(key))
		return 0;
	if ((selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0 && !key_has_public(key))
		return 0;
	/* RSA has no domain parameters, so none are missing; an EC key object that is not empty has its group. */
	if ((selection & OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS) != 0 && key->type == KEY_EC && key->pkey == NULL)
		return 0;
	return 1;
}

static int match(const void *keydata1, const void *keydata2, int selection)
{
	const struct key *a = keydata1, *b = keydata2;
	int same;

	if (a == NULL || b == NULL || a->pkey == NULL || b->pkey == NULL || a->type != b->type)
		return 0;
	ERR_set_mark();
	/* The public halves of two key pairs decide about the private ones too. */
	if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0)
		same = EVP_PKEY_eq(a->pkey, b->pkey);
	else
		same = EVP_PKEY_parameters_eq(a->pkey, b->pkey);
	ERR_pop_to_mark();
	return same == 1;
}

static int validate(const void *keydata, int selection, int checktype)
{
	const struct key *key = keydata;
	EVP_PKEY_CTX *ctx;
	int good = 0;

	if (key == NULL || key->pkey == NULL)
		return 0;
	ctx = EVP_PKEY_CTX_new_from_pkey(key->hsm->libctx, key->pkey, NULL);
	if (ctx == NULL)
		return 0;
	if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 && !key->in_hsm)
		good = (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0 ? EVP_PKEY_check(ctx)
		                                                         : EVP_PKEY_private_check(ctx);
	else if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0)
		good = checktype == OSSL_KEYMGMT_VALIDATE_QUICK_CHECK ? EVP_PKEY_public_check_quick(ctx)
		                                                      : EVP_PKEY_public_check(ctx);
	else
		good = EVP_PKEY_param_check(ctx);
	EVP_PKEY_CTX_free(ctx);
	return good == 1;
}

/* A software key with the selected public parts of another. */
static EVP_PKEY *copy_parts(const struct key *key, int selection)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(key->hsm->libctx, key_type_name(key->type), NULL);
	OSSL_PARAM *parameters = NULL;
	EVP_PKEY *copy = NULL;

	if (ctx == NULL || EVP_PKEY_todata(key->pkey, selection, &parameters) != 1 ||
	    EVP_PKEY_fromdata_init(ctx) != 1 || EVP_PKEY_fromdata(ctx, &copy, selection, parameters) != 1)
		copy = NULL;
	OSSL_PARAM_free(parameters);
	EVP_PKEY_CTX_free(ctx);
	return copy;
}

static void *dup_key(const void *keydata_from, int selection)
{
	const struct key *from = keydata_from;
	bool whole_hsm_key = from->in_hsm && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
	struct key *copy = key_new(from->hsm, from->type);

	if (copy == NULL || from->pkey == NULL || selection == 0)
		return copy;
	if (whole_hsm_key) {
		copy->in_hsm = true;
		copy->uri = from->uri;
		copy->operations = from->operations;
		copy->curve = from->curve;
		copy->pkey = EVP_PKEY_dup(from->pkey);
	} else if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) {
		copy->pkey = EVP_PKEY_dup(from->pkey); /* leaves no copy of the private half behind */
	} else {
		copy->pkey = copy_parts(from, selection);
	}
	if (copy->pkey == NULL) {
		key_free(copy);
		return NULL;
	}
	return copy;
}

static int get_params(void *keydata, OSSL_PARAM params[])
{
	const struct key *key = keydata;
	int done;

	if (key->pkey == NULL)
		return 0;
	ERR_set_mark();
	done = EVP_PKEY_get_params(key->pkey, params);
	ERR_pop_to_mark();
	return done == 1;
}

static int set_params(void *keydata, const OSSL_PARAM params[])
{
	struct key *key = keydata;

	if (params == NULL || params->key == NULL)
		return 1;
	/* How the public half is written may be chosen; which key it is may not. */
	if (key->in_hsm && OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY) != NULL)
		return RAISE_TEXT(&provider_of(key)->errors, MH_R_UNSUPPORTED_OPERATION,
		                  "the public half of a key in the HSM cannot be changed");
	return key->pkey != NULL && EVP_PKEY_set_params(key->pkey, (OSSL_PARAM *)(uintptr_t)params) == 1;
}

static int import(void *keydata, int selection, const OSSL_PARAM params[])
{
	struct key *key = keydata;
	EVP_PKEY_CTX *ctx;
	int done;

	if (key == NULL || key->in_hsm || key->pkey != NULL)
		return 0;
	ctx = EVP_PKEY_CTX_new_from_name(key->hsm->libctx, key_type_name(key->type), NULL);
	done = ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
	       EVP_PKEY_fromdata(ctx, &key->pkey, selection, (OSSL_PARAM *)(uintptr_t)params) == 1;
	EVP_PKEY_CTX_free(ctx);
	return done;
}

/* OpenSSL tries this with everything selected before it comes to our SIGNATURE, at each operation: cheap, and no
 * error. */
static int export(void *keydata, int selection, OSSL_CALLBACK *param_cb, void *cbarg)
{
	const struct key *key = keydata;

	if (key == NULL || key->pkey == NULL || (key->in_hsm && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0))
		return 0;
	/* RSA has no parameters; libcrypto's text encoder would take an empty answer for a key. */
	if (key->type == KEY_RSA && (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0)
		return 0;
	return EVP_PKEY_export(key->pkey, selection, param_cb, cbarg) == 1;
}

static const char *query_operation_name_rsa(int operation_id)
{
	(void)operation_id;
	return "RSA";
}

static const char *query_operation_name_ec(int operation_id)
{
	switch (operation_id) {
	case OSSL_OP_SIGNATURE:
		return "ECDSA";
	case OSSL_OP_KEYEXCH:
		return "ECDH";
	default:
		return "EC";
	}
}

const OSSL_DISPATCH keymgmt_rsa_functions[] = {
	{ OSSL_FUNC_KEYMGMT_NEW, (void (*)(void))new_rsa },
	{ OSSL_FUNC_KEYMGMT_FREE, (void (*)(void))free_key },
	{ OSSL_FUNC_KEYMGMT_LOAD, (void (*)(void))load_rsa },
	{ OSSL_FUNC_KEYMGMT_HAS, (void (*)(void))has },
	{ OSSL_FUNC_KEYMGMT_MATCH, (void (*)(void))match },
	{ OSSL_FUNC_KEYMGMT_VALIDATE, (void (*)(void))validate },
	{ OSSL_FUNC_KEYMGMT_DUP, (void (*)(void))dup_key },
	{ OSSL_FUNC_KEYMGMT_GET_PARAMS, (void (*)(void))get_params },
	{ OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, (void (*)(void))keymgmt_gettable_params_rsa },
	{ OSSL_FUNC_KEYMGMT_IMPORT, (void (*)(void))import },
	{ OSSL_FUNC_KEYMGMT_IMPORT_TYPES, (void (*)(void))keymgmt_key_types_rsa },
	{ OSSL_FUNC_KEYMGMT_EXPORT, (void (*)(void)) export },
	{ OSSL_FUNC_KEYMGMT_EXPORT_TYPES, (void (*)(void))keymgmt_key_types_rsa },
	{ OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, (void (*)(void))query_operation_name_rsa },
	{ OSSL_FUNC_KEYMGMT_GEN_INIT, (void (*)(void))keymgmt_gen_init_rsa },
	{ OSSL_FUNC_KEYMGMT_GEN_SET_PARAMS, (void (*)(void))keymgmt_gen_set_params },
	{ OSSL_FUNC_KEYMGMT_GEN_SETTABLE_PARAMS, (void (*)(void))keymgmt_gen_settable_params_rsa },
	{ OSSL_FUNC_KEYMGMT_GEN, (void (*)(void))keymgmt_gen },
	{ OSSL_FUNC_KEYMGMT_GEN_CLEANUP, (void (*)(void))keymgmt_gen_cleanup },
	{ 0, NULL },
};

const OSSL_DISPATCH keymgmt_ec_functions[] = {
	{ OSSL_FUNC_KEYMGMT_NEW, (void (*)(void))new_ec },
	{ OSSL_FUNC_KEYMGMT_FREE, (void (*)(void))free_key },
	{ OSSL_FUNC_KEYMGMT_LOAD, (void (*)(void))load_ec },
	{ OSSL_FUNC_KEYMGMT_HAS, (void (*)(void))has },
	{ OSSL_FUNC_KEYMGMT_MATCH, (void (*)(void))match },
	{ OSSL_FUNC_KEYMGMT_VALIDATE, (void (*)(void))validate },
	{ OSSL_FUNC_KEYMGMT_DUP, (void (*)(void))dup_key },
	{ OSSL_FUNC_KEYMGMT_GET_PARAMS, (void (*)(void))get_params },
	{ OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, (void (*)(void))keymgmt_gettable_params_ec },
	{ OSSL_FUNC_KEYMGMT_SET_PARAMS, (void (*)(void))set_params },
	{ OSSL_FUNC_KEYMGMT_SETTABLE_PARAMS, (void (*)(void))keymgmt_settable_params_ec },
	{ OSSL_FUNC_KEYMGMT_IMPORT, (void (*)(void))import },
	{ OSSL_FUNC_KEYMGMT_IMPORT_TYPES, (void (*)(void))keymgmt_key_types_ec },
	{ OSSL_FUNC_KEYMGMT_EXPORT, (void (*)(void)) export },
	{ OSSL_FUNC_KEYMGMT_EXPORT_TYPES, (void (*)(void))keymgmt_key_types_ec },
	{ OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, (void (*)(void))query_operation_name_ec },
	{ OSSL_FUNC_KEYMGMT_GEN_INIT, (void (*)(void))keymgmt_gen_init_ec },
	{ OSSL_FUNC_KEYMGMT_GEN_SET_TEMPLATE, (void (*)(void))keymgmt_gen_set_template },
	{ OSSL_FUNC_KEYMGMT_GEN_SET_PARAMS, (void (*)(void))keymgmt_gen_set_params },
	{ OSSL_FUNC_KEYMGMT_GEN_SETTABLE_PARAMS, (void (*)(void))keymgmt_gen_settable_params_ec },
	{ OSSL_FUNC_KEYMGMT_GEN, (void (*)(void))keymgmt_gen },
	{ OSSL_FUNC_KEYMGMT_GEN_CLEANUP, (void (*)(void))keymgmt_gen_cleanup },
	{ 0, NULL },
};
