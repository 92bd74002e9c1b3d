/* SPDX-License-Identifier: Apache-2.0 */
/* Shared pieces of the tests through EVP. */
#include "tests/evp/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <openssl/x509.h>

struct fixture fixture_open(enum order order)
{
	struct fixture fixture = { OSSL_LIB_CTX_new(), NULL, NULL };

	ck_assert_ptr_nonnull(fixture.libctx);
	if (order == DEFAULT_FIRST)
		fixture.base = OSSL_PROVIDER_load(fixture.libctx, "default");
	fixture.hsm = OSSL_PROVIDER_load(fixture.libctx, "managedhsm");
	if (order == DEFAULT_LAST)
		fixture.base = OSSL_PROVIDER_load(fixture.libctx, "default");
	if (fixture.base == NULL || fixture.hsm == NULL)
		ERR_print_errors_fp(stderr);
	ck_assert_ptr_nonnull(fixture.base);
	ck_assert_ptr_nonnull(fixture.hsm);
	return fixture;
}

void fixture_close(struct fixture *fixture)
{
	OSSL_PROVIDER_unload(fixture->hsm);
	OSSL_PROVIDER_unload(fixture->base);
	OSSL_LIB_CTX_free(fixture->libctx);
}

EVP_PKEY *load_key(OSSL_LIB_CTX *libctx, const char *uri, int what)
{
	OSSL_STORE_CTX *store = OSSL_STORE_open_ex(uri, libctx, NULL, NULL, NULL, NULL, NULL, NULL);
	OSSL_STORE_INFO *info = NULL;
	EVP_PKEY *key = NULL;

	if (store == NULL)
		return NULL;
	/* As programs do it: until there is something, or nothing more to come. */
	if (OSSL_STORE_expect(store, what) == 1)
		while (info == NULL && OSSL_STORE_eof(store) == 0)
			info = OSSL_STORE_load(store);
	if (info != NULL)
		key = what == OSSL_STORE_INFO_PUBKEY ? OSSL_STORE_INFO_get1_PUBKEY(info)
		                                     : OSSL_STORE_INFO_get1_PKEY(info);
	OSSL_STORE_INFO_free(info);
	OSSL_STORE_close(store);
	return key;
}

EVP_PKEY *plain_public_key(EVP_PKEY *key)
{
	static OSSL_LIB_CTX *plain;
	unsigned char *der = NULL;
	const unsigned char *at;
	EVP_PKEY *copy;
	int length;

	if (plain == NULL) {
		plain = OSSL_LIB_CTX_new();
		ck_assert_ptr_nonnull(OSSL_PROVIDER_load(plain, "default"));
	}
	length = i2d_PUBKEY(key, &der);
	ck_assert_int_gt(length, 0);
	at = der;
	copy = d2i_PUBKEY_ex(NULL, &at, length, plain, NULL);
	OPENSSL_free(der);
	ck_assert_ptr_nonnull(copy);
	return copy;
}

int plain_verify(EVP_PKEY *public_key, const char *digest, int pss, const void *message, size_t length,
                 const unsigned char *sig, size_t siglen)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *key = plain_public_key(public_key);
	int good = EVP_DigestVerifyInit_ex(md, &ctx, digest, NULL, NULL, key, NULL);

	/* The salt's length is checked too: exactly the digest's. */
	if (good == 1 && pss)
		good = EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
	if (good == 1)
		good = EVP_DigestVerify(md, sig, siglen, message, length);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	return good;
}

/* The emulator's own API and the service's. By curl, the program: the test's own libcurl would be one more user of
 * OpenSSL in this process. */
static char *ask(const char *method, const char *path, const char *body)
{
	char command[1024], *answer = calloc(1, 65536);
	FILE *pipe;
	size_t n;

	ck_assert_ptr_nonnull(answer);
	ck_assert_ptr_nonnull(getenv("MANAGEDHSM_ENDPOINT"));
	snprintf(command, sizeof(command),
	         "env -u OPENSSL_CONF -u LD_PRELOAD curl -sS --fail --cacert \"$MANAGEDHSM_CA_FILE\" "
	         "-H \"Authorization: Bearer $AZURE_CLI_ACCESS_TOKEN\" -X %s %s%s%s "
	         "\"$MANAGEDHSM_ENDPOINT%s\"",
	         method, body ? "-d '" : "", body ? body : "", body ? "'" : "", path);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	n = fread(answer, 1, 65535, pipe);
	answer[n] = '\0';
	ck_assert_int_eq(pclose(pipe), 0);
	return answer;
}

void stats_reset(void)
{
	free(ask("DELETE", "/emulator/stats", NULL));
}

struct stats stats_read(void)
{
	char *answer = ask("GET", "/emulator/stats", NULL);
	json_t *root = json_loads(answer, 0, NULL), *operations = json_object_get(root, "operations");
	struct stats stats = { .connections = (long)json_integer_value(json_object_get(root, "connections")),
		               .requests = (long)json_integer_value(json_object_get(root, "requests")),
		               .get = (long)json_integer_value(json_object_get(operations, "get")),
		               .sign = (long)json_integer_value(json_object_get(operations, "sign")) };

	ck_assert_ptr_nonnull(root);
	json_decref(root);
	free(answer);
	return stats;
}

void fault_set(const char *json)
{
	free(ask("POST", "/emulator/faults", json));
}

void fault_clear(void)
{
	free(ask("DELETE", "/emulator/faults", NULL));
}

void key_import(const char *name, const char *json)
{
	char path[128];

	snprintf(path, sizeof(path), "/keys/%s?api-version=2025-07-01", name);
	free(ask("PUT", path, json));
}

int last_reason(char *text, size_t size)
{
	unsigned long code, found = 0;
	const char *data = "";
	int flags = 0;

	text[0] = '\0';
	while ((code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) != 0) {
		/* Providers' library numbers begin after OpenSSL's own. */
		if (ERR_GET_LIB(code) < ERR_LIB_USER)
			continue;
		found = code;
		snprintf(text, size, "%s", (flags & ERR_TXT_STRING) != 0 ? data : "");
	}
	return ERR_GET_REASON(found);
}
