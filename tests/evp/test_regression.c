/* SPDX-License-Identifier: Apache-2.0 */
/* What was wrong once. */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "tests/evp/fixture.h"

static struct fixture f;
static EVP_PKEY *rsa, *ec;

static void setup(void)
{
	f = fixture_open(DEFAULT_LAST);
	rsa = load_key(f.libctx, "managedhsm:demo:rsa2048", OSSL_STORE_INFO_PKEY);
	ec = load_key(f.libctx, "managedhsm:demo:p256", OSSL_STORE_INFO_PKEY);
	ck_assert_ptr_nonnull(rsa);
	ck_assert_ptr_nonnull(ec);
	ERR_clear_error();
}

static void teardown(void)
{
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
	fixture_close(&f);
}

START_TEST(parameters_set_before_the_template_stay)
{
	EVP_PKEY *template = EVP_PKEY_Q_keygen(f.libctx, "provider=managedhsm", "RSA", (size_t)2048), *key = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, template, "provider=managedhsm");

	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 3072), 1);
	ck_assert_int_eq(EVP_PKEY_keygen(ctx, &key), 1);
	ck_assert_int_eq(EVP_PKEY_get_bits(key), 3072);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(template);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(an_ec_template_gives_its_group)
{
	EVP_PKEY *template = EVP_PKEY_Q_keygen(f.libctx, "provider=managedhsm", "EC", "P-384"), *key = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, template, "provider=managedhsm");

	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_keygen(ctx, &key), 1);
	ck_assert_int_eq(EVP_PKEY_get_bits(key), 384);
	ck_assert_int_ne(EVP_PKEY_eq(key, template), 1);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(template);
	EVP_PKEY_free(key);
}
END_TEST

/* Crashed inside libcrypto, which took an export of nothing for an RSA key. */
START_TEST(parameters_of_a_key_can_be_printed)
{
	BIO *out = BIO_new(BIO_s_mem());

	(void)EVP_PKEY_print_params(out, rsa, 0, NULL);
	(void)EVP_PKEY_print_params(out, ec, 0, NULL);
	BIO_free(out);
}
END_TEST

START_TEST(a_query_that_names_us_signs)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, rsa, "provider=managedhsm");
	unsigned char digest[32], sig[256];
	size_t length = sizeof(sig), digest_length = 0;

	ck_assert_int_eq(EVP_Q_digest(NULL, "SHA256", NULL, "abc", 3, digest, &digest_length), 1);
	ck_assert_int_eq(EVP_PKEY_sign_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), 1);
	ck_assert_int_eq(EVP_PKEY_sign(ctx, sig, &length, digest, digest_length), 1);
	ck_assert_int_eq(plain_verify(rsa, "SHA256", 0, "abc", 3, sig, length), 1);
	EVP_PKEY_CTX_free(ctx);
}
END_TEST

START_TEST(the_pss_digest_can_be_changed_with_all_that_hangs_on_it)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, rsa, NULL);
	unsigned char digest[64], sig[256];
	size_t length = sizeof(sig), digest_length = 0;
	char text[1024];

	ck_assert_int_eq(EVP_Q_digest(NULL, "SHA384", NULL, "abc", 3, digest, &digest_length), 1);
	ck_assert_int_eq(EVP_PKEY_sign_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, "SHA256", NULL), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha384()), 1);
	/* Half changed it is not signed. */
	ck_assert_int_ne(EVP_PKEY_sign(ctx, sig, &length, digest, digest_length), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_UNSUPPORTED_PADDING);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, (char *)(uintptr_t) "SHA384", 0),
		OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, (char *)(uintptr_t) "48", 0),
		OSSL_PARAM_construct_end()
	};
	ck_assert_int_eq(EVP_PKEY_CTX_set_params(ctx, params), 1);
	length = sizeof(sig);
	ck_assert_int_eq(EVP_PKEY_sign(ctx, sig, &length, digest, digest_length), 1);
	ck_assert_int_eq(plain_verify(rsa, "SHA384", 1, "abc", 3, sig, length), 1);
	EVP_PKEY_CTX_free(ctx);
}
END_TEST

START_TEST(the_oaep_digest_can_be_changed)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, rsa, NULL);

	ck_assert_int_eq(EVP_PKEY_decrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), 1);
	for (int i = 0; i < 2; i++) {
		const char *name = i == 0 ? "SHA1" : "SHA256";

		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, name, NULL), 1);
		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, name, NULL), 1);
	}
	EVP_PKEY_CTX_free(ctx);
}
END_TEST

START_TEST(an_sm2_key_under_the_name_ec_can_be_duplicated)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(f.libctx, "provider=managedhsm", "EC", "SM2"), *copy;

	ck_assert_ptr_nonnull(key);
	copy = EVP_PKEY_dup(key);
	ck_assert_ptr_nonnull(copy);
	EVP_PKEY_free(copy);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(no_cipher_is_no_cipher)
{
	OSSL_ENCODER_CTX *ctx = OSSL_ENCODER_CTX_new_for_pkey(ec, EVP_PKEY_KEYPAIR, "PEM", "PrivateKeyInfo", NULL);
	unsigned char *data = NULL;
	size_t length = 0;

	ck_assert_int_eq(OSSL_ENCODER_CTX_set_cipher(ctx, "AES-128-CBC", NULL), 1);
	ck_assert_int_eq(OSSL_ENCODER_CTX_set_cipher(ctx, NULL, NULL), 1);
	ck_assert_int_eq(OSSL_ENCODER_to_data(ctx, &data, &length), 1);
	OPENSSL_free(data);
	OSSL_ENCODER_CTX_free(ctx);
}
END_TEST

START_TEST(der_of_a_private_key_is_refused_with_one_error_of_ours)
{
	unsigned char *der = NULL;
	unsigned long code;
	int ours = 0;

	ck_assert_int_le(i2d_PrivateKey(ec, &der), 0);
	while ((code = ERR_get_error()) != 0)
		ours += ERR_GET_LIB(code) >= ERR_LIB_USER;
	ck_assert_int_eq(ours, 1);
}
END_TEST

START_TEST(a_deterministic_nonce_is_refused)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, ec, NULL);
	unsigned random = 0, deterministic = 1;
	OSSL_PARAM accepted[] = { OSSL_PARAM_uint("nonce-type", &random), OSSL_PARAM_END };
	OSSL_PARAM refused[] = { OSSL_PARAM_uint("nonce-type", &deterministic), OSSL_PARAM_END };

	ck_assert_int_eq(EVP_PKEY_sign_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_params(ctx, accepted), 1);
	ck_assert_int_ne(EVP_PKEY_CTX_set_params(ctx, refused), 1);
	EVP_PKEY_CTX_free(ctx);
}
END_TEST

TCase *tests_regression(void)
{
	TCase *tests = tcase_create("regression");

	tcase_set_timeout(tests, 0);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, parameters_set_before_the_template_stay);
	tcase_add_test(tests, an_ec_template_gives_its_group);
	tcase_add_test(tests, parameters_of_a_key_can_be_printed);
	tcase_add_test(tests, a_query_that_names_us_signs);
	tcase_add_test(tests, the_pss_digest_can_be_changed_with_all_that_hangs_on_it);
	tcase_add_test(tests, the_oaep_digest_can_be_changed);
	tcase_add_test(tests, an_sm2_key_under_the_name_ec_can_be_duplicated);
	tcase_add_test(tests, no_cipher_is_no_cipher);
	tcase_add_test(tests, der_of_a_private_key_is_refused_with_one_error_of_ours);
	tcase_add_test(tests, a_deterministic_nonce_is_refused);
	return tests;
}
