/* SPDX-License-Identifier: Apache-2.0 */
/* The signature names of OpenSSL >= 3.4 that have the digest in them; nothing to test below. */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/store.h>

#include "provider/compat.h"
#include "tests/evp/fixture.h"

#if MH_COMPOSITE_SIGNATURES

static const struct {
	const char *uri, *algorithm, *digest;
} cases[] = {
	{ "managedhsm:demo:rsa2048", "RSA-SHA256", "SHA256" },
	{ "managedhsm:demo:rsa2048", "sha384WithRSAEncryption", "SHA384" },
	{ "managedhsm:demo:rsa2048", "RSA-SHA2-512", "SHA512" },
	{ "managedhsm:demo:p256", "ECDSA-SHA256", "SHA256" },
	{ "managedhsm:demo:p256", "ECDSA-SHA2-224", "SHA224" },
	{ "managedhsm:demo:p384", "ecdsa-with-SHA384", "SHA384" },
	{ "managedhsm:demo:p521", "ECDSA-SHA512", "SHA512" },
};

static struct fixture f;
static EVP_PKEY *key;
static EVP_SIGNATURE *algorithm;
static EVP_PKEY_CTX *ctx;

static void begin(int i)
{
	f = fixture_open(DEFAULT_FIRST);
	key = load_key(f.libctx, cases[i].uri, OSSL_STORE_INFO_PKEY);
	algorithm = EVP_SIGNATURE_fetch(f.libctx, cases[i].algorithm, "provider=managedhsm");
	ck_assert_ptr_nonnull(key);
	ck_assert_ptr_nonnull(algorithm);
	ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, key, NULL);
}

static void end(void)
{
	EVP_PKEY_CTX_free(ctx);
	EVP_SIGNATURE_free(algorithm);
	EVP_PKEY_free(key);
	fixture_close(&f);
}

START_TEST(a_message_is_signed_at_once_and_in_pieces)
{
	unsigned char sig[512];
	size_t length = sizeof(sig);

	begin(_i);
	ck_assert_int_eq(EVP_PKEY_sign_message_init(ctx, algorithm, NULL), 1);
	stats_reset();
	ck_assert_int_eq(EVP_PKEY_sign(ctx, NULL, &length, (const unsigned char *)"abc", 3), 1);
	ck_assert_int_eq(stats_read().requests, 0);
	ck_assert_int_eq(EVP_PKEY_sign(ctx, sig, &length, (const unsigned char *)"abc", 3), 1);
	ck_assert_int_eq(plain_verify(key, cases[_i].digest, 0, "abc", 3, sig, length), 1);
	length = sizeof(sig);
	ck_assert_int_eq(EVP_PKEY_sign_message_init(ctx, algorithm, NULL), 1);
	ck_assert_int_eq(EVP_PKEY_sign_message_update(ctx, (const unsigned char *)"ab", 2), 1);
	ck_assert_int_eq(EVP_PKEY_sign_message_update(ctx, (const unsigned char *)"c", 1), 1);
	ck_assert_int_eq(EVP_PKEY_sign_message_final(ctx, sig, &length), 1);
	ck_assert_int_eq(plain_verify(key, cases[_i].digest, 0, "abc", 3, sig, length), 1);
	end();
}
END_TEST

START_TEST(a_digest_is_signed_and_one_of_another_length_is_refused)
{
	unsigned char digest[64], sig[512];
	size_t digest_length = 0, length = sizeof(sig);

	begin(_i);
	ck_assert_int_eq(EVP_Q_digest(NULL, cases[_i].digest, NULL, "abc", 3, digest, &digest_length), 1);
	ck_assert_int_eq(EVP_PKEY_sign_init_ex2(ctx, algorithm, NULL), 1);
	ck_assert_int_ne(EVP_PKEY_sign(ctx, sig, &length, digest, digest_length - 1), 1);
	length = sizeof(sig);
	ck_assert_int_eq(EVP_PKEY_sign(ctx, sig, &length, digest, digest_length), 1);
	ck_assert_int_eq(plain_verify(key, cases[_i].digest, 0, "abc", 3, sig, length), 1);
	end();
}
END_TEST

START_TEST(messages_and_digests_are_verified_locally)
{
	unsigned char digest[64], sig[512];
	size_t digest_length = 0, length = sizeof(sig);

	begin(_i);
	ck_assert_int_eq(EVP_Q_digest(NULL, cases[_i].digest, NULL, "abc", 3, digest, &digest_length), 1);
	ck_assert_int_eq(EVP_PKEY_sign_message_init(ctx, algorithm, NULL), 1);
	ck_assert_int_eq(EVP_PKEY_sign(ctx, sig, &length, (const unsigned char *)"abc", 3), 1);
	stats_reset();
	ck_assert_int_eq(EVP_PKEY_verify_init_ex2(ctx, algorithm, NULL), 1);
	ck_assert_int_eq(EVP_PKEY_verify(ctx, sig, length, digest, digest_length), 1);
	ck_assert_int_eq(EVP_PKEY_verify_message_init(ctx, algorithm, NULL), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature(ctx, sig, length), 1);
	ck_assert_int_eq(EVP_PKEY_verify_message_update(ctx, (const unsigned char *)"abc", 3), 1);
	ck_assert_int_eq(EVP_PKEY_verify_message_final(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_verify_message_init(ctx, algorithm, NULL), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature(ctx, sig, length), 1);
	ck_assert_int_eq(EVP_PKEY_verify_message_update(ctx, (const unsigned char *)"abd", 3), 1);
	ck_assert_int_ne(EVP_PKEY_verify_message_final(ctx), 1);
	ck_assert_int_eq(stats_read().requests, 0);
	end();
}
END_TEST

START_TEST(a_key_of_another_type_is_refused)
{
	begin(0);
	EVP_SIGNATURE_free(algorithm);
	algorithm = EVP_SIGNATURE_fetch(f.libctx, "ECDSA-SHA256", "provider=managedhsm");
	ck_assert_ptr_nonnull(algorithm);
	ck_assert_int_ne(EVP_PKEY_sign_message_init(ctx, algorithm, NULL), 1);
	end();
}
END_TEST

TCase *tests_composite(void)
{
	TCase *tests = tcase_create("composite");
	int count = (int)(sizeof(cases) / sizeof(cases[0]));

	tcase_set_timeout(tests, 0);
	tcase_add_loop_test(tests, a_message_is_signed_at_once_and_in_pieces, 0, count);
	tcase_add_loop_test(tests, a_digest_is_signed_and_one_of_another_length_is_refused, 0, count);
	tcase_add_loop_test(tests, messages_and_digests_are_verified_locally, 0, count);
	tcase_add_test(tests, a_key_of_another_type_is_refused);
	return tests;
}

#else

TCase *tests_composite(void)
{
	return tcase_create("composite");
}

#endif
