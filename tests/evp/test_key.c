/* SPDX-License-Identifier: Apache-2.0 */
/* What a key in the HSM shows of itself, what it hides, and how it compares. */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "tests/evp/fixture.h"

static EVP_PKEY *get_key(struct fixture *f, const char *uri)
{
	EVP_PKEY *key = load_key(f->libctx, uri, OSSL_STORE_INFO_PKEY);

	ck_assert_ptr_nonnull(key);
	return key;
}

static const struct {
	const char *uri, *type, *group;
	int bits, security_bits, size;
} keys[] = {
	{ "managedhsm:demo:rsa2048", "RSA", NULL, 2048, 112, 256 },
	{ "managedhsm:demo:rsa3072", "RSA", NULL, 3072, 128, 384 },
	{ "managedhsm:demo:rsa4096", "RSA", NULL, 4096, 152, 512 },
	{ "managedhsm:demo:p256", "EC", "prime256v1", 256, 128, 72 },
	{ "managedhsm:demo:p384", "EC", "secp384r1", 384, 192, 104 },
	{ "managedhsm:demo:p521", "EC", "secp521r1", 521, 256, 139 },
	{ "managedhsm:demo:p256k", "EC", "secp256k1", 256, 128, 72 },
};

START_TEST(sizes_and_names_are_right_for_every_key)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, keys[_i].uri);
	char text[64] = "";
	size_t length;

	ck_assert(EVP_PKEY_is_a(key, keys[_i].type));
	ck_assert_int_eq(EVP_PKEY_get_bits(key), keys[_i].bits);
	ck_assert_int_eq(EVP_PKEY_get_security_bits(key), keys[_i].security_bits);
	ck_assert_int_eq(EVP_PKEY_get_size(key), keys[_i].size);
	ck_assert_int_gt(EVP_PKEY_get_default_digest_name(key, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "SHA256");
	if (keys[_i].group != NULL) {
		ck_assert_int_eq(EVP_PKEY_get_group_name(key, text, sizeof(text), &length), 1);
		ck_assert_str_eq(text, keys[_i].group);
	}
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(public_numbers_are_given_and_private_ones_are_not)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *rsa = get_key(&f, "managedhsm:demo:rsa2048"), *ec = get_key(&f, "managedhsm:demo:p256");
	unsigned char point[133];
	BIGNUM *number = NULL;
	size_t length = 0;

	ck_assert_int_eq(EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_N, &number), 1);
	ck_assert_int_eq(BN_num_bits(number), 2048);
	BN_free(number);
	number = NULL;
	ck_assert_int_eq(EVP_PKEY_get_octet_string_param(ec, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &length),
	                 1);
	ck_assert_uint_eq(length, 65);
	ck_assert_int_eq(
		EVP_PKEY_get_octet_string_param(ec, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point, sizeof(point), &length),
		1);
	ck_assert_int_ne(EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_D, &number), 1);
	ck_assert_int_ne(EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_FACTOR1, &number), 1);
	ck_assert_int_ne(EVP_PKEY_get_bn_param(ec, OSSL_PKEY_PARAM_PRIV_KEY, &number), 1);
	ck_assert_ptr_null(number);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
	fixture_close(&f);
}
END_TEST

START_TEST(a_key_equals_its_public_half_and_no_other)
{
	struct fixture f = fixture_open(_i == 0 ? DEFAULT_FIRST : DEFAULT_LAST);
	EVP_PKEY *rsa = get_key(&f, "managedhsm:demo:rsa2048"), *other = get_key(&f, "managedhsm:demo:rsa3072");
	EVP_PKEY *ec = get_key(&f, "managedhsm:demo:p256"), *ec_other = get_key(&f, "managedhsm:demo:p256k");
	EVP_PKEY *rsa_public = plain_public_key(rsa), *ec_public = plain_public_key(ec);

	ck_assert_int_eq(EVP_PKEY_eq(rsa, rsa_public), 1);
	ck_assert_int_eq(EVP_PKEY_eq(rsa_public, rsa), 1);
	ck_assert_int_eq(EVP_PKEY_eq(ec, ec_public), 1);
	ck_assert_int_eq(EVP_PKEY_eq(ec_public, ec), 1);
	ck_assert_int_eq(EVP_PKEY_eq(rsa, rsa), 1);
	ck_assert_int_ne(EVP_PKEY_eq(rsa, other), 1);
	ck_assert_int_ne(EVP_PKEY_eq(ec, ec_other), 1);
	ck_assert_int_ne(EVP_PKEY_eq(rsa, ec), 1);
	ck_assert_int_ne(EVP_PKEY_eq(rsa_public, other), 1);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(other);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(ec_other);
	EVP_PKEY_free(rsa_public);
	EVP_PKEY_free(ec_public);
	fixture_close(&f);
}
END_TEST

START_TEST(a_duplicate_signs_too)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, "managedhsm:demo:p256"), *copy = EVP_PKEY_dup(key);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sig[128];
	size_t length = sizeof(sig);

	ck_assert_ptr_nonnull(copy);
	EVP_PKEY_free(key);
	ck_assert_int_eq(EVP_DigestSignInit_ex(md, NULL, "SHA256", f.libctx, NULL, copy, NULL), 1);
	ck_assert_int_eq(EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3), 1);
	ck_assert_int_eq(plain_verify(copy, "SHA256", 0, "abc", 3, sig, length), 1);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(copy);
	fixture_close(&f);
}
END_TEST

START_TEST(a_public_key_by_uri_verifies_and_does_not_sign)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = load_key(f.libctx, "managedhsm:demo:p256", OSSL_STORE_INFO_PUBKEY);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sig[128];
	size_t length = sizeof(sig);

	ck_assert_ptr_nonnull(key);
	stats_reset();
	ck_assert(EVP_DigestSignInit_ex(md, NULL, "SHA256", f.libctx, NULL, key, NULL) != 1 ||
	          EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3) != 1);
	ck_assert_int_eq(stats_read().requests, 0);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(a_key_file_loads_without_a_request_and_signs_with_one)
{
	struct fixture f = fixture_open(_i % 2 == 0 ? DEFAULT_FIRST : DEFAULT_LAST);
	EVP_PKEY *key = get_key(&f, _i < 2 ? "managedhsm:demo:rsa2048" : "managedhsm:demo:p384"), *again;
	BIO *file = BIO_new(BIO_s_mem());
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sig[512];
	size_t length = sizeof(sig);
	char *text = NULL;

	ck_assert_int_eq(PEM_write_bio_PrivateKey_ex(file, key, NULL, NULL, 0, NULL, NULL, f.libctx, NULL), 1);
	ck_assert_int_gt((int)BIO_get_mem_data(file, &text), 0);
	ck_assert_int_eq(strncmp(text, "-----BEGIN MANAGED HSM KEY-----\n", 32), 0);
	stats_reset();
	again = PEM_read_bio_PrivateKey_ex(file, NULL, NULL, NULL, f.libctx, NULL);
	ck_assert_ptr_nonnull(again);
	ck_assert_int_eq(EVP_PKEY_eq(key, again), 1);
	ck_assert_int_eq(stats_read().requests, 0);
	ck_assert_int_eq(EVP_DigestSignInit_ex(md, NULL, "SHA256", f.libctx, NULL, again, NULL), 1);
	ck_assert_int_eq(EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3), 1);
	ck_assert_int_eq(stats_read().requests, 1);
	ck_assert_int_eq(plain_verify(key, "SHA256", 0, "abc", 3, sig, length), 1);
	EVP_MD_CTX_free(md);
	BIO_free(file);
	EVP_PKEY_free(again);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(a_key_of_one_provider_fits_a_certificate_of_the_other)
{
	struct fixture f = fixture_open(_i == 0 ? DEFAULT_FIRST : DEFAULT_LAST);
	EVP_PKEY *key = get_key(&f, "managedhsm:demo:p256"), *other = get_key(&f, "managedhsm:demo:p384");
	X509 *certificate = X509_new_ex(f.libctx, NULL), *read_back = NULL;
	unsigned char *der = NULL;
	const unsigned char *at;
	int length;

	ck_assert_int_eq(X509_set_pubkey(certificate, key), 1);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, (const unsigned char *)"x",
	                           -1, -1, 0);
	ck_assert_int_gt(X509_sign(certificate, key, EVP_sha256()), 0);
	length = i2d_X509(certificate, &der);
	at = der;
	read_back = d2i_X509(NULL, &at, length);
	ck_assert_ptr_nonnull(read_back);
	ck_assert_int_eq(X509_check_private_key(read_back, key), 1);
	ck_assert_int_ne(X509_check_private_key(read_back, other), 1);
	OPENSSL_free(der);
	X509_free(read_back);
	X509_free(certificate);
	EVP_PKEY_free(other);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(the_algorithm_identifier_follows_the_padding)
{
	static const struct {
		int pss;
		const char *digest;
		int der_length;
	} cases[] = { { 0, "SHA256", 15 }, { 0, "SHA512", 15 }, { 1, "SHA256", 67 }, { 1, "SHA384", 67 } };
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = get_key(&f, "managedhsm:demo:rsa2048");
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;
	unsigned char der[256];
	OSSL_PARAM params[] = { OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, der, sizeof(der)),
		                OSSL_PARAM_END };
	const unsigned char *at = der;
	X509_ALGOR *algor;
	const ASN1_OBJECT *oid;

	ck_assert_int_eq(EVP_DigestSignInit_ex(md, &ctx, cases[_i].digest, f.libctx, NULL, key, NULL), 1);
	if (cases[_i].pss)
		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, 6), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_get_params(ctx, params), 1);
	ck_assert_int_eq((int)params[0].return_size, cases[_i].der_length);
	algor = d2i_X509_ALGOR(NULL, &at, (long)params[0].return_size);
	ck_assert_ptr_nonnull(algor);
	X509_ALGOR_get0(&oid, NULL, NULL, algor);
	ck_assert_int_eq(OBJ_obj2nid(oid), cases[_i].pss ? NID_rsassaPss
	                                   : _i == 0     ? NID_sha256WithRSAEncryption
	                                                 : NID_sha512WithRSAEncryption);
	X509_ALGOR_free(algor);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

TCase *tests_key(void)
{
	TCase *tests = tcase_create("key");

	tcase_set_timeout(tests, 0);
	tcase_add_loop_test(tests, sizes_and_names_are_right_for_every_key, 0, (int)(sizeof(keys) / sizeof(keys[0])));
	tcase_add_test(tests, public_numbers_are_given_and_private_ones_are_not);
	tcase_add_loop_test(tests, a_key_equals_its_public_half_and_no_other, 0, 2);
	tcase_add_test(tests, a_duplicate_signs_too);
	tcase_add_test(tests, a_public_key_by_uri_verifies_and_does_not_sign);
	tcase_add_loop_test(tests, a_key_file_loads_without_a_request_and_signs_with_one, 0, 4);
	tcase_add_loop_test(tests, a_key_of_one_provider_fits_a_certificate_of_the_other, 0, 2);
	tcase_add_loop_test(tests, the_algorithm_identifier_follows_the_padding, 0, 4);
	return tests;
}
