/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KEYMGMT for AES keys in the HSM, provider-keymgmt(7). There is nothing to give away and nothing to take: no
 * public half, no import, no export, no software key. So it has no NEW either, and every key object is one in the
 * HSM; generation creates one there.
 */
#include <string.h>
#include <strings.h>

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "provider/key_wrap.h"
#include "provider/keymgmt_params.h"
#include "provider/provider.h"

#define BITS_WHEN_UNKNOWN 256

static OSSL_FUNC_keymgmt_free_fn free_key;
static OSSL_FUNC_keymgmt_load_fn load;
static OSSL_FUNC_keymgmt_has_fn has;
static OSSL_FUNC_keymgmt_match_fn match;
static OSSL_FUNC_keymgmt_validate_fn validate;
static OSSL_FUNC_keymgmt_dup_fn dup_key;
static OSSL_FUNC_keymgmt_get_params_fn get_params;
static OSSL_FUNC_keymgmt_gettable_params_fn gettable_params;

static void free_key(void *keydata)
{
	key_free(keydata);
}

static void *load(const void *reference, size_t reference_sz)
{
	return keymgmt_take_reference(reference, reference_sz, KEY_OCT);
}

static int has(const void *keydata, int selection)
{
	return keydata != NULL && (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) == 0;
}

/* A version's 32 random digits make a key's name unique. A cloud that one URI leaves out is the one that is
 * configured. */
static bool same_uri(const struct key_uri *a, const struct key_uri *b)
{
	return a->service == b->service && strcasecmp(a->vault, b->vault) == 0 && strcasecmp(a->key, b->key) == 0 &&
	       strcmp(a->version, b->version) == 0 &&
	       (a->cloud == b->cloud || a->cloud == KEY_URI_CLOUD_UNSAID || b->cloud == KEY_URI_CLOUD_UNSAID);
}

static int match(const void *keydata1, const void *keydata2, int selection)
{
	const struct key *a = keydata1, *b = keydata2;

	if (a == NULL || b == NULL)
		return 0;
	return (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0 || same_uri(&a->uri, &b->uri);
}

/* That the service has such a key is all that can be checked here, and it said so. */
static int validate(const void *keydata, int selection, int checktype)
{
	(void)checktype;
	return keydata != NULL && ((selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) == 0 ||
	                           (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0);
}

static void *dup_key(const void *keydata_from, int selection)
{
	const struct key *from = keydata_from;
	struct key *copy;

	/* A key without its one half would be none. */
	if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0)
		return NULL;
	copy = key_new_oct(from->hsm, &from->uri, atomic_load_explicit(&from->oct_bits, memory_order_relaxed));
	if (copy != NULL)
		copy->operations = from->operations;
	return copy;
}

static int get_params(void *keydata, OSSL_PARAM params[])
{
	const struct key *key = keydata;
	unsigned known = atomic_load_explicit(&key->oct_bits, memory_order_relaxed);
	int bits = known != 0 ? (int)known : BITS_WHEN_UNKNOWN;
	OSSL_PARAM *p;

	if ((p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_BITS)) != NULL && OSSL_PARAM_set_int(p, bits) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_SECURITY_BITS)) != NULL && OSSL_PARAM_set_int(p, bits) != 1)
		return 0;
	/* What an operation can give at most, as EVP_PKEY_get_size(3) promises. */
	p = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_MAX_SIZE);
	return p == NULL || OSSL_PARAM_set_int(p, KEY_WRAP_BLOCK_MAX) == 1;
}

static const OSSL_PARAM *gettable_params(void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
		OSSL_PARAM_END,
	};

	(void)provctx;
	return table;
}

const OSSL_DISPATCH keymgmt_oct_functions[] = {
	{ OSSL_FUNC_KEYMGMT_FREE, (void (*)(void))free_key },
	{ OSSL_FUNC_KEYMGMT_LOAD, (void (*)(void))load },
	{ OSSL_FUNC_KEYMGMT_HAS, (void (*)(void))has },
	{ OSSL_FUNC_KEYMGMT_MATCH, (void (*)(void))match },
	{ OSSL_FUNC_KEYMGMT_VALIDATE, (void (*)(void))validate },
	{ OSSL_FUNC_KEYMGMT_DUP, (void (*)(void))dup_key },
	{ OSSL_FUNC_KEYMGMT_GEN_INIT, (void (*)(void))keymgmt_gen_init_oct },
	{ OSSL_FUNC_KEYMGMT_GEN_SET_PARAMS, (void (*)(void))keymgmt_gen_set_params },
	{ OSSL_FUNC_KEYMGMT_GEN_SETTABLE_PARAMS, (void (*)(void))keymgmt_gen_settable_params_oct },
	{ OSSL_FUNC_KEYMGMT_GEN, (void (*)(void))keymgmt_gen },
	{ OSSL_FUNC_KEYMGMT_GEN_CLEANUP, (void (*)(void))keymgmt_gen_cleanup },
	{ OSSL_FUNC_KEYMGMT_GET_PARAMS, (void (*)(void))get_params },
	{ OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, (void (*)(void))gettable_params },
	{ 0, NULL },
};
