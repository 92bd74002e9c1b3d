/* SPDX-License-Identifier: Apache-2.0 */
/* RSA decryption in the HSM of what was encrypted without the provider, and what it tells an attacker: nothing. */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/prov_ssl.h>
#include <openssl/rsa.h>
#include <openssl/store.h>

#include "base/error.h"
#include "tests/evp/fixture.h"

static struct fixture f;
static EVP_PKEY *key, *plain;

static void setup(void)
{
	f = fixture_open(DEFAULT_FIRST);
	key = load_key(f.libctx, "managedhsm:demo:rsa2048", OSSL_STORE_INFO_PKEY);
	ck_assert_ptr_nonnull(key);
	plain = plain_public_key(key);
	ERR_clear_error();
}

static void teardown(void)
{
	EVP_PKEY_free(plain);
	EVP_PKEY_free(key);
	fixture_close(&f);
}

static const struct {
	int padding;
	const char *digest;
} schemes[] = {
	{ RSA_PKCS1_PADDING, NULL },
	{ RSA_PKCS1_OAEP_PADDING, NULL },
	{ RSA_PKCS1_OAEP_PADDING, "SHA1" },
	{ RSA_PKCS1_OAEP_PADDING, "SHA256" },
};

static void choose(EVP_PKEY_CTX *ctx, int i)
{
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, schemes[i].padding), 1);
	if (schemes[i].digest != NULL)
		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, schemes[i].digest, NULL), 1);
}

static size_t encrypt_plain(int scheme, const void *data, size_t length, unsigned char *out, size_t capacity)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, plain, NULL);

	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	choose(ctx, scheme);
	ck_assert_int_eq(EVP_PKEY_encrypt(ctx, out, &capacity, data, length), 1);
	EVP_PKEY_CTX_free(ctx);
	return capacity;
}

START_TEST(what_was_encrypted_without_the_provider_decrypts)
{
	static const char secret[] = "a secret";
	unsigned char block[256], out[256];
	size_t block_length = encrypt_plain(_i, secret, sizeof(secret), block, sizeof(block)), length = 0;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, key, NULL);

	stats_reset();
	ck_assert_int_eq(EVP_PKEY_decrypt_init(ctx), 1);
	choose(ctx, _i);
	ck_assert_int_eq(EVP_PKEY_decrypt(ctx, NULL, &length, block, block_length), 1);
	ck_assert_uint_eq(length, 256);
	ck_assert_int_eq(stats_read().requests, 0);
	ck_assert_int_eq(EVP_PKEY_decrypt(ctx, out, &length, block, block_length), 1);
	ck_assert_int_eq(stats_read().requests, 1);
	ck_assert_uint_eq(length, sizeof(secret));
	ck_assert_mem_eq(out, secret, sizeof(secret));
	ck_assert_uint_eq(ERR_peek_error(), 0);
	EVP_PKEY_CTX_free(ctx);
}
END_TEST

START_TEST(encryption_is_local_and_an_empty_plaintext_decrypts)
{
	unsigned char block[256], out[256];
	size_t block_length = sizeof(block), length = sizeof(out);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, key, NULL);

	stats_reset();
	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	choose(ctx, _i);
	ck_assert_int_eq(EVP_PKEY_encrypt(ctx, block, &block_length, (const unsigned char *)"", 0), 1);
	ck_assert_int_eq(stats_read().requests, 0);
	ck_assert_int_eq(EVP_PKEY_decrypt_init(ctx), 1);
	choose(ctx, _i);
	ck_assert_int_eq(EVP_PKEY_decrypt(ctx, out, &length, block, block_length), 1);
	ck_assert_uint_eq(length, 0);
	EVP_PKEY_CTX_free(ctx);
}
END_TEST

START_TEST(every_bad_block_gives_the_same_error)
{
	unsigned char block[257], out[256];
	char first[1024] = "", text[1024];

	for (int kind = 0; kind < 6; kind++) {
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, key, NULL);
		size_t block_length = encrypt_plain(_i, "x", 1, block, 256), length = sizeof(out);

		if (kind == 0) /* padding */
			block[100] ^= 1;
		else if (kind == 1) /* of another scheme */
			block_length = encrypt_plain(_i == 0 ? 3 : 0, "x", 1, block, 256);
		else if (kind == 2) /* not below the modulus */
			memset(block, 0xff, 256);
		else if (kind == 3)
			memset(block, 0, 256);
		else if (kind == 4)
			block_length = 255;
		else
			block_length = 257;
		ck_assert_int_eq(EVP_PKEY_decrypt_init(ctx), 1);
		choose(ctx, _i);
		ck_assert_int_ne(EVP_PKEY_decrypt(ctx, out, &length, block, block_length), 1);
		ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_DECRYPT);
		if (kind == 0)
			memcpy(first, text, sizeof(first));
		ck_assert_str_eq(text, first);
		EVP_PKEY_CTX_free(ctx);
	}
}
END_TEST

START_TEST(what_the_service_cannot_do_is_refused_when_set)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, key, NULL);
	unsigned char *label = OPENSSL_malloc(4);
	char text[1024];

	memcpy(label, "abcd", 4);
	ck_assert_int_eq(EVP_PKEY_decrypt_init(ctx), 1);
	ck_assert_int_ne(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_UNSUPPORTED_PADDING);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), 1);
	ck_assert_int_ne(EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, "SHA384", NULL), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_UNSUPPORTED_DIGEST);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, "SHA256", NULL), 1);
	ck_assert_int_ne(EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, "SHA1", NULL), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_UNSUPPORTED_PADDING);
	ck_assert_int_ne(EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, 4), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_UNSUPPORTED_PADDING);
	OPENSSL_free(label);
	EVP_PKEY_CTX_free(ctx);
}
END_TEST

static int decrypt_premaster(unsigned version, const unsigned char *block, size_t block_length, unsigned char out[48])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, key, NULL);
	OSSL_PARAM params[] = { OSSL_PARAM_uint(OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION, &version), OSSL_PARAM_END };
	size_t length = 48;
	int done;

	ck_assert_int_eq(EVP_PKEY_decrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_WITH_TLS_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_params(ctx, params), 1);
	done = EVP_PKEY_decrypt(ctx, out, &length, block, block_length) == 1 && length == 48;
	EVP_PKEY_CTX_free(ctx);
	return done;
}

START_TEST(a_premaster_secret_is_given_as_it_is)
{
	unsigned char premaster[48] = { 3, 3, 1, 2, 3, 4 }, block[256], out[48];

	ck_assert_uint_eq(encrypt_plain(0, premaster, sizeof(premaster), block, sizeof(block)), 256);
	ck_assert_int_eq(decrypt_premaster(TLS1_2_VERSION, block, 256, out), 1);
	ck_assert_mem_eq(out, premaster, 48);
}
END_TEST

START_TEST(a_bad_premaster_block_gives_random_bytes_and_no_error)
{
	unsigned char premaster[49] = { 3, 3, 1, 2, 3, 4 }, block[256], out[48], again[48];

	encrypt_plain(0, premaster, _i == 0 ? 47 : _i == 1 ? 49 : 48, block, sizeof(block));
	if (_i == 2)
		block[10] ^= 1;
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
			decrypt_premaster(_i == 3 ? TLS1_1_VERSION : TLS1_2_VERSION, block, 256, i ? again : out), 1);
	ck_assert_mem_ne(out, again, 48);
	ck_assert_mem_ne(out, premaster, 48);
	ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

TCase *tests_decrypt(void)
{
	TCase *tests = tcase_create("decrypt");
	int scheme_count = (int)(sizeof(schemes) / sizeof(schemes[0]));

	tcase_set_timeout(tests, 0);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, what_was_encrypted_without_the_provider_decrypts, 0, scheme_count);
	tcase_add_loop_test(tests, encryption_is_local_and_an_empty_plaintext_decrypts, 0, scheme_count);
	tcase_add_loop_test(tests, every_bad_block_gives_the_same_error, 0, scheme_count);
	tcase_add_test(tests, what_the_service_cannot_do_is_refused_when_set);
	tcase_add_test(tests, a_premaster_secret_is_given_as_it_is);
	tcase_add_loop_test(tests, a_bad_premaster_block_gives_random_bytes_and_no_error, 0, 4);
	return tests;
}
