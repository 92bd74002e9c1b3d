/* SPDX-License-Identifier: Apache-2.0 */
/* What a URI leads to: keys, lists and versions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/store.h>

#include "base/error.h"
#include "tests/evp/loaded.h"
#include "tests/evp/vault.h"

#define KID(name) "{\"kid\":\"https://x.test/keys/" name "\"}"
#define DISABLED(name) "{\"kid\":\"https://x.test/keys/" name "\",\"attributes\":{\"enabled\":false}}"
#define LIST(entries) "{\"value\":[" entries "]}"
#define LIST_AND(entries, token) "{\"value\":[" entries "],\"nextLink\":\"https://x.test/keys?$skiptoken=" token "\"}"

/* ---- with the emulator ---- */

START_TEST(a_store_gives_the_names_of_its_keys)
{
	struct fixture fixture = fixture_open(DEFAULT_FIRST);
	struct loaded loaded;
	EVP_PKEY *key;

	stats_reset();
	loaded = load_all(&fixture, "managedhsm:demo", 0);
	ck_assert_int_eq(stats_read().requests, 1);
	ck_assert_uint_eq(strspn(loaded.kinds, "N"), strlen(loaded.kinds));
	ck_assert_ptr_nonnull(strstr(loaded.names, "managedhsm:demo:p256 "));
	ck_assert_ptr_nonnull(strstr(loaded.names, "managedhsm:demo:rsa2048 "));
	nothing_is_on_the_queue();
	key = load_key(fixture.libctx, "managedhsm:demo:rsa2048", OSSL_STORE_INFO_PKEY);
	ck_assert_ptr_nonnull(key);
	EVP_PKEY_free(key);
	loaded_free(&loaded);
	fixture_close(&fixture);
}
END_TEST

START_TEST(a_store_gives_its_keys_when_keys_are_expected)
{
	static const int expected[] = { OSSL_STORE_INFO_PKEY, OSSL_STORE_INFO_PUBKEY };
	struct fixture fixture = fixture_open(DEFAULT_FIRST);
	struct loaded loaded;

	for (int i = 0; i < 2; i++) {
		loaded = load_all(&fixture, "managedhsm:demo", expected[i]);
		ck_assert_uint_ge(strspn(loaded.kinds, i == 0 ? "K" : "P"), 7);
		ck_assert_ptr_nonnull(loaded.key);
		nothing_is_on_the_queue();
		loaded_free(&loaded);
	}
	loaded = load_all(&fixture, "managedhsm:demo?type=public", 0);
	ck_assert_uint_ge(strspn(loaded.kinds, "P"), 7);
	loaded_free(&loaded);
	fixture_close(&fixture);
}
END_TEST

START_TEST(versions_of_a_key_are_listed)
{
	static const char *const forms[] = { "managedhsm:demo:p256:versions", "managedhsm://demo/p256/versions",
		                             "managedhsm:demo:p256?version=versions", "keyvault:demo:p256:versions" };
	struct fixture fixture = fixture_open(DEFAULT_FIRST);
	struct loaded loaded;
	char *end;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		loaded = load_all(&fixture, forms[i], 0);
		ck_assert_uint_ge(strspn(loaded.kinds, "N"), 1);
		end = strchr(loaded.names, ' ');
		ck_assert_ptr_nonnull(end);
		*end = '\0';
		ck_assert_uint_eq(strlen(strrchr(loaded.names, ':')), 33);
		gives(&fixture, loaded.names, OSSL_STORE_INFO_PKEY, "K");
		loaded_free(&loaded);
	}
	loaded = load_all(&fixture, forms[0], OSSL_STORE_INFO_PKEY);
	ck_assert_uint_ge(strspn(loaded.kinds, "K"), 1);
	loaded_free(&loaded);
	nothing_is_on_the_queue();
	fixture_close(&fixture);
}
END_TEST

START_TEST(what_is_not_there_costs_no_request)
{
	struct fixture fixture = fixture_open(DEFAULT_FIRST);

	stats_reset();
	gives(&fixture, "managedhsm:demo", OSSL_STORE_INFO_CERT, "");
	gives(&fixture, "managedhsm:demo:p256", OSSL_STORE_INFO_CERT, "");
	gives(&fixture, "managedhsm:demo:p256", OSSL_STORE_INFO_CRL, "");
	gives(&fixture, "keyvault:demo:p256", OSSL_STORE_INFO_PARAMS, "");
	gives(&fixture, "keyvault:demo:p256?type=cert", OSSL_STORE_INFO_PKEY, "");
	gives(&fixture, "keyvault:demo?type=private", OSSL_STORE_INFO_CERT, "");
	ck_assert_int_eq(stats_read().requests, 0);
	nothing_is_on_the_queue();
	fixture_close(&fixture);
}
END_TEST

START_TEST(a_managed_hsm_has_no_certificates)
{
	struct fixture fixture = fixture_open(DEFAULT_FIRST);
	char text[1024];

	ck_assert_ptr_null(OSSL_STORE_open_ex("managedhsm://demo/p256?type=cert", fixture.libctx, NULL, NULL, NULL,
	                                      NULL, NULL, NULL));
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_URI);
	ck_assert_msg(strstr(text, "a Managed HSM has no certificates") != NULL, "%s", text);
	fixture_close(&fixture);
}
END_TEST

START_TEST(an_expected_key_costs_one_request)
{
	static const char *const uris[] = { "keyvault:demo:p256", "managedhsm:demo:p256",
		                            "keyvault:demo:p256?type=private" };
	struct fixture fixture = fixture_open(DEFAULT_FIRST);

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		stats_reset();
		gives(&fixture, uris[i], i == 2 ? 0 : OSSL_STORE_INFO_PKEY, "K");
		ck_assert_int_eq(stats_read().requests, 1);
	}
	nothing_is_on_the_queue();
	fixture_close(&fixture);
}
END_TEST

/* ---- with a service that answers as a script says ---- */

#define PAGES 400
#define PAGE_ENTRIES 25

static bool memory_tells(void)
{
	const char *preload = getenv("LD_PRELOAD");

#if defined(__SANITIZE_ADDRESS__)
	return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	return false;
#endif
#endif
	return preload == NULL || strstr(preload, "vgpreload") == NULL;
}

/* Kilobytes that this process has used at most so far. */
static long most_memory(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	long kilobytes = 0;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kilobytes = strtol(line + 6, NULL, 10);
	fclose(file);
	ck_assert_int_gt(kilobytes, 0);
	return kilobytes;
}

static char *write_page(int page)
{
	char *body = malloc(4096);
	size_t length;

	ck_assert_ptr_nonnull(body);
	length = (size_t)snprintf(body, 4096, "{\"value\":[");
	for (int i = 0; i < PAGE_ENTRIES; i++)
		length += (size_t)snprintf(body + length, 4096 - length,
		                           "%s{\"kid\":\"https://x.test/keys/a-key-with-a-long-name-number-%06d\"}",
		                           i == 0 ? "" : ",", page * PAGE_ENTRIES + i);
	length += (size_t)snprintf(body + length, 4096 - length, "]");
	if (page + 1 < PAGES)
		length += (size_t)snprintf(body + length, 4096 - length,
		                           ",\"nextLink\":\"https://x.test/keys?$skiptoken=%d\"", page + 1);
	snprintf(body + length, 4096 - length, "}");
	return body;
}

static void next_is_number(OSSL_STORE_CTX *store, int number)
{
	OSSL_STORE_INFO *info = OSSL_STORE_load(store);
	char name[128];

	ck_assert_ptr_nonnull(info);
	snprintf(name, sizeof(name), "managedhsm:demo:a-key-with-a-long-name-number-%06d", number);
	ck_assert_str_eq(OSSL_STORE_INFO_get0_NAME(info), name);
	OSSL_STORE_INFO_free(info);
}

/* 10,000 entries of 160 bytes would be 1.6 megabytes; the server here keeps its requests, which is less than half a
 * megabyte. */
START_TEST(ten_thousand_keys_take_no_more_memory_than_a_thousand)
{
	struct vault vault = vault_start();
	struct vault_answer answers[PAGES];
	OSSL_STORE_CTX *store;
	long before = 0;

	for (int i = 0; i < PAGES; i++)
		answers[i] = (struct vault_answer){ 200, write_page(i) };
	VAULT_SCRIPT(&vault, answers);
	store = OSSL_STORE_open_ex("managedhsm:demo", vault.fixture.libctx, NULL, NULL, NULL, NULL, NULL, NULL);
	ck_assert_ptr_nonnull(store);
	for (int i = 0; i < PAGES * PAGE_ENTRIES; i++) {
		ck_assert_int_eq(OSSL_STORE_eof(store), 0);
		next_is_number(store, i);
		if (i == 1000)
			before = most_memory();
	}
	ck_assert_int_eq(OSSL_STORE_eof(store), 1);
	if (memory_tells())
		ck_assert_int_le(most_memory() - before, 1000);
	OSSL_STORE_close(store);
	ck_assert_uint_eq(server_requests(vault.server), PAGES);
	ck_assert(vault_asked(&vault, PAGES - 1, "GET /keys?api-version=2025-07-01&$skiptoken=399 HTTP/1.1\r\n"));
	ck_assert_uint_eq(server_connections(vault.server), 1);
	vault_stop(&vault);
	for (int i = 0; i < PAGES; i++)
		free((char *)(uintptr_t)answers[i].body);
}
END_TEST

START_TEST(entries_are_described)
{
	static const struct vault_answer answers[] = {
		{ 200, LIST(KID("a") "," DISABLED("b") ",{\"kid\":\"https://x.test/keys/c\",\"managed\":true}") },
	};
	struct vault vault = vault_start();
	struct loaded loaded;

	VAULT_SCRIPT(&vault, answers);
	loaded = load_all(&vault.fixture, "keyvault:demo", 0);
	ck_assert_str_eq(loaded.names, "keyvault:demo:a keyvault:demo:b(disabled) "
	                               "keyvault:demo:c(key of a certificate) ");
	loaded_free(&loaded);
	vault_stop(&vault);
}
END_TEST

START_TEST(an_empty_store_has_an_end)
{
	static const struct vault_answer empty[] = { { 200, LIST("") } };
	static const struct vault_answer empty_pages[] = { { 200, LIST_AND("", "1") },
		                                           { 200, LIST_AND(KID("a"), "2") },
		                                           { 200, LIST_AND("", "3") },
		                                           { 200, LIST("") } };
	struct vault vault = vault_start();

	VAULT_SCRIPT(&vault, empty);
	gives(&vault.fixture, "managedhsm:demo", 0, "-");
	gives(&vault.fixture, "managedhsm:demo", OSSL_STORE_INFO_PKEY, "-");
	VAULT_SCRIPT(&vault, empty_pages);
	gives(&vault.fixture, "managedhsm:demo", 0, "N-");
	nothing_is_on_the_queue();
	vault_stop(&vault);
}
END_TEST

START_TEST(a_page_that_fails_ends_the_store)
{
	static const struct vault_answer answers[] = { { 200, LIST_AND(KID("a"), "1") }, { 403, NULL } };
	static const struct vault_answer circle[] = { { 200, LIST_AND(KID("a"), "1") } };
	struct vault vault = vault_start();
	char text[1024];

	VAULT_SCRIPT(&vault, answers);
	gives(&vault.fixture, "managedhsm:demo", 0, "N-");
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_FORBIDDEN);
	ck_assert_msg(strstr(text, "list managedhsm:demo: HTTP 403") == text, "%s", text);
	VAULT_SCRIPT(&vault, circle);
	gives(&vault.fixture, "managedhsm:demo", 0, "N-");
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_BAD_ANSWER);
	vault_stop(&vault);
}
END_TEST

START_TEST(keys_that_cannot_be_used_are_left_out)
{
	EVP_PKEY *key = vault_key();
	char *good = vault_key_answer(key, "e", VERSION);
	const struct vault_answer answers[] = {
		{ 200, LIST(KID("a") "," DISABLED("b") "," KID("c") "," KID("d") "," KID("e")) },
		{ 403, NULL },
		{ 404, NULL },
		{ 200, "{\"key\":{\"kid\":\"https://x.test/keys/d/" VERSION "\",\"kty\":\"AKP\"}}" },
		{ 200, good },
	};
	struct vault vault = vault_start();
	struct loaded loaded;

	VAULT_SCRIPT(&vault, answers);
	loaded = load_all(&vault.fixture, "managedhsm:demo", OSSL_STORE_INFO_PKEY);
	ck_assert_str_eq(loaded.kinds, "K");
	ck_assert_int_eq(EVP_PKEY_eq(loaded.key, key), 1);
	ck_assert_uint_eq(server_requests(vault.server), 5);
	nothing_is_on_the_queue();
	loaded_free(&loaded);
	vault_stop(&vault);
	free(good);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(any_other_failure_of_a_key_ends_the_store)
{
	static const struct vault_answer answers[] = { { 200, LIST(KID("a") "," KID("b")) }, { 400, NULL } };
	struct vault vault = vault_start();
	char text[1024];

	VAULT_SCRIPT(&vault, answers);
	gives(&vault.fixture, "managedhsm:demo", OSSL_STORE_INFO_PKEY, "-");
	ck_assert_int_eq(last_reason(text, sizeof(text)), MH_R_SERVICE);
	ck_assert_uint_eq(server_requests(vault.server), 2);
	vault_stop(&vault);
}
END_TEST

TCase *tests_store(void)
{
	TCase *cases = tcase_create("store");

	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, a_store_gives_the_names_of_its_keys);
	tcase_add_test(cases, a_store_gives_its_keys_when_keys_are_expected);
	tcase_add_test(cases, versions_of_a_key_are_listed);
	tcase_add_test(cases, what_is_not_there_costs_no_request);
	tcase_add_test(cases, a_managed_hsm_has_no_certificates);
	tcase_add_test(cases, an_expected_key_costs_one_request);
	tcase_add_test(cases, ten_thousand_keys_take_no_more_memory_than_a_thousand);
	tcase_add_test(cases, entries_are_described);
	tcase_add_test(cases, an_empty_store_has_an_end);
	tcase_add_test(cases, a_page_that_fails_ends_the_store);
	tcase_add_test(cases, keys_that_cannot_be_used_are_left_out);
	tcase_add_test(cases, any_other_failure_of_a_key_ends_the_store);
	return cases;
}
