/* SPDX-License-Identifier: Apache-2.0 */
/* Every refusal and failure: one error of ours on the queue with its reason, nothing left behind. */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/store.h>

#include "base/error.h"
#include "tests/evp/fixture.h"

static struct fixture f;
static EVP_PKEY *key;

static void setup(void)
{
	f = fixture_open(DEFAULT_FIRST);
	key = load_key(f.libctx, "managedhsm:demo:rsa2048", OSSL_STORE_INFO_PKEY);
	ck_assert_ptr_nonnull(key);
	ERR_clear_error();
}

static void teardown(void)
{
	fault_clear();
	EVP_PKEY_free(key);
	fixture_close(&f);
}

static int sign(EVP_PKEY *with)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sig[1024];
	size_t length = sizeof(sig);
	int done = EVP_DigestSignInit_ex(md, NULL, "SHA256", f.libctx, NULL, with, NULL) == 1 &&
	           EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3) == 1;

	EVP_MD_CTX_free(md);
	return done;
}

static const struct {
	const char *fault;
	int reason;
	const char *text;
} faults[] = {
	{ "{\"status\":403}", MH_R_FORBIDDEN, "403" },
	{ "{\"status\":404}", MH_R_NOT_FOUND, "404" },
	{ "{\"status\":400}", MH_R_SERVICE, "400" },
	{ "{\"garbage\":true}", MH_R_BAD_ANSWER, "" },
	{ "{\"flip_signature\":true}", MH_R_BAD_SIGNATURE, "does not verify" },
};

START_TEST(a_fault_of_the_service_is_an_error_and_passes)
{
	char text[1024];

	fault_set(faults[_i].fault);
	ck_assert_int_eq(sign(key), 0);
	ck_assert_int_eq(last_reason(text, sizeof(text)), faults[_i].reason);
	ck_assert_msg(strstr(text, faults[_i].text) != NULL, "%s", text);
	ck_assert_msg(strstr(text, "managedhsm:demo:rsa2048:") != NULL, "%s", text);
	fault_clear();
	ck_assert_int_eq(sign(key), 1);
	ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

static const char *const bad_uris[] = {
	"managedhsm:demo:rsa2048:xyz",   "managedhsm:demo:rsa 2048", "managedhsm:demo:rsa2048?x=y",
	"managedhsm:localhost/x?:k",     "managedhsm:de:rsa2048",    "managedhsm:https://evil.example/keys/k",
	"managedhsm://demo:443/rsa2048", "managedhsm:demo:%41",
};

START_TEST(a_malformed_uri_is_refused_without_a_request)
{
	char text[1024];

	stats_reset();
	ck_assert_ptr_null(load_key(f.libctx, bad_uris[_i], OSSL_STORE_INFO_PKEY));
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_URI);
	ck_assert_int_eq(stats_read().requests, 0);
}
END_TEST

START_TEST(an_unknown_key_is_said_to_be_unknown_and_the_store_ends)
{
	OSSL_STORE_CTX *store =
		OSSL_STORE_open_ex("managedhsm:demo:no-such-key", f.libctx, NULL, NULL, NULL, NULL, NULL, NULL);
	char text[1024];

	ck_assert_ptr_nonnull(store);
	ck_assert_ptr_null(OSSL_STORE_load(store));
	ck_assert_int_eq(OSSL_STORE_eof(store), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(text, "no-such-key"));
	OSSL_STORE_close(store);
}
END_TEST

START_TEST(what_a_key_uri_never_holds_costs_no_request)
{
	OSSL_STORE_CTX *store =
		OSSL_STORE_open_ex("managedhsm:demo:rsa2048", f.libctx, NULL, NULL, NULL, NULL, NULL, NULL);

	ck_assert_ptr_nonnull(store);
	ck_assert_int_eq(OSSL_STORE_expect(store, OSSL_STORE_INFO_CERT), 1);
	stats_reset();
	ck_assert_int_eq(OSSL_STORE_eof(store), 1);
	ck_assert_ptr_null(OSSL_STORE_load(store));
	ck_assert_int_eq(stats_read().requests, 0);
	OSSL_STORE_close(store);
}
END_TEST

START_TEST(no_token_is_said_and_the_next_signature_works)
{
	char *token = strdup(getenv("AZURE_CLI_ACCESS_TOKEN")), text[1024];

	unsetenv("AZURE_CLI_ACCESS_TOKEN");
	ck_assert_int_eq(sign(key), 0);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_NO_CREDENTIAL);
	ck_assert_ptr_nonnull(strstr(text, "AZURE_CLI_ACCESS_TOKEN"));
	setenv("AZURE_CLI_ACCESS_TOKEN", "wrong-token-0123456789", 1);
	ck_assert_int_eq(sign(key), 0);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_UNAUTHORIZED);
	ck_assert_ptr_null(strstr(text, "wrong-token-0123456789"));
	setenv("AZURE_CLI_ACCESS_TOKEN", token, 1);
	ck_assert_int_eq(sign(key), 1);
	free(token);
}
END_TEST

static const struct {
	const char *digest;
	int type;
} digests[] = {
	{ "MD5", 0 }, { "SHA512-256", 0 }, { "SHA3-256", 0 }, { "SHA1", 1 }, { "MD5", 1 }, { "MD5-SHA1", 1 },
};

/* Only RSNULL could make these, and this service has not got it: known after the first try, and then at init. */
START_TEST(a_digest_for_rsnull_is_tried_once)
{
	static const char *const names[] = { "SHA1", "SHA224", "MD5-SHA1" };
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;
	unsigned char sig[256];
	size_t length = sizeof(sig);
	char text[1024];

	ck_assert_int_eq(EVP_DigestSignInit_ex(md, &ctx, names[_i], f.libctx, NULL, key, NULL), 1);
	ck_assert_int_ne(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_UNSUPPORTED_DIGEST);
	stats_reset();
	ck_assert_int_ne(EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_UNSUPPORTED_DIGEST);
	ck_assert_ptr_nonnull(strstr(text, "managedhsm:demo:rsa2048"));
	ck_assert_int_ne(EVP_DigestSignInit_ex(md, NULL, names[_i], f.libctx, NULL, key, NULL), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_UNSUPPORTED_DIGEST);
	ck_assert_int_eq(stats_read().requests, 1);
	EVP_MD_CTX_free(md);
}
END_TEST

START_TEST(a_digest_that_the_service_has_not_is_refused_at_init)
{
	EVP_PKEY *with = digests[_i].type == 0 ? key : load_key(f.libctx, "managedhsm:demo:p256", OSSL_STORE_INFO_PKEY);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	char text[1024];

	ck_assert_int_ne(EVP_DigestSignInit_ex(md, NULL, digests[_i].digest, f.libctx, NULL, with, NULL), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_UNSUPPORTED_DIGEST);
	EVP_MD_CTX_free(md);
	if (with != key)
		EVP_PKEY_free(with);
}
END_TEST

static EVP_PKEY_CTX *pss(EVP_MD_CTX *md, const char *digest)
{
	EVP_PKEY_CTX *ctx = NULL;

	ck_assert_int_eq(EVP_DigestSignInit_ex(md, &ctx, digest, f.libctx, NULL, key, NULL), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
	return ctx;
}

START_TEST(a_salt_that_the_service_cannot_make_is_refused_when_set)
{
	static const int refused[] = { 0, 20, 31, 33, 64, RSA_PSS_SALTLEN_MAX },
			 accepted[] = { 32, RSA_PSS_SALTLEN_DIGEST, RSA_PSS_SALTLEN_AUTO, -4 };
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = pss(md, "SHA256");
	char text[1024];

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		OSSL_PARAM params[] = { OSSL_PARAM_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, (int *)(uintptr_t)&refused[i]),
			                OSSL_PARAM_END };

		ck_assert_msg(EVP_PKEY_CTX_set_params(ctx, params) != 1, "%d", refused[i]);
		ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_UNSUPPORTED_PADDING);
		ck_assert_ptr_nonnull(strstr(text, "salt as long as the digest"));
	}
	for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
		OSSL_PARAM params[] = {
			OSSL_PARAM_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, (int *)(uintptr_t)&accepted[i]), OSSL_PARAM_END
		};

		ck_assert_msg(EVP_PKEY_CTX_set_params(ctx, params) == 1, "%d", accepted[i]);
	}
	EVP_MD_CTX_free(md);
}
END_TEST

START_TEST(a_refused_parameter_changes_nothing)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = pss(md, "SHA256");
	unsigned char sig[256];
	size_t length = sizeof(sig);

	ck_assert_int_ne(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 20), 1);
	ck_assert_int_ne(EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, "SHA512", NULL), 1);
	ck_assert_int_ne(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	ck_assert_int_eq(EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3), 1);
	ck_assert_int_eq(plain_verify(key, "SHA256", 1, "abc", 3, sig, length), 1);
	EVP_MD_CTX_free(md);
}
END_TEST

START_TEST(a_digest_of_the_wrong_length_is_refused_without_a_request)
{
	EVP_PKEY *keys[] = { key, load_key(f.libctx, "managedhsm:demo:p256", OSSL_STORE_INFO_PKEY) };
	unsigned char value[65] = { 0 }, sig[256];
	char text[1024];

	stats_reset();
	for (int i = 0; i < 2; i++)
		for (size_t n = 0; n <= sizeof(value); n += 13) {
			EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, keys[i], NULL);
			size_t length = sizeof(sig);

			ck_assert_int_eq(EVP_PKEY_sign_init(ctx), 1);
			ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), 1);
			ck_assert_int_ne(EVP_PKEY_sign(ctx, sig, &length, value, n), 1);
			ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_DIGEST_LENGTH);
			EVP_PKEY_CTX_free(ctx);
		}
	ck_assert_int_eq(stats_read().requests, 0);
	EVP_PKEY_free(keys[1]);
}
END_TEST

START_TEST(a_short_buffer_is_refused_without_a_request)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sig[256];
	size_t length = sizeof(sig) - 1;
	char text[1024];

	ck_assert_int_eq(EVP_DigestSignInit_ex(md, NULL, "SHA256", f.libctx, NULL, key, NULL), 1);
	stats_reset();
	ck_assert_int_ne(EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BUFFER_TOO_SMALL);
	ck_assert_int_eq(stats_read().requests, 0);
	EVP_MD_CTX_free(md);
}
END_TEST

START_TEST(the_public_half_of_a_symmetric_key_is_refused_with_a_sentence)
{
	char text[1024];

	ck_assert_ptr_null(load_key(f.libctx, "managedhsm:demo:aes256", OSSL_STORE_INFO_PUBKEY));
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_UNSUPPORTED_KEY);
}
END_TEST

TCase *tests_failure(void)
{
	TCase *tests = tcase_create("failure");

	tcase_set_timeout(tests, 0);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, a_fault_of_the_service_is_an_error_and_passes, 0,
	                    (int)(sizeof(faults) / sizeof(faults[0])));
	tcase_add_loop_test(tests, a_malformed_uri_is_refused_without_a_request, 0,
	                    (int)(sizeof(bad_uris) / sizeof(bad_uris[0])));
	tcase_add_test(tests, an_unknown_key_is_said_to_be_unknown_and_the_store_ends);
	tcase_add_test(tests, what_a_key_uri_never_holds_costs_no_request);
	tcase_add_test(tests, no_token_is_said_and_the_next_signature_works);
	tcase_add_loop_test(tests, a_digest_for_rsnull_is_tried_once, 0, 3);
	tcase_add_loop_test(tests, a_digest_that_the_service_has_not_is_refused_at_init, 0,
	                    (int)(sizeof(digests) / sizeof(digests[0])));
	tcase_add_test(tests, a_salt_that_the_service_cannot_make_is_refused_when_set);
	tcase_add_test(tests, a_refused_parameter_changes_nothing);
	tcase_add_test(tests, a_digest_of_the_wrong_length_is_refused_without_a_request);
	tcase_add_test(tests, a_short_buffer_is_refused_without_a_request);
	tcase_add_test(tests, the_public_half_of_a_symmetric_key_is_refused_with_a_sentence);
	return tests;
}
