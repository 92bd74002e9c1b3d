/* SPDX-License-Identifier: Apache-2.0 */
/* Loading, unloading, load orders, library contexts, threads; software keys that reach us. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/store.h>

#include "base/error.h"
#include "tests/evp/fixture.h"

static int sign_once(OSSL_LIB_CTX *libctx, EVP_PKEY *key)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sig[1024];
	size_t length = sizeof(sig);
	int good = EVP_DigestSignInit_ex(md, NULL, "SHA256", libctx, NULL, key, NULL) == 1 &&
	           EVP_DigestSign(md, sig, &length, (const unsigned char *)"abc", 3) == 1 &&
	           plain_verify(key, "SHA256", 0, "abc", 3, sig, length) == 1;

	EVP_MD_CTX_free(md);
	return good;
}

START_TEST(load_and_unload_again_and_again)
{
	for (int i = 0; i < 20; i++) {
		struct fixture f = fixture_open(i % 2 == 0 ? DEFAULT_FIRST : DEFAULT_LAST);

		if (i % 5 == 0) {
			EVP_PKEY *key = load_key(f.libctx, "managedhsm:demo:p256", OSSL_STORE_INFO_PKEY);

			ck_assert_ptr_nonnull(key);
			ck_assert(sign_once(f.libctx, key));
			EVP_PKEY_free(key);
		}
		fixture_close(&f);
	}
}
END_TEST

START_TEST(a_key_outlives_the_unloading_of_its_provider)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = load_key(f.libctx, "managedhsm:demo:p256", OSSL_STORE_INFO_PKEY);

	ck_assert_ptr_nonnull(key);
	OSSL_PROVIDER_unload(f.hsm);
	ck_assert_int_eq(EVP_PKEY_get_bits(key), 256);
	ck_assert(sign_once(f.libctx, key));
	EVP_PKEY_free(key);
	OSSL_PROVIDER_unload(f.base);
	OSSL_LIB_CTX_free(f.libctx);
}
END_TEST

START_TEST(two_instances_work_side_by_side)
{
	struct fixture a = fixture_open(DEFAULT_FIRST), b = fixture_open(DEFAULT_LAST);
	EVP_PKEY *key_a = load_key(a.libctx, "managedhsm:demo:p256", OSSL_STORE_INFO_PKEY);
	EVP_PKEY *key_b = load_key(b.libctx, "managedhsm:demo:p256", OSSL_STORE_INFO_PKEY);

	ck_assert_ptr_nonnull(key_a);
	ck_assert_ptr_nonnull(key_b);
	ck_assert_int_eq(EVP_PKEY_eq(key_a, key_b), 1);
	EVP_PKEY_free(key_a);
	fixture_close(&a);
	ck_assert(sign_once(b.libctx, key_b));
	EVP_PKEY_free(key_b);
	fixture_close(&b);
}
END_TEST

/* The global default context, with us preferred for everything: libcurl's TLS must not meet us. */
START_TEST(preferred_everywhere_in_the_default_context)
{
	OSSL_PROVIDER *hsm = OSSL_PROVIDER_load(NULL, "managedhsm"), *base = OSSL_PROVIDER_load(NULL, "default");
	EVP_PKEY *key, *software;

	ck_assert_ptr_nonnull(hsm);
	ck_assert_ptr_nonnull(base);
	ck_assert_int_eq(EVP_set_default_properties(NULL, "?provider=managedhsm"), 1);
	key = load_key(NULL, "managedhsm:demo:rsa2048", OSSL_STORE_INFO_PKEY);
	ck_assert_ptr_nonnull(key);
	ck_assert(sign_once(NULL, key));
	software = EVP_EC_gen("P-256");
	ck_assert_ptr_nonnull(software);
	ck_assert(sign_once(NULL, software));
	EVP_PKEY_free(software);
	EVP_PKEY_free(key);
	OSSL_PROVIDER_unload(base);
	OSSL_PROVIDER_unload(hsm);
}
END_TEST

START_TEST(the_threads_library_context_is_restored)
{
	struct fixture f = fixture_open(DEFAULT_FIRST);
	OSSL_LIB_CTX *mine = OSSL_LIB_CTX_new(), *before = OSSL_LIB_CTX_set0_default(mine);
	EVP_PKEY *key = load_key(f.libctx, "managedhsm:demo:p256", OSSL_STORE_INFO_PKEY);

	ck_assert_ptr_nonnull(key);
	ck_assert(sign_once(f.libctx, key));
	ck_assert_ptr_eq(OSSL_LIB_CTX_set0_default(before), mine);
	OSSL_LIB_CTX_free(mine);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(software_keys_made_by_us_work_and_can_be_exported)
{
	static const struct {
		const char *type, *group;
		unsigned bits;
	} cases[] = { { "RSA", NULL, 2048 }, { "EC", "P-256", 0 }, { "EC", "brainpoolP256r1", 0 } };
	struct fixture f = fixture_open(DEFAULT_LAST);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(f.libctx, cases[_i].type, "provider=managedhsm");
	EVP_PKEY *key = NULL, *copy;
	OSSL_PARAM *parameters = NULL;

	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	if (cases[_i].group != NULL)
		ck_assert_int_eq(EVP_PKEY_CTX_set_group_name(ctx, cases[_i].group), 1);
	else
		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)cases[_i].bits), 1);
	ck_assert_int_eq(EVP_PKEY_keygen(ctx, &key), 1);
	ck_assert_str_eq(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(key)), "managedhsm");
	ck_assert(sign_once(f.libctx, key));
	copy = EVP_PKEY_dup(key);
	ck_assert_ptr_nonnull(copy);
	ck_assert(sign_once(f.libctx, copy));
	ck_assert_int_eq(EVP_PKEY_eq(key, copy), 1);
	ck_assert_int_eq(EVP_PKEY_todata(key, EVP_PKEY_KEYPAIR, &parameters), 1);
	ck_assert_ptr_nonnull(OSSL_PARAM_locate_const(parameters, cases[_i].group != NULL ? "priv" : "d"));
	OSSL_PARAM_free(parameters);
	EVP_PKEY_free(copy);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(ctx);
	fixture_close(&f);
}
END_TEST

/* A decoder of ours that answered "error" to foreign input would make OpenSSL fall back to keys of no provider. */
START_TEST(ordinary_key_files_load_as_before)
{
	static const char *const types[] = { "RSA", "EC", "ED25519" };
	struct fixture f = fixture_open(_i % 2 == 0 ? DEFAULT_FIRST : DEFAULT_LAST);
	char path[] = "/tmp/managedhsm-test-XXXXXX";
	EVP_PKEY *key = _i / 2 == 0   ? EVP_PKEY_Q_keygen(f.libctx, NULL, "RSA", (size_t)2048)
	                : _i / 2 == 1 ? EVP_PKEY_Q_keygen(f.libctx, NULL, "EC", "P-256")
	                              : EVP_PKEY_Q_keygen(f.libctx, NULL, "ED25519");
	EVP_PKEY *again;
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	ck_assert_ptr_nonnull(key);
	ck_assert_int_eq(PEM_write_PrivateKey_ex(file, key, NULL, NULL, 0, NULL, NULL, f.libctx, NULL), 1);
	fclose(file);
	ERR_clear_error();
	again = load_key(f.libctx, path, OSSL_STORE_INFO_PKEY);
	unlink(path);
	ck_assert_ptr_nonnull(again);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	ck_assert(EVP_PKEY_is_a(again, types[_i / 2]));
	ck_assert_ptr_nonnull(EVP_PKEY_get0_provider(again));
	ck_assert_int_eq(EVP_PKEY_eq(key, again), 1);
	EVP_PKEY_free(again);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

START_TEST(an_ecdhe_exchange_works_when_we_are_first)
{
	struct fixture f = fixture_open(DEFAULT_LAST);
	EVP_PKEY *a = EVP_PKEY_Q_keygen(f.libctx, NULL, "EC", "P-384"),
		 *b = EVP_PKEY_Q_keygen(f.libctx, NULL, "EC", "P-384"), *peer = EVP_PKEY_new();
	unsigned char *encoded = NULL, secret_a[64], secret_b[64];
	size_t encoded_length, length_a = sizeof(secret_a), length_b = sizeof(secret_b);
	EVP_PKEY_CTX *ctx;

	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	/* As libssl does it: an empty key with the group, then the peer's point. */
	ck_assert_int_eq(EVP_PKEY_copy_parameters(peer, a), 1);
	encoded_length = EVP_PKEY_get1_encoded_public_key(b, &encoded);
	ck_assert_uint_eq(encoded_length, 97);
	ck_assert_int_eq(EVP_PKEY_set1_encoded_public_key(peer, encoded, encoded_length), 1);
	ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, a, NULL);
	ck_assert_int_eq(EVP_PKEY_derive_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_derive_set_peer(ctx, peer), 1);
	ck_assert_int_eq(EVP_PKEY_derive(ctx, secret_a, &length_a), 1);
	EVP_PKEY_CTX_free(ctx);
	ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, b, NULL);
	ck_assert_int_eq(EVP_PKEY_derive_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_derive_set_peer(ctx, a), 1);
	ck_assert_int_eq(EVP_PKEY_derive(ctx, secret_b, &length_b), 1);
	EVP_PKEY_CTX_free(ctx);
	ck_assert_uint_eq(length_a, 48);
	ck_assert_mem_eq(secret_a, secret_b, 48);
	OPENSSL_free(encoded);
	EVP_PKEY_free(peer);
	EVP_PKEY_free(a);
	EVP_PKEY_free(b);
	fixture_close(&f);
}
END_TEST

struct work {
	OSSL_LIB_CTX *libctx;
	EVP_PKEY *key;
	int good;
};

static void *sign_many(void *argument)
{
	struct work *work = argument;

	for (int i = 0; i < 25; i++)
		work->good += sign_once(work->libctx, work->key);
	return NULL;
}

START_TEST(threads_share_a_key)
{
	enum { THREADS = 8 };
	struct fixture f = fixture_open(DEFAULT_FIRST);
	EVP_PKEY *key = load_key(f.libctx, "managedhsm:demo:p256", OSSL_STORE_INFO_PKEY), *warm;
	struct work work[THREADS];
	pthread_t threads[THREADS];

	ck_assert_ptr_nonnull(key);
	warm = plain_public_key(key); /* its context is made once, before there are threads */
	EVP_PKEY_free(warm);
	stats_reset();
	for (int i = 0; i < THREADS; i++) {
		work[i] = (struct work){ f.libctx, key, 0 };
		ck_assert_int_eq(pthread_create(&threads[i], NULL, sign_many, &work[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(work[i].good, 25);
	}
	ck_assert_int_eq(stats_read().requests, THREADS * 25);
	ck_assert_int_le(stats_read().connections, THREADS);
	EVP_PKEY_free(key);
	fixture_close(&f);
}
END_TEST

TCase *tests_context(void)
{
	TCase *tests = tcase_create("context");

	tcase_set_timeout(tests, 0);
	tcase_add_test(tests, load_and_unload_again_and_again);
	tcase_add_test(tests, a_key_outlives_the_unloading_of_its_provider);
	tcase_add_test(tests, two_instances_work_side_by_side);
	tcase_add_test(tests, preferred_everywhere_in_the_default_context);
	tcase_add_test(tests, the_threads_library_context_is_restored);
	tcase_add_loop_test(tests, software_keys_made_by_us_work_and_can_be_exported, 0, 3);
	tcase_add_loop_test(tests, ordinary_key_files_load_as_before, 0, 6);
	tcase_add_test(tests, an_ecdhe_exchange_works_when_we_are_first);
	tcase_add_test(tests, threads_share_a_key);
	return tests;
}
