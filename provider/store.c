/* SPDX-License-Identifier: Apache-2.0 */
/* STORE, provider-storemgmt(7): a key URI -> a key. Opening is pure memory; loading asks the service, once. */
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/store.h>

#include "provider/key.h"
#include "provider/provider.h"

struct store {
	struct provider *provider;
	struct key_uri uri;
	int expected; /* OSSL_STORE_INFO_..., 0 for anything */
	bool loaded;
};

static OSSL_FUNC_store_open_fn open_store;
static OSSL_FUNC_store_settable_ctx_params_fn settable_ctx_params;
static OSSL_FUNC_store_set_ctx_params_fn set_ctx_params;
static OSSL_FUNC_store_load_fn load;
static OSSL_FUNC_store_eof_fn eof;
static OSSL_FUNC_store_close_fn close_store;

static void *open_store(void *provctx, const char *uri)
{
	struct provider *provider = provctx;
	struct mh_error error = { 0 };
	struct store *store = OPENSSL_zalloc(sizeof(*store));

	if (store == NULL)
		return NULL;
	store->provider = provider;
	if (!hsm_usable(&provider->hsm, &error).ok || !key_uri_parse(uri, &store->uri, &error).ok) {
		RAISE(&provider->errors, &error);
		OPENSSL_free(store);
		return NULL;
	}
	return store;
}

static const OSSL_PARAM *settable_ctx_params(void *provctx)
{
	static const OSSL_PARAM table[] = { OSSL_PARAM_int(OSSL_STORE_PARAM_EXPECT, NULL), OSSL_PARAM_END };

	(void)provctx;
	return table;
}

static int set_ctx_params(void *loaderctx, const OSSL_PARAM params[])
{
	struct store *store = loaderctx;
	const OSSL_PARAM *p = params == NULL ? NULL : OSSL_PARAM_locate_const(params, OSSL_STORE_PARAM_EXPECT);

	return p == NULL || (p->data != NULL && OSSL_PARAM_get_int(p, &store->expected) == 1);
}

/* A program that looks for a certificate or parameters under a key's URI finds nothing; that is no failure and
 * costs no request. */
static bool has_what_is_expected(const struct store *store)
{
	switch (store->expected) {
	case 0:
	case OSSL_STORE_INFO_PKEY:
		return store->uri.type != KEY_URI_TYPE_CERT &&
		       (store->expected == 0 || store->uri.type != KEY_URI_TYPE_PUBLIC);
	case OSSL_STORE_INFO_PUBKEY:
		return store->uri.type != KEY_URI_TYPE_CERT;
	default:
		return false;
	}
}

static int give(struct key *key, OSSL_CALLBACK *object_cb, void *object_cbarg)
{
	int object_type = OSSL_OBJECT_PKEY;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &object_type),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE,
		                                 (char *)(uintptr_t)key_type_name(key->type), 0),
		OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, &key, sizeof(key)),
		OSSL_PARAM_construct_end(),
	};
	int done = object_cb(params, object_cbarg);

	key_free(key); /* NULL when KEYMGMT's load has taken it out of the reference */
	return done;
}

static int load(void *loaderctx, OSSL_CALLBACK *object_cb, void *object_cbarg, OSSL_PASSPHRASE_CALLBACK *pw_cb,
                void *pw_cbarg)
{
	struct store *store = loaderctx;
	struct mh_error error = { 0 };
	struct key *key = NULL;
	bool public_only = store->expected == OSSL_STORE_INFO_PUBKEY || store->uri.type == KEY_URI_TYPE_PUBLIC;

	(void)pw_cb;
	(void)pw_cbarg;
	if (eof(store))
		return 0;
	/* After a failure too: programs load until the end. */
	store->loaded = true;
	if (store->uri.key[0] == '\0')
		return RAISE_TEXT(&store->provider->errors, MH_R_UNSUPPORTED_OPERATION,
		                  "%s:%s names no key, and listing the keys is not supported: write %s:%s:KEY",
		                  key_uri_scheme(store->uri.service), store->uri.vault,
		                  key_uri_scheme(store->uri.service), store->uri.vault);
	if (!key_load(&store->provider->hsm, &store->uri, public_only, &key, &error).ok)
		return RAISE(&store->provider->errors, &error);
	return give(key, object_cb, object_cbarg);
}

static int eof(void *loaderctx)
{
	const struct store *store = loaderctx;

	return store->loaded || !has_what_is_expected(store);
}

static int close_store(void *loaderctx)
{
	OPENSSL_free(loaderctx);
	return 1;
}

const OSSL_DISPATCH store_functions[] = {
	{ OSSL_FUNC_STORE_OPEN, (void (*)(void))open_store },
	{ OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS, (void (*)(void))settable_ctx_params },
	{ OSSL_FUNC_STORE_SET_CTX_PARAMS, (void (*)(void))set_ctx_params },
	{ OSSL_FUNC_STORE_LOAD, (void (*)(void))load },
	{ OSSL_FUNC_STORE_EOF, (void (*)(void))eof },
	{ OSSL_FUNC_STORE_CLOSE, (void (*)(void))close_store },
	{ 0, NULL },
};
