/* SPDX-License-Identifier: Apache-2.0 */
/* AES keys in the HSM as EVP_SKEY (OpenSSL >= 3.5): ciphers and HMAC with them, against the default provider with the
 * same bytes; nothing to test below. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "base/error.h"
#include "provider/compat.h"
#include "tests/evp/fixture.h"

#if MH_SKEY

#define OURS "provider=managedhsm"
#define LIMIT (32 * 1024)
#define ROOM (LIMIT + 64)

static struct fixture f;
static EVP_SKEY *key;
static unsigned char bytes[32], in[ROOM], out[ROOM], back[ROOM];

static EVP_SKEY *import_uri(const char *uri)
{
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string("managedhsm-uri", (char *)(uintptr_t)uri, 0),
		                OSSL_PARAM_construct_end() };

	return EVP_SKEY_import(f.libctx, "MANAGEDHSM-AES", OURS, OSSL_SKEYMGMT_SELECT_ALL, params);
}

/* A key of known bytes in the HSM, loaded. */
static void import_bits(int bits)
{
	char text[64], body[160];

	EVP_EncodeBlock((unsigned char *)text, bytes, bits / 8);
	text[strcspn(text, "=")] = '\0';
	for (char *c = text; *c != '\0'; c++)
		*c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
	snprintf(body, sizeof(body), "{\"key\":{\"kty\":\"oct-HSM\",\"k\":\"%s\"}}", text);
	key_import("skey-test", body);
	EVP_SKEY_free(key);
	key = import_uri("managedhsm:demo:skey-test");
	ck_assert_ptr_nonnull(key);
}

static void setup(void)
{
	/* First: the order in which names could do harm. */
	f = fixture_open(DEFAULT_LAST);
	ERR_clear_error();
	for (int i = 0; i < (int)sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 7 + 1);
	for (int i = 0; i < ROOM; i++)
		in[i] = (unsigned char)(i * 31);
	import_bits(256);
}

static void teardown(void)
{
	EVP_SKEY_free(key);
	key = NULL;
	fixture_close(&f);
}

/* The last error says this. */
static void said(int reason, const char *words)
{
	char text[1024];

	ck_assert_int_eq(last_reason(text, sizeof(text)), reason);
	ck_assert_msg(strstr(text, words) != NULL, "%s", text);
}

static EVP_CIPHER *fetch(int bits, const char *mode, int ours)
{
	char name[64];
	EVP_CIPHER *cipher;

	snprintf(name, sizeof(name), "%sAES-%d-%s", ours ? "MANAGEDHSM-" : "", bits, mode);
	cipher = EVP_CIPHER_fetch(f.libctx, name, ours ? OURS : NULL);
	ck_assert_ptr_nonnull(cipher);
	return cipher;
}

/* What one encryption or decryption is; with the HSM or, with the same bytes, with the default provider. */
struct job {
	int bits, gcm, ours, encrypt, no_padding;
	const unsigned char *iv; /* or NULL */
	const char *aad; /* or NULL */
	unsigned char *tag; /* GCM: taken or given */
	unsigned char *made_iv; /* where to put the iv that was made; or NULL */
};

static int run(const struct job *job, const unsigned char *from, int length, unsigned char *to)
{
	EVP_CIPHER *cipher = fetch(job->bits, job->gcm ? "GCM" : "CBC", job->ours);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int first = 0, last = 0, ignored, good;
	size_t size = ROOM;
	OSSL_PARAM room[] = { OSSL_PARAM_construct_size_t("managedhsm-output-size", &size),
		              OSSL_PARAM_construct_end() };

	good = job->ours ? EVP_CipherInit_SKEY(ctx, cipher, key, job->iv, job->gcm ? 12 : 16, job->encrypt, room)
	                 : EVP_CipherInit_ex2(ctx, cipher, bytes, job->iv, job->encrypt, NULL);
	if (good && job->no_padding)
		good = EVP_CIPHER_CTX_set_padding(ctx, 0);
	if (good && job->aad != NULL)
		good = EVP_CipherUpdate(ctx, NULL, &ignored, (const unsigned char *)job->aad, (int)strlen(job->aad));
	if (good)
		good = EVP_CipherUpdate(ctx, to, &first, from, length);
	if (good && job->ours)
		ck_assert_int_eq(first, 0);
	if (good && job->tag != NULL && !job->encrypt)
		good = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, job->tag);
	if (good)
		good = EVP_CipherFinal_ex(ctx, to + first, &last);
	if (good && job->tag != NULL && job->encrypt)
		good = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, job->tag);
	if (good && job->made_iv != NULL)
		good = EVP_CIPHER_CTX_get_updated_iv(ctx, job->made_iv, 12);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return good ? first + last : -1;
}

static const int sizes[] = { 128, 192, 256 };

/* ---- ciphers ---- */

START_TEST(gcm_is_the_default_providers_both_ways)
{
	unsigned char iv[12] = { 0 }, tag[16];
	struct job job = { .bits = sizes[_i % 3],
		           .gcm = 1,
		           .ours = 1,
		           .encrypt = 1,
		           .tag = tag,
		           .made_iv = iv,
		           .aad = _i < 3 ? "header" : NULL };
	int length = _i < 3 ? 1000 : 1;

	import_bits(job.bits);
	stats_reset();
	ck_assert_int_eq(run(&job, in, length, out), length);
	ck_assert_int_eq(stats_read().requests, 1);
	job = (struct job){ .bits = job.bits, .gcm = 1, .iv = iv, .tag = tag, .aad = job.aad };
	ck_assert_int_eq(run(&job, out, length, back), length);
	ck_assert_mem_eq(back, in, (size_t)length);
	/* And what the default provider encrypts comes out of the HSM. */
	memset(iv, 9, sizeof(iv));
	job.encrypt = 1;
	ck_assert_int_eq(run(&job, in, length, out), length);
	job.encrypt = 0;
	job.ours = 1;
	memset(back, 0, sizeof(back));
	stats_reset();
	ck_assert_int_eq(run(&job, out, length, back), length);
	ck_assert_int_eq(stats_read().requests, 1);
	ck_assert_mem_eq(back, in, (size_t)length);
	ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

START_TEST(cbc_is_the_default_providers_both_ways)
{
	static const int lengths[] = { 0, 1, 15, 16, 17, 4096, LIMIT - 1, LIMIT };
	unsigned char iv[16];
	struct job job = { .bits = sizes[_i % 3], .no_padding = _i >= 3, .iv = iv };

	memset(iv, 5, sizeof(iv));
	import_bits(job.bits);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		int length = job.no_padding ? lengths[i] / 16 * 16 : lengths[i], expected, written;

		job.encrypt = 1;
		job.ours = 0;
		expected = run(&job, in, length, back);
		job.ours = 1;
		stats_reset();
		written = run(&job, in, length, out);
		ck_assert_int_eq(written, expected);
		ck_assert_int_eq(stats_read().requests, written > 0);
		ck_assert_mem_eq(out, back, (size_t)written);
		if (written > LIMIT)
			continue;
		job.encrypt = 0;
		ck_assert_int_eq(run(&job, out, written, back), length);
		ck_assert_mem_eq(back, in, (size_t)length);
	}
	ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

START_TEST(what_was_changed_does_not_decrypt_and_always_in_the_same_words)
{
	unsigned char iv[12], tag[16];
	struct job job = { .bits = 256, .gcm = 1, .ours = 1, .encrypt = 1, .tag = tag, .made_iv = iv, .aad = "header" };

	ck_assert_int_eq(run(&job, in, 100, out), 100);
	job = (struct job){ .bits = 256, .gcm = 1, .ours = 1, .tag = tag, .iv = iv, .aad = "header" };
	ck_assert_int_eq(run(&job, out, 100, back), 100);
	memset(back, 0xee, sizeof(back));
	switch (_i) {
	case 0:
		tag[15] ^= 1;
		break;
	case 1:
		iv[0] ^= 1;
		break;
	case 2:
		job.aad = "headex";
		break;
	case 3:
		job.aad = NULL;
		break;
	default:
		out[50] ^= 1;
	}
	ck_assert_int_eq(run(&job, out, 100, back), -1);
	said(MH_R_DECRYPT, ": this does not decrypt with A256GCM under this key");
	ck_assert_int_eq(back[0], 0xee);
}
END_TEST

START_TEST(bad_cbc_padding_gives_one_error_too)
{
	unsigned char iv[16] = { 0 };
	struct job job = { .bits = 256, .ours = 1, .encrypt = 1, .no_padding = 1, .iv = iv };

	memset(in, 0x77, 32);
	ck_assert_int_eq(run(&job, in, 32, out), 32);
	job.encrypt = job.no_padding = 0;
	ck_assert_int_eq(run(&job, out, 32, back), -1);
	said(MH_R_DECRYPT, "A256CBCPAD");
	ck_assert_int_eq(run(&job, out, 31, back), -1);
	said(MH_R_BAD_PARAMETER, "multiple of 16");
	ck_assert_int_eq(run(&job, out, 0, back), -1);
	said(MH_R_BAD_PARAMETER, "16 bytes at least");
	job.encrypt = job.no_padding = 1;
	ck_assert_int_eq(run(&job, out, 31, back), -1);
	said(MH_R_BAD_PARAMETER, "multiple of 16");
}
END_TEST

/* ---- what is refused, without a request ---- */

START_TEST(what_cannot_be_is_refused_when_it_is_set)
{
	EVP_CIPHER *gcm = fetch(256, "GCM", 1), *cbc = fetch(256, "CBC", 1), *small = fetch(128, "GCM", 1);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char iv[16] = { 0 }, tag[16] = { 0 };
	int n;

	stats_reset();
	ck_assert_int_ne(EVP_CipherInit_SKEY(ctx, gcm, key, iv, 12, 1, NULL), 1);
	said(MH_R_BAD_PARAMETER, "the service makes the iv");
	ck_assert_int_ne(EVP_CipherInit_SKEY(ctx, gcm, key, iv, 16, 0, NULL), 1);
	said(MH_R_BAD_PARAMETER, "the iv has 16 bytes and the service takes 12");
	ck_assert_int_ne(EVP_CipherInit_SKEY(ctx, cbc, key, iv, 12, 1, NULL), 1);
	said(MH_R_BAD_PARAMETER, "the iv has 12 bytes");
	ck_assert_int_ne(EVP_EncryptInit_ex2(ctx, cbc, bytes, iv, NULL), 1);
	said(MH_R_UNSUPPORTED_KEY, "EVP_CipherInit_SKEY()");
	ck_assert_int_eq(EVP_CipherInit_SKEY(ctx, gcm, key, NULL, 0, 1, NULL), 1);
	ck_assert_int_ne(EVP_CIPHER_CTX_get_updated_iv(ctx, iv, 12), 1);
	said(MH_R_BAD_PARAMETER, "after the end");
	ck_assert_int_ne(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, tag), 1);
	said(MH_R_BAD_PARAMETER, "the service makes the tag");
	ck_assert_int_ne(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag), 1);
	said(MH_R_BAD_PARAMETER, "after the end");
	ck_assert_int_ne(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, 16, NULL), 1);
	said(MH_R_BAD_PARAMETER, "12 bytes, no other");
	ck_assert_int_ne(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_TLS1_AAD, 13, in), 1);
	said(MH_R_UNSUPPORTED_OPERATION, "TLS");
	ck_assert_int_eq(EVP_CipherInit_SKEY(ctx, gcm, key, iv, 12, 0, NULL), 1);
	ck_assert_int_ne(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 12, tag), 1);
	said(MH_R_BAD_PARAMETER, "must have 16 bytes");
	ck_assert_int_eq(EVP_CipherUpdate(ctx, out, &n, in, 16), 1);
	ck_assert_int_ne(EVP_CipherUpdate(ctx, NULL, &n, in, 16), 1);
	said(MH_R_BAD_PARAMETER, "before the text");
	ck_assert_int_ne(EVP_CipherFinal_ex(ctx, out, &n), 1);
	said(MH_R_BAD_PARAMETER, "no tag");
	ck_assert_int_eq(EVP_CipherInit_SKEY(ctx, cbc, key, NULL, 0, 1, NULL), 1);
	ck_assert_int_ne(EVP_CipherFinal_ex(ctx, out, &n), 1);
	said(MH_R_BAD_PARAMETER, "no iv");
	ck_assert_int_eq(EVP_CipherInit_SKEY(ctx, cbc, NULL, iv, 16, 1, NULL), 1);
	ck_assert_int_ne(EVP_CipherUpdate(ctx, out, &n, in, 16), 1);
	said(MH_R_UNSUPPORTED_OPERATION, "without a key");
	ck_assert_int_eq(stats_read().requests, 0);
	/* The size is known to the newest versions of the API only; otherwise the service refuses. */
	EVP_SKEY_free(key);
	key = import_uri("managedhsm:demo:skey-test?algorithm=A256KW");
	ck_assert_ptr_nonnull(key);
	ck_assert_int_ne(EVP_CipherInit_SKEY(ctx, small, key, NULL, 0, 1, NULL), 1);
	said(MH_R_BAD_PARAMETER, "has 256 bits and this cipher is for keys of 128");
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(small);
	EVP_CIPHER_free(gcm);
	EVP_CIPHER_free(cbc);
}
END_TEST

START_TEST(what_is_too_long_is_refused_without_a_request)
{
	unsigned char tag[16];
	struct job job = { .bits = 256, .gcm = 1, .ours = 1, .encrypt = 1, .tag = tag };
	char *aad = calloc(1, 8 * 1024 + 2);

	memset(aad, 'a', 8 * 1024);
	job.aad = aad;
	ck_assert_int_eq(run(&job, in, LIMIT, out), LIMIT);
	stats_reset();
	ck_assert_int_eq(run(&job, in, LIMIT + 1, out), -1);
	said(MH_R_BAD_PARAMETER, "the service's is not documented");
	aad[8 * 1024] = 'a';
	ck_assert_int_eq(run(&job, in, 1, out), -1);
	said(MH_R_BAD_PARAMETER, "the service's is not documented");
	ck_assert_int_eq(stats_read().requests, 0);
	free(aad);
}
END_TEST

/* Programs that copy streams give Final a small buffer, and EVP does not say how small: a block is what is sure. */
START_TEST(final_writes_no_more_than_is_sure_to_fit)
{
	EVP_CIPHER *cipher = fetch(256, "CBC", 1);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new(), *copy;
	unsigned char iv[16] = { 0 };
	struct job plain = { .bits = 256, .encrypt = 1, .iv = iv };
	size_t size = 64;
	OSSL_PARAM params[] = { OSSL_PARAM_construct_size_t("managedhsm-output-size", &size),
		                OSSL_PARAM_construct_end() };
	int n, i;

	ck_assert_int_eq(run(&plain, in, 60, back), 64);
	stats_reset();
	/* What was said for one message does not count for the next. */
	for (i = 0; i < 2; i++) {
		if (i == 1)
			ck_assert_int_eq(EVP_CIPHER_CTX_set_params(ctx, params), 1);
		ck_assert_int_eq(EVP_CipherInit_SKEY(ctx, cipher, key, iv, 16, 1, NULL), 1);
		ck_assert_int_eq(EVP_CipherUpdate(ctx, out, &n, in, 30), 1);
		ck_assert_int_eq(EVP_CipherUpdate(ctx, out, &n, in + 30, 30), 1);
		ck_assert_int_ne(EVP_CipherFinal_ex(ctx, out, &n), 1);
		said(MH_R_BUFFER_TOO_SMALL, "only known to have 16");
	}
	ck_assert_int_eq(stats_read().requests, 0);
	/* Nothing is lost: with the size said it goes on. A copy of the context makes the same. */
	ck_assert_int_eq(EVP_CIPHER_CTX_set_params(ctx, params), 1);
	copy = EVP_CIPHER_CTX_dup(ctx);
	ck_assert_ptr_nonnull(copy);
	ck_assert_int_eq(EVP_CipherFinal_ex(ctx, out, &n), 1);
	ck_assert_int_eq(n, 64);
	ck_assert_mem_eq(out, back, 64);
	ck_assert_int_eq(EVP_CipherFinal_ex(copy, out + 100, &n), 1);
	ck_assert_mem_eq(out + 100, back, 64);
	ck_assert_int_eq(EVP_CIPHER_CTX_get_updated_iv(ctx, iv, 16), 1);
	ck_assert_mem_eq(iv, back + 48, 16);
	ck_assert_int_ne(EVP_CipherFinal_ex(ctx, out, &n), 1);
	said(MH_R_UNSUPPORTED_OPERATION, "at its end");
	ck_assert_int_ne(EVP_CipherUpdate(ctx, out, &n, in, 1), 1);
	ERR_clear_error();
	/* One block needs no word. */
	ck_assert_int_eq(EVP_CipherInit_SKEY(ctx, cipher, key, iv, 16, 1, NULL), 1);
	ck_assert_int_eq(EVP_CipherUpdate(ctx, out, &n, in, 15), 1);
	ck_assert_int_eq(EVP_CipherFinal_ex(ctx, out, &n), 1);
	ck_assert_int_eq(n, 16);
	EVP_CIPHER_CTX_free(copy);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
}
END_TEST

/* ---- the key ---- */

static int take_uri(const OSSL_PARAM params[], void *arg)
{
	const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, "managedhsm-uri");
	char *text = arg;

	return p != NULL && OSSL_PARAM_get_utf8_string(p, &text, 512);
}

START_TEST(a_key_is_loaded_with_one_request_and_pinned_and_gives_nothing_away)
{
	const unsigned char *raw = NULL;
	char pinned[512];
	EVP_SKEY *other;
	size_t length = 0;

	stats_reset();
	other = import_uri("managedhsm:demo:aes256");
	ck_assert_ptr_nonnull(other);
	ck_assert_int_eq(stats_read().requests, 1);
	ck_assert_int_eq(stats_read().get, 1);
	ck_assert_str_eq(EVP_SKEY_get0_provider_name(other), "managedhsm");
	ck_assert_uint_eq(strlen(EVP_SKEY_get0_key_id(other)), strlen("managedhsm:demo:aes256:") + 32);
	ck_assert_int_eq(EVP_SKEY_export(other, OSSL_SKEYMGMT_SELECT_PARAMETERS, take_uri, pinned), 1);
	ck_assert_str_eq(pinned, EVP_SKEY_get0_key_id(other));
	ck_assert_int_ne(EVP_SKEY_get0_raw_key(other, &raw, &length), 1);
	said(MH_R_UNSUPPORTED_OPERATION, "do not leave the HSM");
	ck_assert_int_eq(EVP_SKEY_up_ref(other), 1);
	EVP_SKEY_free(other);
	EVP_SKEY_free(other);
}
END_TEST

START_TEST(what_is_no_aes_key_is_refused)
{
	ck_assert_ptr_null(EVP_SKEY_import_raw_key(f.libctx, "MANAGEDHSM-AES", bytes, 32, OURS));
	said(MH_R_BAD_PARAMETER, "bytes of a key");
	ck_assert_ptr_null(EVP_SKEY_import(f.libctx, "MANAGEDHSM-AES", OURS, OSSL_SKEYMGMT_SELECT_ALL, NULL));
	said(MH_R_BAD_PARAMETER, "managedhsm-uri");
	ck_assert_ptr_null(EVP_SKEY_generate(f.libctx, "MANAGEDHSM-AES", OURS, NULL));
	said(MH_R_UNSUPPORTED_OPERATION, "EVP_SKEY_generate()");
	ck_assert_ptr_null(import_uri("managedhsm:demo:rsa2048"));
	said(MH_R_UNSUPPORTED_KEY, "no AES key");
	ck_assert_ptr_null(import_uri("managedhsm:demo"));
	said(MH_R_BAD_URI, "one AES key");
	ck_assert_ptr_null(import_uri("managedhsm:demo:aes256:versions"));
	said(MH_R_BAD_URI, "one AES key");
	ck_assert_ptr_null(import_uri("file:x"));
	ck_assert_ptr_null(import_uri("managedhsm:demo:nosuch"));
	said(MH_R_NOT_FOUND, "nosuch");
}
END_TEST

/* ---- HMAC ---- */

static const char *const digests[] = { "SHA256", "SHA2-384", "SHA512" };

START_TEST(hmac_is_the_default_providers)
{
	EVP_MAC *mac = EVP_MAC_fetch(f.libctx, "MANAGEDHSM-HMAC", OURS);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string("digest", (char *)(uintptr_t)digests[_i], 0),
		                OSSL_PARAM_construct_end() };
	static const size_t lengths[] = { 0, 1, 500, LIMIT };
	unsigned char expected[64], value[64];
	size_t length, expected_length;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		ck_assert_ptr_nonnull(EVP_Q_mac(f.libctx, "HMAC", NULL, digests[_i], NULL, bytes, 32, in, lengths[i],
		                                expected, sizeof(expected), &expected_length));
		stats_reset();
		ck_assert_int_eq(EVP_MAC_init_SKEY(ctx, key, params), 1);
		ck_assert_uint_eq(EVP_MAC_CTX_get_mac_size(ctx), expected_length);
		ck_assert_int_eq(EVP_MAC_update(ctx, in, lengths[i] / 2), 1);
		ck_assert_int_eq(EVP_MAC_update(ctx, in + lengths[i] / 2, lengths[i] - lengths[i] / 2), 1);
		ck_assert_int_eq(EVP_MAC_final(ctx, NULL, &length, 0), 1);
		ck_assert_int_eq(stats_read().requests, 0);
		ck_assert_int_eq(EVP_MAC_final(ctx, value, &length, sizeof(value)), 1);
		ck_assert_int_eq(stats_read().sign, 1);
		ck_assert_uint_eq(length, expected_length);
		ck_assert_mem_eq(value, expected, length);
	}
	ck_assert_int_ne(EVP_MAC_update(ctx, in, 1), 1);
	said(MH_R_BAD_PARAMETER, "the service's is not documented");
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}
END_TEST

START_TEST(an_hmac_that_cannot_be_is_refused)
{
	EVP_MAC *mac = EVP_MAC_fetch(f.libctx, "MANAGEDHSM-HMAC", OURS);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string("digest", (char *)(uintptr_t) "SHA1", 0),
		                OSSL_PARAM_construct_end() };

	stats_reset();
	ck_assert_int_ne(EVP_MAC_init_SKEY(ctx, key, params), 1);
	said(MH_R_UNSUPPORTED_DIGEST, "SHA2-512");
	ck_assert_int_eq(EVP_MAC_init_SKEY(ctx, key, NULL), 1);
	ck_assert_int_ne(EVP_MAC_update(ctx, in, 1), 1);
	said(MH_R_BAD_PARAMETER, "digest was not set");
	ck_assert_int_ne(EVP_MAC_init(ctx, bytes, 32, NULL), 1);
	said(MH_R_UNSUPPORTED_KEY, "EVP_MAC_init_SKEY()");
	ck_assert_int_eq(stats_read().requests, 0);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}
END_TEST

/* ---- names ---- */

START_TEST(what_is_fetched_without_a_property_is_not_ours)
{
	static const char *const ciphers[] = { "AES-128-GCM", "AES-256-GCM", "AES-128-CBC", "AES-256-CBC" };
	EVP_SKEY *raw;
	EVP_MAC *mac = EVP_MAC_fetch(f.libctx, "HMAC", NULL);

	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
		EVP_CIPHER *cipher = EVP_CIPHER_fetch(f.libctx, ciphers[i], NULL);

		ck_assert_str_eq(OSSL_PROVIDER_get0_name(EVP_CIPHER_get0_provider(cipher)), "default");
		EVP_CIPHER_free(cipher);
	}
	ck_assert_str_eq(OSSL_PROVIDER_get0_name(EVP_MAC_get0_provider(mac)), "default");
	EVP_MAC_free(mac);
	raw = EVP_SKEY_import_raw_key(f.libctx, "AES", bytes, 32, NULL);
	ck_assert_str_eq(EVP_SKEY_get0_provider_name(raw), "default");
	EVP_SKEY_free(raw);
	raw = EVP_SKEY_import_raw_key(f.libctx, "GENERIC-SECRET", bytes, 32, NULL);
	ck_assert_str_eq(EVP_SKEY_get0_provider_name(raw), "default");
	EVP_SKEY_free(raw);
}
END_TEST

TCase *tests_skey(void)
{
	TCase *tests = tcase_create("skey");

	tcase_set_timeout(tests, 0);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, gcm_is_the_default_providers_both_ways, 0, 6);
	tcase_add_loop_test(tests, cbc_is_the_default_providers_both_ways, 0, 6);
	tcase_add_loop_test(tests, what_was_changed_does_not_decrypt_and_always_in_the_same_words, 0, 5);
	tcase_add_test(tests, bad_cbc_padding_gives_one_error_too);
	tcase_add_test(tests, what_cannot_be_is_refused_when_it_is_set);
	tcase_add_test(tests, what_is_too_long_is_refused_without_a_request);
	tcase_add_test(tests, final_writes_no_more_than_is_sure_to_fit);
	tcase_add_test(tests, a_key_is_loaded_with_one_request_and_pinned_and_gives_nothing_away);
	tcase_add_test(tests, what_is_no_aes_key_is_refused);
	tcase_add_loop_test(tests, hmac_is_the_default_providers, 0, 3);
	tcase_add_test(tests, an_hmac_that_cannot_be_is_refused);
	tcase_add_test(tests, what_is_fetched_without_a_property_is_not_ours);
	return tests;
}

#else

TCase *tests_skey(void)
{
	return tcase_create("skey");
}

#endif
