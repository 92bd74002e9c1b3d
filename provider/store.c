/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STORE, provider-storemgmt(7): a URI -> a key, a certificate with its key, or a list. Opening is pure memory. Loading
 * asks the service: once for a key, once for a certificate; for a list once per page, and once per object when
 * objects are expected and not their names.
 *
 * Programs load until the end: after a load that failed the end is reached, always.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/store.h>

#include "provider/certificate_chain.h"
#include "provider/certificate_load.h"
#include "provider/key_list.h"
#include "provider/provider.h"
#include "provider/store_object.h"

enum wanted {
	WANT_NOTHING,
	WANT_NAMES, /* of a list, as a directory gives them: no request for each */
	WANT_KEY,
	WANT_PUBLIC_KEY,
	WANT_CERTIFICATE,
	WANT_CERTIFICATE_AND_KEY, /* the certificate if there is one, then the key */
};

struct store {
	struct provider *provider;
	struct key_uri uri;
	int expected; /* OSSL_STORE_INFO_..., 0 for anything */
	struct key_list *list; /* made by the first load from a list */
	bool certificate_tried;
	STACK_OF(X509) * chain; /* what is left of it to give, after its certificate */
	bool done;
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

static bool is_list(const struct key_uri *uri)
{
	return uri->key[0] == '\0' || uri->all_versions;
}

static enum wanted wanted_of_anything(const struct key_uri *uri)
{
	switch (uri->type) {
	case KEY_URI_TYPE_PRIVATE:
		return WANT_KEY;
	case KEY_URI_TYPE_PUBLIC:
		return WANT_PUBLIC_KEY;
	case KEY_URI_TYPE_CERT:
		return WANT_CERTIFICATE;
	case KEY_URI_TYPE_ANY:
	case KEY_URI_TYPE_CHAIN:
		break;
	}
	if (is_list(uri))
		return WANT_NAMES;
	return uri->service == KEY_URI_KEY_VAULT ? WANT_CERTIFICATE_AND_KEY : WANT_KEY;
}

/* A program that looks for a certificate under a key of a Managed HSM, or for parameters, finds nothing; that is no
 * failure and costs no request. */
static enum wanted wanted(const struct store *store)
{
	const struct key_uri *uri = &store->uri;
	bool any = uri->type == KEY_URI_TYPE_ANY || uri->type == KEY_URI_TYPE_CHAIN;

	switch (store->expected) {
	case 0:
		return wanted_of_anything(uri);
	case OSSL_STORE_INFO_PKEY:
		return any || uri->type == KEY_URI_TYPE_PRIVATE ? WANT_KEY : WANT_NOTHING;
	case OSSL_STORE_INFO_PUBKEY:
		return uri->type == KEY_URI_TYPE_CERT ? WANT_NOTHING : WANT_PUBLIC_KEY;
	case OSSL_STORE_INFO_CERT:
		return uri->service == KEY_URI_KEY_VAULT && (any || uri->type == KEY_URI_TYPE_CERT) ? WANT_CERTIFICATE
		                                                                                    : WANT_NOTHING;
	default:
		return WANT_NOTHING;
	}
}

/* Where loaded objects go. */
struct receiver {
	OSSL_CALLBACK *object_cb;
	void *object_cbarg;
	int answer; /* of the callback */
};

static mh_result load_key(struct store *store, const struct key_uri *uri, bool public_only, struct receiver *receiver,
                          struct mh_error *error)
{
	struct key *key = NULL;

	if (!key_load(&store->provider->hsm, uri, public_only, &key, error).ok)
		return MH_FAILURE;
	receiver->answer = store_give_key(key, receiver->object_cb, receiver->object_cbarg);
	return MH_SUCCESS;
}

/* Only who says type=chain gets it: it lies beside the private key. */
static mh_result load_chain(struct store *store, const struct key_uri *uri, const struct certificate *certificate,
                            struct mh_error *error)
{
	struct key_uri versioned = *uri;

	if (uri->type != KEY_URI_TYPE_CHAIN || is_list(&store->uri))
		return MH_SUCCESS;
	memcpy(versioned.version, certificate->version, sizeof(versioned.version));
	return certificate_chain_load(&store->provider->hsm, &versioned,
	                              (struct mh_span){ certificate->der.data, certificate->der.length }, &store->chain,
	                              error);
}

static int give_chain(struct store *store, struct receiver *receiver)
{
	X509 *x509 = sk_X509_shift(store->chain);
	uint8_t *der = NULL;
	int length = i2d_X509(x509, &der), done = 0;

	if (length > 0)
		done = store_give_certificate((struct mh_span){ der, (size_t)length }, receiver->object_cb,
		                              receiver->object_cbarg);
	OPENSSL_free(der);
	X509_free(x509);
	return done;
}

/* key_version, if not NULL, is set to that of the certificate's key. */
static mh_result load_certificate(struct store *store, const struct key_uri *uri, char *key_version,
                                  struct receiver *receiver, struct mh_error *error)
{
	struct certificate certificate;
	mh_result result;

	certificate_init(&certificate);
	result = certificate_load(&store->provider->hsm, uri, &certificate, error);
	if (result.ok) {
		result = load_chain(store, uri, &certificate, error);
	}
	if (result.ok) {
		if (key_version != NULL)
			memcpy(key_version, certificate.key_version, sizeof(certificate.key_version));
		receiver->answer =
			store_give_certificate((struct mh_span){ certificate.der.data, certificate.der.length },
		                               receiver->object_cb, receiver->object_cbarg);
	}
	certificate_free(&certificate);
	return result;
}

static void log_left_out(struct store *store, const struct key_uri *uri, const char *why)
{
	char text[KEY_URI_TEXT_MAX];

	key_uri_format(uri, text);
	mh_log_write(store->provider->hsm.log, MH_LOG_WARN, "%s is left out: %s", text, why);
}

/* The certificate, and then the key of the same version. Without a certificate, or without the permission to read it,
 * the key is all there is. */
static mh_result load_certificate_and_key(struct store *store, struct receiver *receiver, struct mh_error *error)
{
	if (!store->certificate_tried) {
		store->certificate_tried = true;
		if (load_certificate(store, &store->uri, store->uri.version, receiver, error).ok)
			return MH_SUCCESS;
		if (error->reason != MH_R_NOT_FOUND && error->reason != MH_R_FORBIDDEN)
			return MH_FAILURE;
		if (error->reason == MH_R_FORBIDDEN)
			log_left_out(store, &store->uri, error->text);
		*error = (struct mh_error){ 0 };
	}
	store->done = true;
	return load_key(store, &store->uri, false, receiver, error);
}

static mh_result load_one(struct store *store, enum wanted wanted, const struct key_uri *uri, struct receiver *receiver,
                          struct mh_error *error)
{
	if (wanted == WANT_CERTIFICATE)
		return load_certificate(store, uri, NULL, receiver, error);
	return load_key(store, uri, wanted == WANT_PUBLIC_KEY, receiver, error);
}

static int give_name(const struct key_uri *uri, const struct list_entry *entry, struct receiver *receiver)
{
	const char *description = !entry->enabled ? "disabled" : entry->managed ? "key of a certificate" : NULL;
	char name[KEY_URI_TEXT_MAX];

	key_uri_format(uri, name);
	return store_give_name(name, description, receiver->object_cb, receiver->object_cbarg);
}

/* One object that cannot be read, or not be used, does not hide the others. */
static bool may_be_left_out(enum mh_reason reason)
{
	return reason == MH_R_FORBIDDEN || reason == MH_R_NOT_FOUND || reason == MH_R_UNSUPPORTED_KEY;
}

static mh_result start_list(struct store *store, enum wanted wanted, struct mh_error *error)
{
	if (store->list == NULL)
		store->list = key_list_new(&store->provider->hsm, &store->uri,
		                           wanted == WANT_CERTIFICATE ? KEY_URI_CERTIFICATES : KEY_URI_KEYS);
	if (store->list == NULL)
		return mh_fail(error, MH_R_MEMORY, "out of memory while listing %s:%s",
		               key_uri_scheme(store->uri.service), store->uri.vault);
	return MH_SUCCESS;
}

/* The next of a list that can be given. At the end, which may show only now, nothing is given. */
static mh_result load_next(struct store *store, enum wanted wanted, struct receiver *receiver, struct mh_error *error)
{
	const struct list_entry *entry;
	struct key_uri uri;

	if (!start_list(store, wanted, error).ok)
		return MH_FAILURE;
	for (;;) {
		if (!key_list_next(store->list, &uri, &entry, error).ok)
			return MH_FAILURE;
		store->done = entry == NULL || key_list_at_end(store->list);
		if (entry == NULL)
			return MH_SUCCESS;
		if (wanted == WANT_NAMES) {
			receiver->answer = give_name(&uri, entry, receiver);
			return MH_SUCCESS;
		}
		if (!entry->enabled) {
			log_left_out(store, &uri, "it is disabled");
			continue;
		}
		*error = (struct mh_error){ 0 };
		if (load_one(store, wanted, &uri, receiver, error).ok)
			return MH_SUCCESS;
		if (!may_be_left_out(error->reason))
			return MH_FAILURE;
		log_left_out(store, &uri, error->text);
	}
}

static int load(void *loaderctx, OSSL_CALLBACK *object_cb, void *object_cbarg, OSSL_PASSPHRASE_CALLBACK *pw_cb,
                void *pw_cbarg)
{
	struct store *store = loaderctx;
	struct receiver receiver = { object_cb, object_cbarg, 1 };
	enum wanted wanted_now = wanted(store);
	struct mh_error error = { 0 };
	mh_result result;

	(void)pw_cb;
	(void)pw_cbarg;
	if (eof(store))
		return 0;
	if (sk_X509_num(store->chain) > 0) {
		receiver.answer = give_chain(store, &receiver);
		store->done = wanted_now == WANT_CERTIFICATE && sk_X509_num(store->chain) == 0;
		result = MH_SUCCESS;
	} else if (is_list(&store->uri)) {
		result = load_next(store, wanted_now, &receiver, &error);
	} else if (wanted_now == WANT_CERTIFICATE_AND_KEY) {
		result = load_certificate_and_key(store, &receiver, &error);
	} else {
		result = load_one(store, wanted_now, &store->uri, &receiver, &error);
		store->done = sk_X509_num(store->chain) <= 0;
	}
	if (!result.ok || receiver.answer != 1)
		store->done = true;
	return result.ok ? receiver.answer : RAISE(&store->provider->errors, &error);
}

static int eof(void *loaderctx)
{
	const struct store *store = loaderctx;

	return store->done || wanted(store) == WANT_NOTHING;
}

static int close_store(void *loaderctx)
{
	struct store *store = loaderctx;

	key_list_free(store->list);
	sk_X509_pop_free(store->chain, X509_free);
	OPENSSL_free(store);
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
