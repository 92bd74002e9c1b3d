/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SKEYMGMT, provider-skeymgmt(7): an AES key in the HSM becomes an EVP_SKEY by its URI. Nothing secret goes in or out.
 */
#include "provider/compat.h"

#if MH_SKEY

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "provider/provider.h"
#include "provider/skey.h"

static OSSL_FUNC_skeymgmt_free_fn free_key;
static OSSL_FUNC_skeymgmt_import_fn import;
static OSSL_FUNC_skeymgmt_export_fn export_key;
static OSSL_FUNC_skeymgmt_generate_fn generate;
static OSSL_FUNC_skeymgmt_get_key_id_fn get_key_id;
static OSSL_FUNC_skeymgmt_imp_settable_params_fn imp_settable_params;

static void free_key(void *keydata)
{
	struct skey *skey = keydata;

	if (skey == NULL)
		return;
	key_free(skey->key);
	OPENSSL_free(skey);
}

static mh_result read_uri(const OSSL_PARAM params[], struct key_uri *uri, struct mh_error *error)
{
	const OSSL_PARAM *p = params == NULL ? NULL : OSSL_PARAM_locate_const(params, SKEY_PARAM_URI);
	char buffer[KEY_URI_TEXT_MAX], *text = buffer;

	if (params != NULL && OSSL_PARAM_locate_const(params, OSSL_SKEY_PARAM_RAW_BYTES) != NULL)
		return mh_fail(error, MH_R_BAD_PARAMETER,
		               "a " SKEY_NAME " key is one that is in the HSM: bytes of a key cannot become one");
	if (p == NULL)
		return mh_fail(error, MH_R_BAD_PARAMETER,
		               "which key? The parameter " SKEY_PARAM_URI " must say its URI, managedhsm:<hsm>:<key>");
	if (p->data_type != OSSL_PARAM_UTF8_STRING || p->data == NULL ||
	    OSSL_PARAM_get_utf8_string(p, &text, sizeof(buffer)) != 1)
		return mh_fail(error, MH_R_BAD_PARAMETER, SKEY_PARAM_URI " must be a string of at most %d characters",
		               KEY_URI_TEXT_MAX - 1);
	if (!key_uri_parse(text, uri, error).ok)
		return MH_FAILURE;
	if (uri->key[0] == '\0' || uri->all_versions || uri->type == KEY_URI_TYPE_PUBLIC ||
	    uri->type == KEY_URI_TYPE_CERT)
		return mh_fail(error, MH_R_BAD_URI, SKEY_PARAM_URI " must name one AES key: managedhsm:<hsm>:<key>");
	return MH_SUCCESS;
}

static mh_result load(const struct hsm *hsm, const struct key_uri *uri, struct skey *skey, struct mh_error *error)
{
	if (!hsm_usable(hsm, error).ok || !key_load(hsm, uri, false, &skey->key, error).ok)
		return MH_FAILURE;
	if (skey->key->type != KEY_OCT)
		return mh_fail(error, MH_R_UNSUPPORTED_KEY, "the key '%s' is no AES key: load it with OSSL_STORE",
		               uri->key);
	key_uri_format(&skey->key->uri, skey->uri);
	return MH_SUCCESS;
}

/* Whatever is selected: the key is one whole. */
static void *import(void *provctx, int selection, const OSSL_PARAM params[])
{
	struct provider *provider = provctx;
	struct mh_error error = { 0 };
	struct key_uri uri;
	struct skey *skey;

	(void)selection;
	if (!read_uri(params, &uri, &error).ok) {
		RAISE(&provider->errors, &error);
		return NULL;
	}
	skey = OPENSSL_zalloc(sizeof(*skey));
	if (skey == NULL) {
		RAISE_TEXT(&provider->errors, MH_R_MEMORY, "out of memory while loading the key '%s'", uri.key);
		return NULL;
	}
	if (!load(&provider->hsm, &uri, skey, &error).ok) {
		free_key(skey);
		RAISE(&provider->errors, &error);
		return NULL;
	}
	return skey;
}

static int export_key(void *keydata, int selection, OSSL_CALLBACK *param_cb, void *cbarg)
{
	struct skey *skey = keydata;
	OSSL_PARAM params[] = { OSSL_PARAM_END, OSSL_PARAM_END };

	if ((selection & OSSL_SKEYMGMT_SELECT_SECRET_KEY) != 0)
		return RAISE_TEXT(&provider_of(skey->key)->errors, MH_R_UNSUPPORTED_OPERATION,
		                  "the bytes of %s do not leave the HSM", skey->uri);
	params[0] = OSSL_PARAM_construct_utf8_string(SKEY_PARAM_URI, skey->uri, 0);
	return param_cb(params, cbarg);
}

static void *generate(void *provctx, const OSSL_PARAM params[])
{
	const struct provider *provider = provctx;

	(void)params;
	RAISE_TEXT(&provider->errors, MH_R_UNSUPPORTED_OPERATION,
	           "EVP_SKEY_generate() makes no keys in the HSM: make one with the service, and import it by its URI");
	return NULL;
}

static const char *get_key_id(void *keydata)
{
	const struct skey *skey = keydata;

	return skey->uri;
}

static const OSSL_PARAM *imp_settable_params(void *provctx)
{
	static const OSSL_PARAM table[] = { OSSL_PARAM_utf8_string(SKEY_PARAM_URI, NULL, 0), OSSL_PARAM_END };

	(void)provctx;
	return table;
}

static const OSSL_DISPATCH functions[] = {
	{ OSSL_FUNC_SKEYMGMT_FREE, (void (*)(void))free_key },
	{ OSSL_FUNC_SKEYMGMT_IMPORT, (void (*)(void))import },
	{ OSSL_FUNC_SKEYMGMT_EXPORT, (void (*)(void))export_key },
	{ OSSL_FUNC_SKEYMGMT_GENERATE, (void (*)(void))generate },
	{ OSSL_FUNC_SKEYMGMT_GET_KEY_ID, (void (*)(void))get_key_id },
	{ OSSL_FUNC_SKEYMGMT_IMP_SETTABLE_PARAMS, (void (*)(void))imp_settable_params },
	{ 0, NULL },
};

const OSSL_ALGORITHM skeymgmt_algorithms[] = {
	{ SKEY_NAME, "provider=managedhsm", functions, "AES keys in Azure Managed HSM" },
	{ NULL, NULL, NULL, NULL },
};

#endif
