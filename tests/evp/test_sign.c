/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of every algorithm through every form that EVP has, verified without the provider. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/store.h>

#include "base/error.h"
#include "tests/evp/fixture.h"

static const struct {
	const char *uri, *digest;
	int pss;
} algorithms[] = {
	{ "managedhsm:demo:rsa2048", "SHA256", 0 }, { "managedhsm:demo:rsa2048", "SHA384", 0 },
	{ "managedhsm:demo:rsa2048", "SHA512", 0 }, { "managedhsm:demo:rsa2048", "SHA256", 1 },
	{ "managedhsm:demo:rsa2048", "SHA384", 1 }, { "managedhsm:demo:rsa2048", "SHA512", 1 },
	{ "managedhsm:demo:rsa3072", "SHA256", 0 }, { "managedhsm:demo:rsa4096", "SHA256", 1 },
	{ "managedhsm:demo:p256", "SHA256", 0 },    { "managedhsm:demo:p256", "SHA384", 0 },
	{ "managedhsm:demo:p256", "SHA512", 0 },    { "managedhsm:demo:p256", "SHA224", 0 },
	{ "managedhsm:demo:p384", "SHA256", 0 },    { "managedhsm:demo:p384", "SHA384", 0 },
	{ "managedhsm:demo:p384", "SHA512", 0 },    { "managedhsm:demo:p521", "SHA256", 0 },
	{ "managedhsm:demo:p521", "SHA384", 0 },    { "managedhsm:demo:p521", "SHA512", 0 },
	{ "managedhsm:demo:p256k", "SHA256", 0 },   { "managedhsm:demo:p256k", "SHA384", 0 },
	{ "managedhsm:demo:p256k", "SHA512", 0 },
};

static const char message[] = "a message to be signed, longer than one block of any of the digests: 0123456789 "
			      "0123456789 0123456789 0123456789";

static EVP_PKEY *get_key(struct fixture *f, const char *uri)
{
	EVP_PKEY *key = load_key(f->libctx, uri, OSSL_STORE_INFO_PKEY);

	if (key == NULL)
		ERR_print_errors_fp(stderr);
	ck_assert_ptr_nonnull(key);
	return key;
}

static EVP_MD_CTX *start(struct fixture *f, EVP_PKEY *key, const char *digest, int pss)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;

	ck_assert_int_eq(EVP_DigestSignInit_ex(md, &ctx, digest, f->libctx, NULL, key, NULL), 1);
	if (pss)
		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
	return md;
}

START_TEST(one_shot_signature_verifies_without_the_provider)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, algorithms[_i].uri);
	EVP_MD_CTX *md = start(&f, key, algorithms[_i].digest, algorithms[_i].pss);
	unsigned char sig[1024];
	size_t length = sizeof(sig);

	ck_assert_int_eq(EVP_DigestSign(md, sig, &length, (const unsigned char *)message, sizeof(message)), 1);
	ck_assert_int_eq(
		plain_verify(key, algorithms[_i].digest, algorithms[_i].pss, message, sizeof(message), sig, length), 1);
	ck_assert_int_ne(
		plain_verify(key, algorithms[_i].digest, algorithms[_i].pss, message, sizeof(message) - 1, sig, length),
		1);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(update_and_final_sign_the_same_as_one_shot)
{
	struct fixture f = fixture_open(DEFAULT_LAST);
	EVP_PKEY *key = get_key(&f, algorithms[_i].uri);
	EVP_MD_CTX *md = start(&f, key, algorithms[_i].digest, algorithms[_i].pss);
	unsigned char sig[1024];
	size_t length = 0;

	for (size_t i = 0; i < sizeof(message); i++)
		ck_assert_int_eq(EVP_DigestSignUpdate(md, message + i, 1), 1);
	stats_reset();
	ck_assert_int_eq(EVP_DigestSignFinal(md, NULL, &length), 1);
	ck_assert_int_eq(stats_read().requests, 0); /* a size query asks nobody */
	ck_assert_uint_le(length, sizeof(sig));
	ck_assert_int_eq(EVP_DigestSignFinal(md, sig, &length), 1);
	ck_assert_int_eq(stats_read().requests, 1);
	ck_assert_int_eq(
		plain_verify(key, algorithms[_i].digest, algorithms[_i].pss, message, sizeof(message), sig, length), 1);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(size_query_before_one_shot_hashes_nothing)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, "managedhsm:demo:p256");
	EVP_MD_CTX *md = start(&f, key, "SHA256", 0);
	unsigned char sig[256];
	size_t length = 0;

	ck_assert_int_eq(EVP_DigestSign(md, NULL, &length, (const unsigned char *)message, sizeof(message)), 1);
	ck_assert_uint_eq(length, 72);
	ck_assert_int_eq(EVP_DigestSign(md, sig, &length, (const unsigned char *)message, sizeof(message)), 1);
	ck_assert_int_eq(plain_verify(key, "SHA256", 0, message, sizeof(message), sig, length), 1);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(an_empty_message_can_be_signed)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, "managedhsm:demo:rsa2048");
	EVP_MD_CTX *md = start(&f, key, "SHA256", 0);
	unsigned char sig[256];
	size_t length = sizeof(sig);

	ck_assert_int_eq(EVP_DigestSignFinal(md, sig, &length), 1);
	ck_assert_int_eq(plain_verify(key, "SHA256", 0, "", 0, sig, length), 1);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(a_copied_context_goes_on_by_itself)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, "managedhsm:demo:rsa2048");
	EVP_MD_CTX *md = start(&f, key, "SHA384", 1), *copy = EVP_MD_CTX_new();
	unsigned char sig[256];
	size_t length = sizeof(sig);

	ck_assert_int_eq(EVP_DigestSignUpdate(md, "abc", 3), 1);
	ck_assert_int_eq(EVP_MD_CTX_copy_ex(copy, md), 1);
	ck_assert_int_eq(EVP_DigestSignUpdate(copy, "def", 3), 1);
	ck_assert_int_eq(EVP_DigestSignFinal(copy, sig, &length), 1);
	ck_assert_int_eq(plain_verify(key, "SHA384", 1, "abcdef", 6, sig, length), 1);
	length = sizeof(sig);
	ck_assert_int_eq(EVP_DigestSignFinal(md, sig, &length), 1);
	ck_assert_int_eq(plain_verify(key, "SHA384", 1, "abc", 3, sig, length), 1);
	EVP_MD_CTX_free(copy);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(a_second_init_without_key_keeps_key_and_padding)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, "managedhsm:demo:rsa2048");
	EVP_MD_CTX *md = start(&f, key, "SHA256", 1);
	unsigned char sig[256];
	size_t length = sizeof(sig);

	ck_assert_int_eq(EVP_DigestSignUpdate(md, "dropped", 7), 1);
	ck_assert_int_eq(EVP_DigestSignInit_ex(md, NULL, NULL, f.libctx, NULL, NULL, NULL), 1);
	ck_assert_int_eq(EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3), 1);
	ck_assert_int_eq(plain_verify(key, "SHA256", 1, "abc", 3, sig, length), 1);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(init_makes_no_request)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, "managedhsm:demo:p256");
	EVP_MD_CTX *md;

	stats_reset();
	md = start(&f, key, "SHA256", 0);
	ck_assert_int_eq(EVP_DigestSignUpdate(md, "abc", 3), 1);
	EVP_MD_CTX_free(md);
	ck_assert_int_eq(stats_read().requests, 0);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(verification_is_local)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, algorithms[_i].uri);
	EVP_MD_CTX *md = start(&f, key, algorithms[_i].digest, algorithms[_i].pss), *check = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;
	unsigned char sig[1024];
	size_t length = sizeof(sig);

	ck_assert_int_eq(EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3), 1);
	stats_reset();
	ck_assert_int_eq(EVP_DigestVerifyInit_ex(check, &ctx, algorithms[_i].digest, f.libctx, NULL, key, NULL), 1);
	if (algorithms[_i].pss)
		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
	ck_assert_int_eq(EVP_DigestVerify(check, sig, length, (const unsigned char *)"abc", 3), 1);
	ck_assert_int_eq(stats_read().requests, 0);
	EVP_MD_CTX_free(check);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(a_hundred_signatures_use_one_connection)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	unsigned char sig[256];
	struct stats stats;
	EVP_PKEY *key;

	stats_reset();
	key = get_key(&f, "managedhsm:demo:p256");
	for (int i = 0; i < 100; i++) {
		EVP_MD_CTX *md = start(&f, key, "SHA256", 0);
		size_t length = sizeof(sig);

		ck_assert_int_eq(EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3), 1);
		EVP_MD_CTX_free(md);
	}
	stats = stats_read();
	ck_assert_int_eq(stats.connections, 1);
	ck_assert_int_eq(stats.requests, 101);
	ck_assert_int_eq(stats.get, 1);
	ck_assert_int_eq(stats.sign, 100);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

static int raw_sign(struct fixture *f, EVP_PKEY *key, const char *digest, const unsigned char *value,
                    size_t value_length, unsigned char *sig, size_t *length)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f->libctx, key, NULL);
	EVP_MD *md = digest != NULL ? EVP_MD_fetch(f->libctx, digest, NULL) : NULL;
	int done = EVP_PKEY_sign_init(ctx) == 1 && (md == NULL || EVP_PKEY_CTX_set_signature_md(ctx, md) == 1) &&
	           EVP_PKEY_sign(ctx, sig, length, value, value_length) == 1;

	EVP_MD_free(md);
	EVP_PKEY_CTX_free(ctx);
	return done;
}

START_TEST(a_raw_digest_can_be_signed)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, _i == 0 ? "managedhsm:demo:rsa2048" : "managedhsm:demo:p384");
	unsigned char digest[64], sig[256];
	size_t digest_length = 0, length = sizeof(sig);

	ck_assert_int_eq(EVP_Q_digest(NULL, "SHA512", NULL, "abc", 3, digest, &digest_length), 1);
	ck_assert_int_eq(raw_sign(&f, key, "SHA512", digest, digest_length, sig, &length), 1);
	ck_assert_int_eq(plain_verify(key, "SHA512", 0, "abc", 3, sig, length), 1);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(ecdsa_signs_any_number_up_to_64_bytes)
{
	static const char *const uris[] = { "managedhsm:demo:p256", "managedhsm:demo:p384", "managedhsm:demo:p521",
		                            "managedhsm:demo:p256k" };
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, uris[_i]), *plain = plain_public_key(key);
	unsigned char value[64], sig[256];

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (unsigned char)(0xff - i);
	for (size_t n = 1; n <= sizeof(value); n += 7) {
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, plain, NULL);
		size_t length = sizeof(sig);

		ck_assert_int_eq(raw_sign(&f, key, NULL, value, n, sig, &length), 1);
		ck_assert_int_eq(EVP_PKEY_verify_init(ctx), 1);
		ck_assert_int_eq(EVP_PKEY_verify(ctx, sig, length, value, n), 1);
		EVP_PKEY_CTX_free(ctx);
	}
	EVP_PKEY_free(plain);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(rsa_signs_a_digest_info_without_being_told_the_digest)
{
	static const unsigned char head[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
		                              0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, "managedhsm:demo:rsa2048");
	unsigned char info[sizeof(head) + 32], sig[256];
	size_t length = sizeof(sig), digest_length = 0;
	char text[1024];

	memcpy(info, head, sizeof(head));
	ck_assert_int_eq(EVP_Q_digest(NULL, "SHA256", NULL, "abc", 3, info + sizeof(head), &digest_length), 1);
	ck_assert_int_eq(raw_sign(&f, key, NULL, info, sizeof(info), sig, &length), 1);
	ck_assert_int_eq(plain_verify(key, "SHA256", 0, "abc", 3, sig, length), 1);
	/* The bare digest would be signed as something else than what the caller gets from a software key: refused. */
	ERR_clear_error();
	length = sizeof(sig);
	ck_assert_int_eq(raw_sign(&f, key, NULL, info + sizeof(head), 32, sig, &length), 0);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_DIGEST_LENGTH);
	ck_assert_ptr_nonnull(strstr(text, "digest:sha256"));
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(a_success_leaves_the_error_queue_as_it_was)
{
	struct fixture f = fixture_open(_i == 0 ? DEFAULT_FIRST : DEFAULT_LAST);
	unsigned char sig[256];
	EVP_MD_CTX *md;
	EVP_PKEY *key;

	ERR_clear_error();
	ERR_raise_data(ERR_LIB_USER, 7, "an earlier error of the application's");
	key = get_key(&f, "managedhsm://demo/rsa2048");
	for (int i = 0; i < 2; i++) {
		size_t length = sizeof(sig);

		md = start(&f, key, "SHA256", 1);
		ck_assert_int_eq(EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3), 1);
		EVP_MD_CTX_free(md);
		ck_assert_int_eq(ERR_GET_REASON(ERR_peek_error()), 7);
		ck_assert_int_eq(ERR_GET_REASON(ERR_peek_last_error()), 7);
	}
	ck_assert_int_eq(ERR_GET_LIB(ERR_get_error()), ERR_LIB_USER);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

TCase *tests_sign(void)
{
	TCase *tests = tcase_create("sign");
	int algorithm_count = (int)(sizeof(algorithms) / sizeof(algorithms[0]));

	tcase_set_timeout(tests, 0);
	tcase_add_loop_test(tests, one_shot_signature_verifies_without_the_provider, 0, algorithm_count);
	tcase_add_loop_test(tests, update_and_final_sign_the_same_as_one_shot, 0, algorithm_count);
	tcase_add_test(tests, size_query_before_one_shot_hashes_nothing);
	tcase_add_test(tests, an_empty_message_can_be_signed);
	tcase_add_test(tests, a_copied_context_goes_on_by_itself);
	tcase_add_test(tests, a_second_init_without_key_keeps_key_and_padding);
	tcase_add_test(tests, init_makes_no_request);
	tcase_add_loop_test(tests, verification_is_local, 0, algorithm_count);
	tcase_add_test(tests, a_hundred_signatures_use_one_connection);
	tcase_add_loop_test(tests, a_raw_digest_can_be_signed, 0, 2);
	tcase_add_loop_test(tests, ecdsa_signs_any_number_up_to_64_bytes, 0, 4);
	tcase_add_test(tests, rsa_signs_a_digest_info_without_being_told_the_digest);
	tcase_add_loop_test(tests, a_success_leaves_the_error_queue_as_it_was, 0, 2);
	return tests;
}
