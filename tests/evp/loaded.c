/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/evp/loaded.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/store.h>

void loaded_free(struct loaded *loaded)
{
	EVP_PKEY_free(loaded->key);
	X509_free(loaded->certificate);
}

static char take(struct loaded *loaded, OSSL_STORE_INFO *info)
{
	size_t length = strlen(loaded->names);
	const char *description;

	if (info == NULL)
		return '-';
	switch (OSSL_STORE_INFO_get_type(info)) {
	case OSSL_STORE_INFO_NAME:
		description = OSSL_STORE_INFO_get0_NAME_description(info);
		snprintf(loaded->names + length, sizeof(loaded->names) - length, "%s%s%s%s ",
		         OSSL_STORE_INFO_get0_NAME(info), description != NULL ? "(" : "",
		         description != NULL ? description : "", description != NULL ? ")" : "");
		return 'N';
	case OSSL_STORE_INFO_PKEY:
		EVP_PKEY_free(loaded->key);
		loaded->key = OSSL_STORE_INFO_get1_PKEY(info);
		return 'K';
	case OSSL_STORE_INFO_PUBKEY:
		EVP_PKEY_free(loaded->key);
		loaded->key = OSSL_STORE_INFO_get1_PUBKEY(info);
		return 'P';
	case OSSL_STORE_INFO_CERT:
		X509_free(loaded->certificate);
		loaded->certificate = OSSL_STORE_INFO_get1_CERT(info);
		return 'C';
	default:
		return '?';
	}
}

struct loaded load_all(struct fixture *fixture, const char *uri, int expected)
{
	OSSL_STORE_CTX *store = OSSL_STORE_open_ex(uri, fixture->libctx, NULL, NULL, NULL, NULL, NULL, NULL);
	struct loaded loaded = { .key = NULL };
	size_t count = 0;

	ck_assert_ptr_nonnull(store);
	ck_assert_int_eq(OSSL_STORE_expect(store, expected), 1);
	while (OSSL_STORE_eof(store) == 0) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		ck_assert_uint_lt(count, sizeof(loaded.kinds) - 1);
		loaded.kinds[count++] = take(&loaded, info);
		OSSL_STORE_INFO_free(info);
	}
	ck_assert_ptr_null(OSSL_STORE_load(store));
	OSSL_STORE_close(store);
	return loaded;
}

void gives(struct fixture *fixture, const char *uri, int expected, const char *kinds)
{
	struct loaded loaded = load_all(fixture, uri, expected);

	ck_assert_msg(strcmp(loaded.kinds, kinds) == 0, "%s, expected %d: \"%s\", not \"%s\"", uri, expected,
	              loaded.kinds, kinds);
	loaded_free(&loaded);
}

void nothing_is_on_the_queue(void)
{
	ck_assert_uint_eq(ERR_peek_error(), 0);
}
