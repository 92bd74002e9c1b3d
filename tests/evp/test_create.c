/* SPDX-License-Identifier: Apache-2.0 */
/* Keys created in the HSM through EVP_PKEY_keygen. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/store.h>

#include "base/error.h"
#include "tests/evp/fixture.h"

static struct fixture f;
static char uri[64];

static void setup(void)
{
	f = fixture_open(DEFAULT_LAST);
	/* Names that no earlier run on the same emulator has used. */
	snprintf(uri, sizeof(uri), "managedhsm:demo:t-%ld-%d", (long)time(NULL), (int)getpid());
	ERR_clear_error();
}

static void teardown(void)
{
	fault_clear();
	fixture_close(&f);
}

static EVP_PKEY *create(const char *type, const char *option, const char *value, const char *more,
                        const char *more_value)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(f.libctx, type, "provider=managedhsm");
	EVP_PKEY *key = NULL;

	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	if (EVP_PKEY_CTX_ctrl_str(ctx, option, value) != 1 ||
	    (more != NULL && EVP_PKEY_CTX_ctrl_str(ctx, more, more_value) != 1) ||
	    EVP_PKEY_CTX_ctrl_str(ctx, "managedhsm-uri", uri) != 1 || EVP_PKEY_keygen(ctx, &key) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static const struct {
	const char *type, *option, *value;
	int bits;
} kinds[] = {
	{ "RSA", "rsa_keygen_bits", "2048", 2048 },
	{ "RSA", "rsa_keygen_bits", "3072", 3072 },
	{ "EC", "group", "P-256", 256 },
	{ "EC", "group", "prime256v1", 256 },
	{ "EC", "group", "P-384", 384 },
	{ "EC", "group", "P-521", 521 },
	{ "EC", "group", "secp256k1", 256 },
};

START_TEST(a_created_key_is_in_the_hsm_and_signs)
{
	EVP_PKEY *key, *again;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sig[512];
	size_t length = sizeof(sig);

	stats_reset();
	key = create(kinds[_i].type, kinds[_i].option, kinds[_i].value, NULL, NULL);
	if (key == NULL)
		ERR_print_errors_fp(stderr);
	ck_assert_ptr_nonnull(key);
	ck_assert_int_eq(stats_read().requests, 2);
	ck_assert_int_eq(EVP_PKEY_get_bits(key), kinds[_i].bits);
	again = load_key(f.libctx, uri, OSSL_STORE_INFO_PKEY);
	ck_assert_ptr_nonnull(again);
	ck_assert_int_eq(EVP_PKEY_eq(key, again), 1);
	ck_assert_int_eq(EVP_DigestSignInit_ex(md, NULL, "SHA256", f.libctx, NULL, key, NULL), 1);
	ck_assert_int_eq(EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3), 1);
	ck_assert_int_eq(plain_verify(again, "SHA256", 0, "abc", 3, sig, length), 1);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(again);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(a_created_aes_key_wraps)
{
	static const char *const bits[] = { "128", "192", "256" };
	static const unsigned char secret[32] = "0123456789abcdef0123456789abcde";
	EVP_PKEY *key = create("AES-KW", "bits", bits[_i], "managedhsm-key-ops", "wrapKey,unwrapKey");
	EVP_PKEY_CTX *ctx;
	unsigned char wrapped[64], out[64];
	size_t length = sizeof(wrapped), out_length = sizeof(out);

	ck_assert_ptr_nonnull(key);
	ck_assert_int_eq(EVP_PKEY_get_bits(key), 128 + 64 * _i);
	ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, key, NULL);
	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_encrypt(ctx, wrapped, &length, secret, sizeof(secret)), 1);
	ck_assert_uint_eq(length, sizeof(secret) + 8);
	ck_assert_int_eq(EVP_PKEY_decrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_decrypt(ctx, out, &out_length, wrapped, length), 1);
	ck_assert_uint_eq(out_length, sizeof(secret));
	ck_assert_mem_eq(out, secret, sizeof(secret));
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(an_existing_name_is_an_error_unless_a_version_is_asked_for)
{
	EVP_PKEY *first = create("EC", "group", "P-256", NULL, NULL), *second;
	char text[1024];

	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_null(create("EC", "group", "P-256", NULL, NULL));
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_PARAMETER);
	ck_assert_ptr_nonnull(strstr(text, "managedhsm-new-version"));
	second = create("EC", "group", "P-256", "managedhsm-new-version", "yes");
	ck_assert_ptr_nonnull(second);
	ck_assert_int_ne(EVP_PKEY_eq(first, second), 1);
	EVP_PKEY_free(first);
	EVP_PKEY_free(second);
}
END_TEST

START_TEST(a_creation_is_never_repeated)
{
	char text[1024];

	fault_set("{\"status\":503,\"operation\":\"create\"}");
	stats_reset();
	ck_assert_ptr_null(create("EC", "group", "P-256", "managedhsm-new-version", "yes"));
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_SERVICE);
	ck_assert_int_eq(stats_read().requests, 1);
}
END_TEST

static const struct {
	const char *type, *option, *value, *more, *more_value;
	int reason;
} refused[] = {
	{ "RSA", "rsa_keygen_bits", "1024", NULL, NULL, MH_R_UNSUPPORTED_KEY },
	{ "AES-KW", "bits", "512", NULL, NULL, MH_R_UNSUPPORTED_KEY },
	{ "EC", "group", "brainpoolP256r1", NULL, NULL, MH_R_UNSUPPORTED_KEY },
	{ "EC", "group", "P-256", "managedhsm-key-ops", "fly", MH_R_BAD_PARAMETER },
	{ "EC", "group", "P-256", "managedhsm-tags", "no-value", MH_R_BAD_PARAMETER },
	{ "EC", "group", "P-256", "managedhsm-exportable", "perhaps", MH_R_BAD_PARAMETER },
	{ "EC", "group", "P-256", "managedhsm-uri", "managedhsm:demo", MH_R_BAD_PARAMETER },
	{ "EC", "group", "P-256", "managedhsm-uri", "managedhsm:demo:k:0123456789abcdef0123456789abcdef",
	  MH_R_BAD_PARAMETER },
	{ "EC", "group", "P-256", "managedhsm-release-policy", "/nonexistent", MH_R_BAD_PARAMETER },
};

START_TEST(a_wish_that_cannot_be_met_is_refused_and_creates_nothing)
{
	char text[1024];

	ck_assert_ptr_null(create(refused[_i].type, refused[_i].option, refused[_i].value, refused[_i].more,
	                          refused[_i].more_value));
	ck_assert_int_eq(last_reason(text, sizeof(text)), refused[_i].reason);
	ck_assert_ptr_null(load_key(f.libctx, uri, OSSL_STORE_INFO_PKEY));
}
END_TEST

START_TEST(options_without_a_uri_make_no_software_key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(f.libctx, "EC", "provider=managedhsm");
	EVP_PKEY *key = NULL;

	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_ctrl_str(ctx, "group", "P-256"), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_ctrl_str(ctx, "managedhsm-key-ops", "sign"), 1);
	ck_assert_int_ne(EVP_PKEY_keygen(ctx, &key), 1);
	EVP_PKEY_CTX_free(ctx);
}
END_TEST

TCase *tests_create(void)
{
	TCase *tests = tcase_create("create");

	tcase_set_timeout(tests, 0);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, a_created_key_is_in_the_hsm_and_signs, 0, (int)(sizeof(kinds) / sizeof(kinds[0])));
	tcase_add_loop_test(tests, a_created_aes_key_wraps, 0, 3);
	tcase_add_test(tests, an_existing_name_is_an_error_unless_a_version_is_asked_for);
	tcase_add_test(tests, a_creation_is_never_repeated);
	tcase_add_loop_test(tests, a_wish_that_cannot_be_met_is_refused_and_creates_nothing, 0,
	                    (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_test(tests, options_without_a_uri_make_no_software_key);
	return tests;
}
