/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of a Key Vault, with their keys and without. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "tests/evp/loaded.h"
#include "tests/evp/vault.h"

#define ID(name) "{\"id\":\"https://x.test/certificates/" name "\"}"
#define LIST(entries) "{\"value\":[" entries "]}"

START_TEST(a_certificate_comes_with_the_key_of_its_version)
{
	EVP_PKEY *key = vault_key();
	char *certificate = vault_certificate_answer(key, "c", VERSION, OLD_VERSION),
	     *key_answer = vault_key_answer(key, "c", OLD_VERSION);
	const struct vault_answer answers[] = { { 200, certificate }, { 200, key_answer } };
	struct vault vault = vault_start();
	struct loaded loaded;

	VAULT_SCRIPT(&vault, answers);
	loaded = load_all(&vault.fixture, "keyvault:demo:c", 0);
	ck_assert_str_eq(loaded.kinds, "CK");
	ck_assert_int_eq(X509_check_private_key(loaded.certificate, loaded.key), 1);
	ck_assert(vault_asked(&vault, 0, "GET /certificates/c?api-version=2025-07-01 "));
	ck_assert(vault_asked(&vault, 1, "GET /keys/c/" OLD_VERSION "?"));
	ck_assert_uint_eq(server_requests(vault.server), 2);
	nothing_is_on_the_queue();
	loaded_free(&loaded);
	vault_stop(&vault);
	free(certificate);
	free(key_answer);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(without_a_certificate_there_is_the_key)
{
	static const int statuses[] = { 404, 403 };
	EVP_PKEY *key = vault_key();
	char *key_answer = vault_key_answer(key, "c", VERSION);
	struct vault vault = vault_start();

	for (unsigned i = 0; i < 2; i++) {
		const struct vault_answer answers[] = { { statuses[i], NULL }, { 200, key_answer } };

		VAULT_SCRIPT(&vault, answers);
		gives(&vault.fixture, "keyvault:demo:c", 0, "K");
		ck_assert(vault_asked(&vault, 2 * i + 1, "GET /keys/c?"));
		nothing_is_on_the_queue();
	}
	vault_stop(&vault);
	free(key_answer);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(an_expected_certificate_is_all_that_is_asked_for)
{
	EVP_PKEY *key = vault_key();
	char *certificate = vault_certificate_answer(key, "c", VERSION, VERSION);
	const struct vault_answer answers[] = { { 200, certificate } };
	struct vault vault = vault_start();

	VAULT_SCRIPT(&vault, answers);
	gives(&vault.fixture, "keyvault:demo:c", OSSL_STORE_INFO_CERT, "C");
	gives(&vault.fixture, "keyvault://demo/c/" VERSION "?type=cert", 0, "C");
	ck_assert(vault_asked(&vault, 1, "GET /certificates/c/" VERSION "?"));
	ck_assert_uint_eq(server_requests(vault.server), 2);
	nothing_is_on_the_queue();
	vault_stop(&vault);
	free(certificate);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(an_expected_certificate_that_fails_is_an_error)
{
	static const struct {
		struct vault_answer answer;
		enum mh_reason reason;
	} cases[] = {
		{ { 404, NULL }, MH_R_NOT_FOUND },
		{ { 403, NULL }, MH_R_FORBIDDEN },
		{ { 200, "{\"id\":\"https://x.test/certificates/c/" VERSION "\"}" }, MH_R_NOT_FOUND },
		{ { 200, "{\"id\":\"https://x.test/certificates/c/" VERSION "\",\"cer\":\"MAAA\"}" }, MH_R_BAD_ANSWER },
		{ { 200, "{\"id\":\"https://x.test/certificates/d/" VERSION "\",\"cer\":\"MAAA\"}" }, MH_R_BAD_ANSWER },
	};
	struct vault vault = vault_start();
	char text[1024];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		vault_script(&vault, &cases[i].answer, 1);
		gives(&vault.fixture, "keyvault:demo:c", OSSL_STORE_INFO_CERT, "-");
		ck_assert_int_eq(last_reason(text, sizeof(text)), cases[i].reason);
		ck_assert_msg(strstr(text, "get certificate keyvault:demo:c: ") == text, "%s", text);
	}
	vault_stop(&vault);
}
END_TEST

START_TEST(trailing_bytes_are_no_certificate)
{
	EVP_PKEY *key = vault_key();
	char *certificate = vault_certificate_answer(key, "c", VERSION, VERSION),
	     *cer = strstr(certificate, "cer\":\"");
	const struct vault_answer answers[] = { { 200, certificate } };
	struct vault vault = vault_start();
	char text[1024];

	/* The first byte of the outer length becomes smaller. */
	cer[strlen("cer\":\"") + 3]--;
	VAULT_SCRIPT(&vault, answers);
	gives(&vault.fixture, "keyvault:demo:c", OSSL_STORE_INFO_CERT, "-");
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_ANSWER);
	ck_assert_msg(strstr(text, "is no X.509 certificate") != NULL, "%s", text);
	vault_stop(&vault);
	free(certificate);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(a_vault_gives_its_certificates)
{
	EVP_PKEY *key = vault_key();
	char *certificate = vault_certificate_answer(key, "c", VERSION, VERSION);
	const struct vault_answer answers[] = { { 200, LIST(ID("a") "," ID("c")) },
		                                { 403, NULL },
		                                { 200, certificate } };
	const struct vault_answer versions[] = { { 200, LIST(ID("c/" VERSION)) }, { 200, certificate } };
	struct vault vault = vault_start();

	VAULT_SCRIPT(&vault, answers);
	gives(&vault.fixture, "keyvault:demo", OSSL_STORE_INFO_CERT, "C");
	ck_assert(vault_asked(&vault, 0, "GET /certificates?api-version=2025-07-01 "));
	ck_assert(vault_asked(&vault, 2, "GET /certificates/c?"));
	VAULT_SCRIPT(&vault, versions);
	gives(&vault.fixture, "keyvault:demo:c:versions?type=cert", 0, "C");
	ck_assert(vault_asked(&vault, 3, "GET /certificates/c/versions?"));
	ck_assert(vault_asked(&vault, 4, "GET /certificates/c/" VERSION "?"));
	nothing_is_on_the_queue();
	vault_stop(&vault);
	free(certificate);
	EVP_PKEY_free(key);
}
END_TEST

/* The secret's file as JSON text: a private key, the certificate itself, and an issuer. */
static char *secret_answer(EVP_PKEY *key, const char *certificate, const char *issuer, const char *type)
{
	BIO *pem = BIO_new(BIO_s_mem());
	char *text = NULL, *answer = malloc(16384), *to = answer;
	const char *answers[] = { certificate, issuer };
	long length;

	ck_assert_ptr_nonnull(answer);
	ck_assert_int_eq(PEM_write_bio_PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL), 1);
	for (int i = 0; i < 2; i++) {
		const char *start = strstr(answers[i], "\"cer\":\"") + 7, *end = strchr(start, '"');

		BIO_printf(pem, "-----BEGIN CERTIFICATE-----\n");
		for (; start < end; start += 64)
			BIO_printf(pem, "%.*s\n", end - start > 64 ? 64 : (int)(end - start), start);
		BIO_printf(pem, "-----END CERTIFICATE-----\n");
	}
	length = BIO_get_mem_data(pem, &text);
	memcpy(to, "{\"value\":\"", 10);
	to += 10;
	for (long i = 0; i < length; i++) {
		if (text[i] == '\n')
			*to++ = '\\';
		*to++ = text[i] == '\n' ? 'n' : text[i];
	}
	snprintf(to, 256, "\",\"contentType\":\"%s\",\"id\":\"https://x.test/secrets/c/" VERSION "\"}", type);
	BIO_free(pem);
	return answer;
}

START_TEST(a_chain_comes_from_the_secret_without_its_private_key)
{
	EVP_PKEY *key = vault_key();
	char *certificate = vault_certificate_answer(key, "c", VERSION, VERSION),
	     *issuer = vault_certificate_answer(key, "issuer", VERSION, VERSION),
	     *key_answer = vault_key_answer(key, "c", VERSION),
	     *secret = secret_answer(key, certificate, issuer, "application/x-pem-file");
	const struct vault_answer answers[] = { { 200, certificate }, { 200, secret }, { 200, key_answer } };
	struct vault vault = vault_start();

	VAULT_SCRIPT(&vault, answers);
	gives(&vault.fixture, "keyvault:demo:c?type=chain", 0, "CCK");
	ck_assert(vault_asked(&vault, 1, "GET /secrets/c/" VERSION "?"));
	ck_assert_uint_eq(server_requests(vault.server), 3);
	VAULT_SCRIPT(&vault, answers);
	gives(&vault.fixture, "keyvault:demo:c?type=chain", OSSL_STORE_INFO_CERT, "CC");
	nothing_is_on_the_queue();
	vault_stop(&vault);
	free(certificate);
	free(issuer);
	free(key_answer);
	free(secret);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(a_chain_that_cannot_be_read_is_an_error)
{
	EVP_PKEY *key = vault_key();
	char *certificate = vault_certificate_answer(key, "c", VERSION, VERSION),
	     *text = secret_answer(key, certificate, certificate, "text/plain"),
	     *pkcs12 = secret_answer(key, certificate, certificate, "application/x-pkcs12");
	const struct {
		struct vault_answer answer;
		int reason;
	} cases[] = {
		{ { 403, NULL }, MH_R_FORBIDDEN },
		{ { 404, NULL }, MH_R_NOT_FOUND },
		{ { 200, text }, MH_R_BAD_ANSWER },
		{ { 200, pkcs12 }, MH_R_BAD_ANSWER },
		{ { 200, "{}" }, MH_R_BAD_ANSWER },
		{ { 200, "{\"value\":\"a\\u0041\",\"contentType\":\"application/x-pem-file\"}" }, MH_R_BAD_ANSWER },
		{ { 200, "{\"x\":{\"value\":\"abc\"},\"contentType\":\"application/x-pem-file\"}" }, MH_R_BAD_ANSWER },
	};
	struct vault vault = vault_start();
	char words[1024];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct vault_answer answers[] = { { 200, certificate }, cases[i].answer };

		VAULT_SCRIPT(&vault, answers);
		gives(&vault.fixture, "keyvault:demo:c?type=chain", OSSL_STORE_INFO_CERT, "-");
		ck_assert_int_eq(last_reason(words, sizeof(words)), cases[i].reason);
	}
	vault_stop(&vault);
	free(certificate);
	free(text);
	free(pkcs12);
	EVP_PKEY_free(key);
}
END_TEST

TCase *tests_certificate(void)
{
	TCase *cases = tcase_create("certificate");

	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, a_certificate_comes_with_the_key_of_its_version);
	tcase_add_test(cases, without_a_certificate_there_is_the_key);
	tcase_add_test(cases, an_expected_certificate_is_all_that_is_asked_for);
	tcase_add_test(cases, an_expected_certificate_that_fails_is_an_error);
	tcase_add_test(cases, trailing_bytes_are_no_certificate);
	tcase_add_test(cases, a_vault_gives_its_certificates);
	tcase_add_test(cases, a_chain_comes_from_the_secret_without_its_private_key);
	tcase_add_test(cases, a_chain_that_cannot_be_read_is_an_error);
	return cases;
}
