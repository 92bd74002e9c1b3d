/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/store_object.h"

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>

int store_give_key(struct key *key, OSSL_CALLBACK *object_cb, void *object_cbarg)
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

int store_give_certificate(struct mh_span der, OSSL_CALLBACK *object_cb, void *object_cbarg)
{
	static const char pem_name[] = PEM_STRING_X509;
	int object_type = OSSL_OBJECT_CERT;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &object_type),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, (char *)(uintptr_t)pem_name, 0),
		OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, (void *)(uintptr_t)der.data, der.length),
		OSSL_PARAM_construct_end(),
	};

	return object_cb(params, object_cbarg);
}

int store_give_name(const char *name, const char *description, OSSL_CALLBACK *object_cb, void *object_cbarg)
{
	int object_type = OSSL_OBJECT_NAME, done;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &object_type),
		OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA, (char *)(uintptr_t)name, 0),
		OSSL_PARAM_construct_end(),
		OSSL_PARAM_construct_end(),
	};

	if (description != NULL)
		params[2] = OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DESC, (char *)(uintptr_t)description, 0);
	/* OpenSSL tries the data as octets first, and newer versions leave an error about it. */
	ERR_set_mark();
	done = object_cb(params, object_cbarg);
	if (done == 1)
		ERR_pop_to_mark();
	else
		ERR_clear_last_mark();
	return done;
}
