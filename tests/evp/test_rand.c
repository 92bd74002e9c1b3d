/* SPDX-License-Identifier: Apache-2.0 */
/* The HSM's generator as a library context's own. */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/store.h>

#include "base/error.h"
#include "tests/evp/fixture.h"

static struct fixture f;

static void setup(void)
{
	setenv("MANAGEDHSM_RANDOM", "managedhsm:demo", 1);
	f = fixture_open(DEFAULT_FIRST);
	unsetenv("MANAGEDHSM_RANDOM");
	ck_assert_int_eq(RAND_set_DRBG_type(f.libctx, "MANAGEDHSM", "provider=managedhsm", NULL, NULL), 1);
	ERR_clear_error();
}

static void teardown(void)
{
	fault_clear();
	fixture_close(&f);
}

START_TEST(requests_are_split_into_what_the_service_gives_at_once)
{
	static const struct {
		size_t length;
		long requests;
	} cases[] = { { 1, 1 }, { 128, 1 }, { 129, 2 }, { 300, 3 } };
	unsigned char out[300], zeros[300] = { 0 };

	ck_assert_int_eq(RAND_bytes_ex(f.libctx, out, 1, 0), 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(out, 0, sizeof(out));
		stats_reset();
		ck_assert_int_eq(RAND_bytes_ex(f.libctx, out, cases[i].length, 0), 1);
		ck_assert_int_eq(stats_read().requests, cases[i].requests);
		if (cases[i].length >= 16)
			ck_assert_mem_ne(out + cases[i].length - 16, zeros, 16);
	}
}
END_TEST

START_TEST(a_failure_is_a_failure)
{
	unsigned char out[300], zeros[300] = { 0 };

	memset(out, 0, sizeof(out));
	ck_assert_int_eq(RAND_bytes_ex(f.libctx, out, 1, 0), 1);
	fault_set("{\"status\":403,\"operation\":\"rng\"}");
	memset(out, 0, sizeof(out));
	ck_assert_int_ne(RAND_bytes_ex(f.libctx, out, sizeof(out), 0), 1);
	ck_assert_mem_eq(out, zeros, sizeof(out));
	fault_clear();
	ck_assert_int_eq(RAND_bytes_ex(f.libctx, out, sizeof(out), 0), 1);
}
END_TEST

START_TEST(a_signature_asks_the_generator_for_nothing)
{
	EVP_PKEY *key = load_key(f.libctx, "managedhsm:demo:p256", OSSL_STORE_INFO_PKEY);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sig[128];
	size_t length = sizeof(sig);

	ck_assert_ptr_nonnull(key);
	stats_reset();
	ck_assert_int_eq(EVP_DigestSignInit_ex(md, NULL, "SHA256", f.libctx, NULL, key, NULL), 1);
	ck_assert_int_eq(EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3), 1);
	ck_assert_int_eq(stats_read().requests, 1);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(without_an_hsm_named_there_is_no_generator)
{
	struct fixture g = fixture_open(DEFAULT_FIRST);
	unsigned char out[16];
	char text[1024];

	ck_assert_int_eq(RAND_set_DRBG_type(g.libctx, "MANAGEDHSM", "provider=managedhsm", NULL, NULL), 1);
	ck_assert_int_ne(RAND_bytes_ex(g.libctx, out, sizeof(out), 0), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_CONFIGURATION);
	fixture_close(&g);
}
END_TEST

TCase *tests_rand(void)
{
	TCase *tests = tcase_create("rand");

	tcase_set_timeout(tests, 0);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, requests_are_split_into_what_the_service_gives_at_once);
	tcase_add_test(tests, a_failure_is_a_failure);
	tcase_add_test(tests, a_signature_asks_the_generator_for_nothing);
	tcase_add_test(tests, without_an_hsm_named_there_is_no_generator);
	return tests;
}
