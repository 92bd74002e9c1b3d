/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES keys in the HSM: wrapping and unwrapping keys, against the vectors of RFC 3394 and RFC 5649 and against the
 * default provider; and that such a key, which has no public half, is harmless wherever else OpenSSL takes a key.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* programs that ask for an RSA structure are many */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/store.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "tests/evp/fixture.h"

#define PAD "CKM_AES_KEY_WRAP_PAD"
#define WITHOUT_SIZE "2025-07-01" /* versions of the API, and whether a key's size is in its description */
#define WITH_SIZE "2026-03-01-preview"
#define BYTES_MAX 64

static struct fixture f;
static EVP_PKEY *key;

static const struct {
	const char *uri, *algorithm;
	int bits;
} keys[] = {
	{ "managedhsm:demo:aes128", "A128KW", 128 },
	{ "managedhsm:demo:aes192", "A192KW", 192 },
	{ "managedhsm:demo:aes256", "A256KW", 256 },
};

#define KEY_COUNT ((int)(sizeof(keys) / sizeof(keys[0])))

static void open_with(const char *api_version)
{
	setenv("MANAGEDHSM_API_VERSION", api_version, 1);
	f = fixture_open(DEFAULT_FIRST);
	ERR_clear_error();
}

static void load(const char *uri)
{
	EVP_PKEY_free(key);
	key = load_key(f.libctx, uri, OSSL_STORE_INFO_PKEY);
	ck_assert_ptr_nonnull(key);
}

static void setup(void)
{
	open_with(WITH_SIZE);
	load("managedhsm:demo:aes256");
}

static void setup_without_size(void)
{
	open_with(WITHOUT_SIZE);
}

static void teardown(void)
{
	EVP_PKEY_free(key);
	key = NULL;
	fixture_close(&f);
	unsetenv("MANAGEDHSM_API_VERSION");
}

/* Wraps or unwraps with or without an algorithm that is said; out has *length bytes. */
static int run(EVP_PKEY *with, int wrap, const char *algorithm, const void *in, size_t in_length, unsigned char *out,
               size_t *length)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, with, NULL);
	int done = wrap ? EVP_PKEY_encrypt_init(ctx) : EVP_PKEY_decrypt_init(ctx);

	ck_assert_int_eq(done, 1);
	if (algorithm != NULL && EVP_PKEY_CTX_ctrl_str(ctx, "algorithm", algorithm) != 1)
		done = 0;
	if (done == 1)
		done = wrap ? EVP_PKEY_encrypt(ctx, out, length, in, in_length)
		            : EVP_PKEY_decrypt(ctx, out, length, in, in_length);
	EVP_PKEY_CTX_free(ctx);
	return done == 1;
}

static size_t from_hex(const char *hex, unsigned char *bytes)
{
	size_t length = 0;

	ck_assert_int_eq(OPENSSL_hexstr2buf_ex(bytes, BYTES_MAX, &length, hex, '\0'), 1);
	return length;
}

/* A key of known bytes in the HSM, loaded. */
static void import(const unsigned char *bytes, size_t length)
{
	char text[BYTES_MAX * 2], body[256];

	/* base64url: another alphabet, no padding */
	EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
	text[strcspn(text, "=")] = '\0';
	for (char *c = text; *c != '\0'; c++)
		*c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
	snprintf(body, sizeof(body), "{\"key\":{\"kty\":\"oct-HSM\",\"k\":\"%s\"}}", text);
	key_import("wrap-test", body);
	load("managedhsm:demo:wrap-test");
}

/* ---- right results ---- */

/* RFC 3394 sections 4.1 to 4.6; RFC 5649 section 6. */
static const struct {
	const char *algorithm, *key, *plaintext, *block;
} vectors[] = {
	{ NULL, "000102030405060708090A0B0C0D0E0F", "00112233445566778899AABBCCDDEEFF",
	  "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5" },
	{ NULL, "000102030405060708090A0B0C0D0E0F1011121314151617", "00112233445566778899AABBCCDDEEFF",
	  "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D" },
	{ NULL, "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "00112233445566778899AABBCCDDEEFF",
	  "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7" },
	{ NULL, "000102030405060708090A0B0C0D0E0F1011121314151617", "00112233445566778899AABBCCDDEEFF0001020304050607",
	  "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2" },
	{ "A256KW", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
	  "00112233445566778899AABBCCDDEEFF0001020304050607",
	  "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1" },
	{ "CKM_AES_KEY_WRAP", "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
	  "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
	  "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21" },
	{ PAD, "5840DF6E29B02AF1AB493B705BF16EA1AE8338F4DCC176A8", "C37B7E6492584340BED12207808941155068F738",
	  "138BDEAA9B8FA7FC61F97742E72248EE5AE6AE5360D1AE6A5F54F373FA543B6A" },
	{ PAD, "5840DF6E29B02AF1AB493B705BF16EA1AE8338F4DCC176A8", "466F7250617369",
	  "AFBEB0F07DFBF5419200F2CCB50BB24F" },
};

#define VECTOR_COUNT ((int)(sizeof(vectors) / sizeof(vectors[0])))

START_TEST(the_vectors_come_out_both_ways)
{
	unsigned char bytes[BYTES_MAX], plaintext[BYTES_MAX], block[BYTES_MAX], out[BYTES_MAX];
	size_t plaintext_length, block_length, length = sizeof(out);

	import(bytes, from_hex(vectors[_i].key, bytes));
	plaintext_length = from_hex(vectors[_i].plaintext, plaintext);
	block_length = from_hex(vectors[_i].block, block);
	ck_assert(run(key, 1, vectors[_i].algorithm, plaintext, plaintext_length, out, &length));
	ck_assert_uint_eq(length, block_length);
	ck_assert_mem_eq(out, block, block_length);
	length = sizeof(out);
	ck_assert(run(key, 0, vectors[_i].algorithm, block, block_length, out, &length));
	ck_assert_uint_eq(length, plaintext_length);
	ck_assert_mem_eq(out, plaintext, plaintext_length);
	ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

/* The default provider's key wrap, with the bytes that the HSM was given. */
static size_t wrap_plain(const unsigned char *bytes, int padded, const unsigned char *in, size_t length,
                         unsigned char *out)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, padded ? "AES-256-WRAP-PAD" : "AES-256-WRAP", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int first = 0, last = 0;

	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	ck_assert_int_eq(EVP_EncryptInit_ex2(ctx, cipher, bytes, NULL, NULL), 1);
	ck_assert_int_eq(EVP_EncryptUpdate(ctx, out, &first, in, (int)length), 1);
	ck_assert_int_eq(EVP_EncryptFinal_ex(ctx, out + first, &last), 1);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return (size_t)(first + last);
}

START_TEST(a_block_is_the_one_that_the_default_provider_makes)
{
	static const size_t lengths[] = { 16, 24, 32, 40, 1, 7, 8, 9, 15, 17, 31, 33, 5120, 5119 };
	unsigned char bytes[32], plaintext[5120], expected[5136], block[5128], out[5128];
	size_t length = lengths[_i], expected_length, n;
	int padded = length % 8 != 0 || length < 16;

	RAND_bytes_ex(NULL, bytes, sizeof(bytes), 0);
	RAND_bytes_ex(NULL, plaintext, sizeof(plaintext), 0);
	import(bytes, sizeof(bytes));
	expected_length = wrap_plain(bytes, padded, plaintext, length, expected);
	ck_assert_uint_eq(expected_length, (length + 7) / 8 * 8 + 8);
	/* Exactly so much room. */
	n = expected_length;
	ck_assert(run(key, 1, padded ? PAD : NULL, plaintext, length, block, &n));
	ck_assert_uint_eq(n, expected_length);
	ck_assert_mem_eq(block, expected, n);
	n = length;
	ck_assert(run(key, 0, padded ? PAD : NULL, block, expected_length, out, &n));
	ck_assert_uint_eq(n, length);
	ck_assert_mem_eq(out, plaintext, n);
	ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

START_TEST(a_size_query_is_exact_and_costs_no_request)
{
	unsigned char buffer[40] = { 0 };
	size_t length = 0;

	stats_reset();
	ck_assert(run(key, 1, NULL, buffer, 32, NULL, &length));
	ck_assert_uint_eq(length, 40);
	ck_assert(run(key, 1, PAD, buffer, 33, NULL, &length));
	ck_assert_uint_eq(length, 48);
	ck_assert(run(key, 0, NULL, buffer, 40, NULL, &length));
	ck_assert_uint_eq(length, 32);
	ck_assert(run(key, 1, NULL, NULL, 0, NULL, &length));
	ck_assert_uint_eq(length, (size_t)EVP_PKEY_get_size(key));
	ck_assert_int_eq(stats_read().requests, 0);
}
END_TEST

/* ---- the key's size ---- */

START_TEST(with_a_size_from_the_service_each_operation_is_one_request)
{
	unsigned char plaintext[32] = { 1, 2, 3 }, block[40], out[32];
	size_t length = sizeof(block);

	load(keys[_i].uri);
	ck_assert_int_eq(EVP_PKEY_get_bits(key), keys[_i].bits);
	ck_assert_int_eq(EVP_PKEY_get_security_bits(key), keys[_i].bits);
	stats_reset();
	ck_assert(run(key, 1, NULL, plaintext, sizeof(plaintext), block, &length));
	ck_assert_int_eq(stats_read().requests, 1);
	length = sizeof(out);
	ck_assert(run(key, 0, NULL, block, sizeof(block), out, &length));
	ck_assert_int_eq(stats_read().requests, 2);
	ck_assert_mem_eq(out, plaintext, sizeof(out));
}
END_TEST

START_TEST(an_unknown_size_is_tried_from_the_largest_and_remembered)
{
	unsigned char plaintext[32] = { 1, 2, 3 }, block[40], out[32];
	int tries = 3 - _i % KEY_COUNT, wrap_first = _i < KEY_COUNT;
	size_t length = sizeof(block);
	EVP_PKEY *other;

	load(keys[_i % KEY_COUNT].uri);
	ck_assert_int_eq(EVP_PKEY_get_bits(key), 256);
	/* The block comes from another key object, so that this one's first operation may be an unwrapping. */
	other = EVP_PKEY_dup(key);
	stats_reset();
	ck_assert(run(wrap_first ? key : other, 1, NULL, plaintext, sizeof(plaintext), block, &length));
	ck_assert_int_eq(stats_read().requests, tries);
	stats_reset();
	length = sizeof(out);
	ck_assert(run(key, 0, NULL, block, sizeof(block), out, &length));
	ck_assert_int_eq(stats_read().requests, wrap_first ? 1 : tries);
	ck_assert_mem_eq(out, plaintext, sizeof(out));
	stats_reset();
	ck_assert(run(key, 0, NULL, block, sizeof(block), out, &length));
	length = sizeof(block);
	ck_assert(run(key, 1, NULL, plaintext, sizeof(plaintext), block, &length));
	ck_assert_int_eq(stats_read().requests, 2);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	EVP_PKEY_free(other);
}
END_TEST

START_TEST(what_was_refused_is_not_remembered)
{
	unsigned char plaintext[32] = { 1, 2, 3 }, block[40], out[32];
	size_t length = sizeof(block);
	char text[1024];

	load("managedhsm:demo:aes128");
	ck_assert(!run(key, 1, "A256KW", plaintext, sizeof(plaintext), block, &length));
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_SERVICE);
	/* A tampered block is refused under all three; the right one then still finds its size. */
	memset(block, 7, sizeof(block));
	length = sizeof(out);
	stats_reset();
	ck_assert(!run(key, 0, NULL, block, sizeof(block), out, &length));
	ck_assert_int_eq(stats_read().requests, 3);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_DECRYPT);
	length = sizeof(block);
	ck_assert(run(key, 1, NULL, plaintext, sizeof(plaintext), block, &length));
	length = sizeof(out);
	ck_assert(run(key, 0, NULL, block, sizeof(block), out, &length));
	ck_assert_mem_eq(out, plaintext, sizeof(out));
}
END_TEST

START_TEST(only_a_refusal_leads_to_another_try)
{
	static const struct {
		const char *fault;
		int tries, reason;
	} faults[] = {
		{ "{\"status\":403}", 1, MH_R_FORBIDDEN },
		{ "{\"status\":404}", 1, MH_R_NOT_FOUND },
		{ "{\"garbage\":true}", 1, MH_R_BAD_ANSWER },
		{ "{\"status\":400}", 3, MH_R_SERVICE },
	};
	unsigned char plaintext[32] = { 1, 2, 3 }, block[40];
	size_t length = sizeof(block);
	char text[1024];

	load("managedhsm:demo:aes128");
	fault_set(faults[_i].fault);
	stats_reset();
	ck_assert(!run(key, 1, NULL, plaintext, sizeof(plaintext), block, &length));
	ck_assert_int_eq(stats_read().requests, faults[_i].tries);
	ck_assert_int_eq(last_reason(text, sizeof(text)), faults[_i].reason);
	ck_assert_int_eq(strstr(text, "A256KW, A192KW and A128KW were tried") != NULL, faults[_i].tries == 3);
	fault_clear();
}
END_TEST

START_TEST(a_size_that_is_said_needs_no_tries)
{
	unsigned char plaintext[32] = { 1, 2, 3 }, block[40];
	size_t length = sizeof(block);
	char uri[128], text[1024], *got = text;
	OSSL_PARAM params[] = { OSSL_PARAM_utf8_string("algorithm", got, sizeof(text)), OSSL_PARAM_END };
	EVP_PKEY_CTX *ctx;

	/* In the URI. */
	snprintf(uri, sizeof(uri), "%s?algorithm=%s", keys[_i].uri, keys[_i].algorithm);
	load(uri);
	ck_assert_int_eq(EVP_PKEY_get_bits(key), keys[_i].bits);
	stats_reset();
	ck_assert(run(key, 1, NULL, plaintext, sizeof(plaintext), block, &length));
	ck_assert_int_eq(stats_read().requests, 1);
	/* By parameter, which then is known of the key. */
	load(keys[_i].uri);
	stats_reset();
	ck_assert(run(key, 1, keys[_i].algorithm, plaintext, sizeof(plaintext), block, &length));
	ck_assert(run(key, 1, NULL, plaintext, sizeof(plaintext), block, &length));
	ck_assert_int_eq(stats_read().requests, 2);
	ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, key, NULL);
	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_get_params(ctx, params), 1);
	ck_assert_str_eq(text, keys[_i].algorithm);
	EVP_PKEY_CTX_free(ctx);
}
END_TEST

START_TEST(a_size_that_is_wrong_is_refused)
{
	char text[1024];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, key, NULL);

	ck_assert_ptr_null(load_key(f.libctx, "managedhsm:demo:aes256?algorithm=A128KW", OSSL_STORE_INFO_PKEY));
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_URI);
	ck_assert_ptr_null(load_key(f.libctx, "managedhsm:demo:rsa2048?algorithm=A128KW", OSSL_STORE_INFO_PKEY));
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_URI);
	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	ck_assert_int_ne(EVP_PKEY_CTX_ctrl_str(ctx, "algorithm", "A192KW"), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_PARAMETER);
	ck_assert_int_ne(EVP_PKEY_CTX_ctrl_str(ctx, "algorithm", "A512KW"), 1);
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_PARAMETER);
	ck_assert_int_ne(EVP_PKEY_CTX_ctrl_str(ctx, "rsa_padding_mode", "oaep"), 1);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
}
END_TEST

/* ---- wrong input ---- */

START_TEST(every_bad_block_gives_the_same_error)
{
	const char *algorithm = _i == 0 ? NULL : _i == 1 ? "A256KW" : PAD;
	unsigned char plaintext[32] = { 1, 2, 3 }, good[40], block[5136] = { 0 }, out[5136];
	char first[1024] = "", text[1024];
	size_t length = sizeof(good);

	ck_assert(run(key, 1, algorithm, plaintext, sizeof(plaintext), good, &length));
	for (size_t kind = 0; kind < 9; kind++) {
		/* tampered at the start, in the middle, at the end; truncated; longer; other lengths; empty */
		static const size_t lengths[] = { 40, 40, 40, 32, 48, 39, 8, 5136, 0 };

		memcpy(block, good, sizeof(good));
		if (kind < 3)
			block[20 * kind - (kind == 2)] ^= 1;
		length = sizeof(out);
		ck_assert(!run(key, 0, algorithm, block, lengths[kind], out, &length));
		ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_DECRYPT);
		if (kind == 0)
			memcpy(first, text, sizeof(first));
		ck_assert_str_eq(text, first);
	}
}
END_TEST

START_TEST(a_length_that_cannot_be_wrapped_is_refused_without_a_request)
{
	static const size_t lengths[] = { 0, 1, 8, 15, 17, 20, 31, 5128 };
	unsigned char plaintext[5128] = { 0 }, block[5136];
	char text[1024];

	stats_reset();
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t length = sizeof(block);

		ck_assert(!run(key, 1, NULL, plaintext, lengths[i], block, &length));
		ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_PARAMETER);
		if (lengths[i] > 0 && lengths[i] < 5128)
			ck_assert_ptr_nonnull(strstr(text, "-pkeyopt algorithm:" PAD));
		ck_assert(!run(key, 1, NULL, plaintext, lengths[i], NULL, &length));
		ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_PARAMETER);
	}
	ck_assert_int_eq(stats_read().requests, 0);
}
END_TEST

START_TEST(a_buffer_that_is_too_small_is_not_written_to)
{
	unsigned char plaintext[32] = { 1, 2, 3 }, block[41] = { 0 };
	size_t length = 39;
	char text[1024];

	ck_assert(!run(key, 1, NULL, plaintext, sizeof(plaintext), block, &length));
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BUFFER_TOO_SMALL);
	ck_assert_uint_eq(block[0], 0);
	length = 40;
	ck_assert(run(key, 1, PAD, plaintext, 31, block, &length));
	length = 30;
	memset(plaintext, 0, sizeof(plaintext));
	ck_assert(!run(key, 0, PAD, block, 40, plaintext, &length));
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BUFFER_TOO_SMALL);
	ck_assert_uint_eq(plaintext[0], 0);
	length = 31;
	ck_assert(run(key, 0, PAD, block, 40, plaintext, &length));
	ck_assert_uint_eq(plaintext[0], 1);
}
END_TEST

/* ---- the key object ---- */

START_TEST(a_key_file_loads_without_a_request_and_keeps_the_size)
{
	unsigned char plaintext[16] = { 1, 2, 3 }, block[24];
	BIO *file = BIO_new(BIO_s_mem());
	size_t length = sizeof(block);
	EVP_PKEY *again;

	load(keys[_i].uri);
	ck_assert_int_eq(PEM_write_bio_PrivateKey_ex(file, key, NULL, NULL, 0, NULL, NULL, f.libctx, NULL), 1);
	stats_reset();
	again = PEM_read_bio_PrivateKey_ex(file, NULL, NULL, NULL, f.libctx, NULL);
	ck_assert_ptr_nonnull(again);
	ck_assert_int_eq(EVP_PKEY_eq(key, again), 1);
	ck_assert_int_eq(EVP_PKEY_get_bits(again), keys[_i].bits);
	ck_assert_int_eq(stats_read().requests, 0);
	ck_assert(run(again, 1, NULL, plaintext, sizeof(plaintext), block, &length));
	ck_assert_int_eq(stats_read().requests, 1);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	EVP_PKEY_free(again);
	BIO_free(file);
}
END_TEST

START_TEST(a_key_file_that_is_not_exactly_one_is_refused)
{
	static const char v[] = "managedhsm:demo:aes256:0123456789abcdef0123456789abcdef";
	struct {
		unsigned char version, after_uri[8];
		size_t after_uri_length;
		int good;
	} files[] = {
		{ 2, { 2, 2, 1, 0 }, 4, 1 }, /* 256 */
		{ 2, { 2, 1, 0 }, 3, 1 }, /* not known */
		{ 2, { 2, 2, 0, 128 }, 4, 1 },     { 2, { 2, 1, 128 }, 3, 0 }, /* -128 */
		{ 2, { 2, 3, 0, 1, 0 }, 5, 0 }, /* not the shortest form */
		{ 2, { 2, 1, 64 }, 3, 0 },         { 2, { 0 }, 0, 0 },          { 2, { 0x30, 0, 2, 2, 1, 0 }, 6, 0 },
		{ 2, { 2, 2, 1, 0, 5, 0 }, 6, 0 }, { 1, { 2, 2, 1, 0 }, 4, 0 }, { 1, { 0 }, 0, 0 },
		{ 3, { 2, 2, 1, 0 }, 4, 0 },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		unsigned char der[128] = { 0x30, 0, 2, 1, files[i].version, 12, sizeof(v) - 1 };
		size_t length = 7 + sizeof(v) - 1;
		BIO *file = BIO_new(BIO_s_mem());
		char text[1024];
		EVP_PKEY *loaded;

		memcpy(der + 7, v, sizeof(v) - 1);
		memcpy(der + length, files[i].after_uri, files[i].after_uri_length);
		length += files[i].after_uri_length;
		der[1] = (unsigned char)(length - 2);
		ck_assert_int_gt(PEM_write_bio(file, "MANAGED HSM KEY", "", der, (long)length), 0);
		loaded = PEM_read_bio_PrivateKey_ex(file, NULL, NULL, NULL, f.libctx, NULL);
		ck_assert_msg((loaded != NULL) == files[i].good, "file %zu", i);
		if (loaded == NULL)
			ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_KEY_FILE);
		ck_assert_uint_eq(ERR_peek_error(), 0);
		EVP_PKEY_free(loaded);
		BIO_free(file);
	}
}
END_TEST

START_TEST(a_duplicate_wraps_and_equals_and_another_key_does_not)
{
	EVP_PKEY *copy = EVP_PKEY_dup(key), *other = load_key(f.libctx, "managedhsm:demo:aes192", OSSL_STORE_INFO_PKEY);
	EVP_PKEY *rsa = load_key(f.libctx, "managedhsm:demo:rsa2048", OSSL_STORE_INFO_PKEY);
	EVP_PKEY *upper = load_key(f.libctx, "managedhsm://DEMO/AES256", OSSL_STORE_INFO_PKEY);
	unsigned char plaintext[16] = { 1, 2, 3 }, block[24];
	EVP_PKEY_CTX *ctx, *ctx_copy;
	size_t length = sizeof(block);

	ck_assert_ptr_nonnull(copy);
	ck_assert_int_eq(EVP_PKEY_eq(key, copy), 1);
	ck_assert_int_eq(EVP_PKEY_eq(key, upper), 1);
	ck_assert_int_ne(EVP_PKEY_eq(key, other), 1);
	ck_assert_int_ne(EVP_PKEY_eq(key, rsa), 1);
	ck_assert_int_ne(EVP_PKEY_eq(rsa, key), 1);
	ERR_clear_error();
	/* And a context that was duplicated, after the first one is gone. */
	ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, copy, NULL);
	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_ctrl_str(ctx, "algorithm", PAD), 1);
	ctx_copy = EVP_PKEY_CTX_dup(ctx);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(copy);
	ck_assert_ptr_nonnull(ctx_copy);
	ck_assert_int_eq(EVP_PKEY_encrypt(ctx_copy, block, &length, plaintext, 15), 1);
	ck_assert_uint_eq(length, 24);
	EVP_PKEY_CTX_free(ctx_copy);
	EVP_PKEY_free(upper);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(other);
}
END_TEST

START_TEST(its_text_says_where_it_is)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *text = NULL;

	load(keys[_i].uri);
	ck_assert_int_eq(EVP_PKEY_print_private(out, key, 0, NULL), 1);
	BIO_write(out, "", 1);
	BIO_get_mem_data(out, &text);
	ck_assert_ptr_nonnull(strstr(text, _i == 0   ? "Secret-Key: (128 bit AES, in Azure Managed HSM)\n"
	                                   : _i == 1 ? "Secret-Key: (192 bit AES, in Azure Managed HSM)\n"
	                                             : "Secret-Key: (256 bit AES, in Azure Managed HSM)\n"));
	ck_assert_ptr_nonnull(strstr(text, keys[_i].uri));
	ck_assert_ptr_nonnull(strstr(text, "wrapKey unwrapKey\n"));
	ck_assert_uint_eq(ERR_peek_error(), 0);
	BIO_free(out);
}
END_TEST

START_TEST(nothing_is_exported_and_nothing_else_works)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, key, NULL);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	X509 *certificate = X509_new_ex(f.libctx, NULL);
	SSL_CTX *ssl = SSL_CTX_new_ex(f.libctx, NULL, TLS_method());
	EVP_PKEY *rsa = load_key(f.libctx, "managedhsm:demo:rsa2048", OSSL_STORE_INFO_PKEY);
	unsigned char bytes[64], *der = NULL;
	OSSL_PARAM *parameters = NULL;
	BIO *out = BIO_new(BIO_s_null());
	size_t length = sizeof(bytes);
	EVP_PKEY *empty = EVP_PKEY_new(), *made = NULL;
	OSSL_PARAM none[] = { OSSL_PARAM_END };

	stats_reset();
	ck_assert_int_le(EVP_PKEY_sign_init(ctx), 0);
	ck_assert_int_le(EVP_PKEY_verify_init(ctx), 0);
	ck_assert_int_le(EVP_PKEY_derive_init(ctx), 0);
	ck_assert_int_le(EVP_PKEY_encapsulate_init(ctx, NULL), 0);
	/* Only in the HSM, and only where a URI says. */
	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	ck_assert_int_le(EVP_PKEY_keygen(ctx, &made), 0);
	ck_assert(EVP_PKEY_fromdata_init(ctx) != 1 || EVP_PKEY_fromdata(ctx, &made, EVP_PKEY_KEYPAIR, none) != 1);
	ck_assert_int_ne(EVP_DigestSignInit_ex(md, NULL, "SHA256", f.libctx, NULL, key, NULL), 1);
	ck_assert_int_ne(EVP_DigestVerifyInit_ex(md, NULL, "SHA256", f.libctx, NULL, key, NULL), 1);
	ck_assert_int_ne(EVP_PKEY_todata(key, EVP_PKEY_KEYPAIR, &parameters), 1);
	ck_assert_int_ne(EVP_PKEY_todata(key, EVP_PKEY_PUBLIC_KEY, &parameters), 1);
	ck_assert_int_ne(EVP_PKEY_get_raw_private_key(key, bytes, &length), 1);
	ck_assert_int_ne(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PRIV_KEY, bytes, sizeof(bytes), &length),
	                 1);
	ck_assert_int_le(i2d_PUBKEY(key, &der), 0);
	ck_assert_int_le(i2d_PrivateKey(key, &der), 0);
	ck_assert_ptr_null(EVP_PKEY2PKCS8(key));
	ck_assert_int_ne(PEM_write_bio_PUBKEY(out, key), 1);
	ck_assert_int_ne(
		PEM_write_bio_PrivateKey(out, key, EVP_aes_128_cbc(), (const unsigned char *)"pass", 4, NULL, NULL), 1);
	ck_assert_int_ne(X509_set_pubkey(certificate, key), 1);
	ck_assert_int_le(X509_sign(certificate, key, EVP_sha256()), 0);
	ck_assert_int_ne(SSL_CTX_use_PrivateKey(ssl, key), 1);
	ck_assert_ptr_null(EVP_PKEY_get0_RSA(key));
	ck_assert_ptr_null(EVP_PKEY_get0_EC_KEY(key));
	ck_assert_int_le(EVP_PKEY_get_default_digest_name(key, (char *)bytes, sizeof(bytes)), 0);
	ck_assert_int_ne(EVP_PKEY_get_group_name(key, (char *)bytes, sizeof(bytes), &length), 1);
	ck_assert_int_ne(EVP_PKEY_copy_parameters(empty, key), 1);
	ck_assert_int_ne(EVP_PKEY_copy_parameters(rsa, key), 1);
	ck_assert_int_ne(EVP_PKEY_set_type_str(empty, "AES-KW", -1), 1);
	ck_assert_ptr_null(load_key(f.libctx, "managedhsm:demo:aes256", OSSL_STORE_INFO_PUBKEY));
	ck_assert_int_eq(stats_read().requests, 1);
	ERR_clear_error();
	EVP_PKEY_free(empty);
	EVP_PKEY_free(rsa);
	SSL_CTX_free(ssl);
	X509_free(certificate);
	EVP_MD_CTX_free(md);
	EVP_PKEY_CTX_free(ctx);
	BIO_free(out);
}
END_TEST

START_TEST(an_operation_can_be_started_again_with_the_same_key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(f.libctx, key, NULL);
	unsigned char plaintext[16] = { 1, 2, 3 }, block[24], out[16];
	size_t length = sizeof(block);

	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_ctrl_str(ctx, "algorithm", PAD), 1);
	/* The second start forgets the padding. */
	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_encrypt(ctx, block, &length, plaintext, 16), 1);
	ck_assert_int_ne(EVP_PKEY_decrypt(ctx, out, &length, block, 24), 1);
	ERR_clear_error();
	ck_assert_int_eq(EVP_PKEY_decrypt_init(ctx), 1);
	length = sizeof(out);
	ck_assert_int_eq(EVP_PKEY_decrypt(ctx, out, &length, block, 24), 1);
	ck_assert_mem_eq(out, plaintext, 16);
	EVP_PKEY_CTX_free(ctx);
}
END_TEST

static void add_more(TCase *tests)
{
	tcase_add_loop_test(tests, every_bad_block_gives_the_same_error, 0, 3);
	tcase_add_test(tests, a_length_that_cannot_be_wrapped_is_refused_without_a_request);
	tcase_add_test(tests, a_buffer_that_is_too_small_is_not_written_to);
	tcase_add_loop_test(tests, a_key_file_loads_without_a_request_and_keeps_the_size, 0, KEY_COUNT);
	tcase_add_test(tests, a_key_file_that_is_not_exactly_one_is_refused);
	tcase_add_test(tests, a_duplicate_wraps_and_equals_and_another_key_does_not);
	tcase_add_loop_test(tests, its_text_says_where_it_is, 0, KEY_COUNT);
	tcase_add_test(tests, nothing_is_exported_and_nothing_else_works);
	tcase_add_test(tests, an_operation_can_be_started_again_with_the_same_key);
}

TCase *tests_wrap(void)
{
	TCase *tests = tcase_create("wrap");

	tcase_set_timeout(tests, 0);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, the_vectors_come_out_both_ways, 0, VECTOR_COUNT);
	tcase_add_loop_test(tests, a_block_is_the_one_that_the_default_provider_makes, 0, 14);
	tcase_add_test(tests, a_size_query_is_exact_and_costs_no_request);
	tcase_add_loop_test(tests, with_a_size_from_the_service_each_operation_is_one_request, 0, KEY_COUNT);
	tcase_add_test(tests, a_size_that_is_wrong_is_refused);
	add_more(tests);
	return tests;
}

TCase *tests_wrap_unknown_size(void)
{
	TCase *tests = tcase_create("wrap, size unknown");

	tcase_set_timeout(tests, 0);
	tcase_add_checked_fixture(tests, setup_without_size, teardown);
	tcase_add_loop_test(tests, the_vectors_come_out_both_ways, 0, VECTOR_COUNT);
	tcase_add_loop_test(tests, an_unknown_size_is_tried_from_the_largest_and_remembered, 0, 2 * KEY_COUNT);
	tcase_add_test(tests, what_was_refused_is_not_remembered);
	tcase_add_loop_test(tests, only_a_refusal_leads_to_another_try, 0, 4);
	tcase_add_loop_test(tests, a_size_that_is_said_needs_no_tries, 0, KEY_COUNT);
	return tests;
}
