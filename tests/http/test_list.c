/* SPDX-License-Identifier: Apache-2.0 */
/* Lists: what is asked, where the next page comes from, and what a list must not be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/list.h"
#include "tests/http/fixture.h"

#define KEY(name) "{\"attributes\":{\"enabled\":true},\"kid\":\"https://elsewhere.test/keys/" name "\"}"
#define CERTIFICATE(name)                                                                                              \
	"{\"id\":\"https://elsewhere.test:443/certificates/" name "\",\"x5t\":\"AQ\",\"subject\":\"\"}"
#define PAGE(entries) "{\"value\":[" entries "]}"
#define PAGE_AND(entries, link) "{\"nextLink\":\"" link "\",\"value\":[" entries "]}"
#define MHSM_LINK "https://elsewhere.test/keys?$skiptoken=K1JJRDp-dGpr_-%3d"
#define VAULT_LINK "https://elsewhere.test:443/keys?api-version=7.4&$skiptoken=eyJOZXh0.b&maxresults=1"

static mh_result parse(const char *json, const struct key_uri *uri, enum key_uri_collection collection,
                       struct list_page *page, struct mh_error *error)
{
	memset(error, 0, sizeof(*error));
	return list_parse((struct mh_span){ (const uint8_t *)json, strlen(json) }, uri, collection, page, error);
}

static struct list_page *new_page(void)
{
	struct list_page *page = calloc(1, sizeof(*page));

	ck_assert_ptr_nonnull(page);
	return page;
}

static const struct key_uri keys = { .service = KEY_URI_MANAGED_HSM, .vault = "demo" };
static const struct key_uri vault = { .service = KEY_URI_KEY_VAULT, .vault = "demo" };
static const struct key_uri versions = {
	.service = KEY_URI_KEY_VAULT, .vault = "demo", .key = "signer", .all_versions = true
};

START_TEST(entries_are_read)
{
	struct list_page *page = new_page();
	struct mh_error error;

	ck_assert_msg(parse("{\"nextLink\":null,\"value\":[" KEY("a") "," KEY(
				    "b/" TEST_VERSION) ","
	                                               "{\"kid\":\"https://x/keys/"
	                                               "c\",\"managed\":true,\"attributes\":{\"enabled\":false}},"
	                                               "{\"kid\":\"https://x/keys/D-4\",\"tags\":{\"a\":\"b\"}}]}",
	                    &keys, KEY_URI_KEYS, page, &error)
	                      .ok,
	              "%s", error.text);
	ck_assert_uint_eq(page->count, 4);
	ck_assert_str_eq(page->next, "");
	ck_assert_str_eq(page->entries[0].name, "a");
	ck_assert(page->entries[0].enabled && !page->entries[0].managed);
	ck_assert_str_eq(page->entries[1].name, "b");
	ck_assert_str_eq(page->entries[1].version, "");
	ck_assert(!page->entries[2].enabled && page->entries[2].managed);
	ck_assert_str_eq(page->entries[3].name, "D-4");
	ck_assert(page->entries[3].enabled);
	free(page);
}
END_TEST

START_TEST(an_empty_list_is_a_list)
{
	struct list_page *page = new_page();
	struct mh_error error;

	page->count = 7;
	ck_assert(parse("{\"value\":[]}", &keys, KEY_URI_KEYS, page, &error).ok);
	ck_assert_uint_eq(page->count, 0);
	ck_assert(parse("{\"value\":[],\"nextLink\":\"\"}", &keys, KEY_URI_KEYS, page, &error).ok);
	ck_assert_str_eq(page->next, "");
	free(page);
}
END_TEST

START_TEST(versions_are_those_of_the_key)
{
	struct list_page *page = new_page();
	struct mh_error error;

	ck_assert(parse(PAGE(KEY("Signer/" TEST_VERSION)), &versions, KEY_URI_KEYS, page, &error).ok);
	ck_assert_str_eq(page->entries[0].version, TEST_VERSION);
	ck_assert(!parse(PAGE(KEY("signer")), &versions, KEY_URI_KEYS, page, &error).ok);
	ck_assert(!parse(PAGE(KEY("other/" TEST_VERSION)), &versions, KEY_URI_KEYS, page, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
	free(page);
}
END_TEST

START_TEST(links_give_their_token_and_nothing_else)
{
	static const struct {
		const char *link, *token; /* NULL: refused */
	} cases[] = {
		{ MHSM_LINK, "K1JJRDp-dGpr_-%3d" },
		{ VAULT_LINK, "eyJOZXh0.b" },
		{ "https://x/keys?%24skiptoken=a", "a" },
		{ "https://x/keys?maxresults=1&$SkipToken=a=b", "a=b" },
		{ "http://x?$skiptoken=a", "a" },
		{ "https://x/keys", NULL },
		{ "https://x/keys?", NULL },
		{ "https://x/keys?$skiptoken", NULL },
		{ "https://x/keys?$skiptoken=", NULL },
		{ "https://x/keys?$skiptoken=&a=b", NULL },
		{ "https://x/keys?a=$skiptoken=b", NULL },
		{ "https://x/keys?$skiptoken=a b", NULL },
		{ "https://x/keys?$skiptoken=a#b", NULL },
		{ "https://x/keys?$skiptoken=a%", NULL },
		{ "https://x/keys?$skiptoken=a%2", NULL },
		{ "https://x/keys?$skiptoken=a%2g", NULL },
		{ "https://x/keys?$skiptoken=a\\r\\nHost: evil.example", NULL },
		{ "https://x/keys?$skiptoken=a\\u00e9", NULL },
		{ "$skiptoken=a", NULL },
	};
	struct list_page *page = new_page();
	struct mh_error error;
	char json[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(json, sizeof(json), "{\"value\":[],\"nextLink\":\"%s\"}", cases[i].link);
		ck_assert_msg(parse(json, &keys, KEY_URI_KEYS, page, &error).ok == (cases[i].token != NULL), "%s",
		              cases[i].link);
		if (cases[i].token != NULL)
			ck_assert_str_eq(page->next, cases[i].token);
		else
			ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
	}
	free(page);
}
END_TEST

START_TEST(what_is_no_list_is_refused)
{
	static const char *const bodies[] = {
		"",
		"{",
		"[]",
		"null",
		"{}",
		"{\"value\":null}",
		"{\"value\":{}}",
		"{\"value\":[1]}",
		"{\"value\":[null]}",
		"{\"value\":[[]]}",
		"{\"value\":[{}]}",
		"{\"value\":[{\"kid\":7}]}",
		"{\"value\":[{\"id\":\"https://x/keys/k\"}]}",
		PAGE(KEY("")),
		PAGE(KEY("..")),
		PAGE(KEY("a%2fb")),
		PAGE(KEY("k/1")),
		PAGE(KEY("k/" TEST_VERSION "/sign")),
		"{\"value\":[{\"kid\":\"https://x/certificates/k\"}]}",
		"{\"value\":[{\"kid\":\"http://x/keys/k\"}]}",
		"{\"value\":[{\"kid\":\"https://x/keys/k\",\"attributes\":[]}]}",
		"{\"value\":[{\"kid\":\"https://x/keys/k\",\"attributes\":{\"enabled\":\"no\"}}]}",
		"{\"value\":[{\"kid\":\"https://x/keys/k\",\"managed\":1}]}",
		"{\"value\":[],\"value\":[]}",
		"{\"value\":[],\"nextLink\":7}",
		"{\"value\":[],\"nextLink\":[]}",
		"{\"value\":[]} x",
		"{\"value\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
	};
	struct list_page *page = new_page();
	struct mh_error error;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		ck_assert_msg(!parse(bodies[i], &keys, KEY_URI_KEYS, page, &error).ok, "%s", bodies[i]);
		ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
		ck_assert_uint_lt(page->count, LIST_PAGE_MAX);
	}
	free(page);
}
END_TEST

START_TEST(a_page_has_a_limit)
{
	struct list_page *page = new_page();
	struct mh_error error;
	struct mh_buffer json;

	for (int entries = LIST_PAGE_MAX; entries <= LIST_PAGE_MAX + 1; entries++) {
		mh_buffer_init(&json, 65536);
		for (int i = 0; i < entries; i++)
			ck_assert(mh_buffer_append_text(&json, i == 0 ? "{\"value\":[" KEY("k") : "," KEY("k")).ok);
		ck_assert(mh_buffer_append_text(&json, "]}").ok);
		ck_assert(parse(mh_buffer_text(&json), &keys, KEY_URI_KEYS, page, &error).ok ==
		          (entries == LIST_PAGE_MAX));
		mh_buffer_free(&json);
	}
	free(page);
}
END_TEST

START_TEST(a_token_has_a_limit)
{
	struct list_page *page = new_page();
	char json[LIST_TOKEN_MAX + 100], token[LIST_TOKEN_MAX + 1];
	struct mh_error error;

	for (int length = LIST_TOKEN_MAX - 1; length <= LIST_TOKEN_MAX; length++) {
		memset(token, 'a', sizeof(token));
		token[length] = '\0';
		snprintf(json, sizeof(json), "{\"value\":[],\"nextLink\":\"https://x/keys?$skiptoken=%s\"}", token);
		ck_assert(parse(json, &keys, KEY_URI_KEYS, page, &error).ok == (length < LIST_TOKEN_MAX));
	}
	free(page);
}
END_TEST

/* The links lead to another host: nothing may be asked there, and the token not be sent. */
START_TEST(pages_follow_each_other_on_the_own_host)
{
	static const struct scripted_answer answers[] = {
		{ .status = 200, .body = PAGE_AND(KEY("a"), MHSM_LINK) },
		{ .status = 200, .body = PAGE_AND("", VAULT_LINK) },
		{ .status = 200, .body = PAGE(KEY("b")) },
	};
	static const char *const expected[] = {
		"GET /keys?api-version=2025-07-01 HTTP/1.1\r\n",
		"GET /keys?api-version=2025-07-01&$skiptoken=K1JJRDp-dGpr_-%3d HTTP/1.1\r\n",
		"GET /keys?api-version=2025-07-01&$skiptoken=eyJOZXh0.b HTTP/1.1\r\n",
	};
	struct list_page *page = new_page();
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, answers);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_msg(client_list(fixture.client, &keys, KEY_URI_KEYS, page, &error).ok, "%s", error.text);
		ck_assert_uint_eq(page->count, i == 1 ? 0 : 1);
		ck_assert_msg(strstr(server_request(fixture.server, i), expected[i]) ==
		                      server_request(fixture.server, i),
		              "%s", server_request(fixture.server, i));
		ck_assert_ptr_nonnull(strstr(server_request(fixture.server, i), "\r\nHost: 127.0.0.1:"));
	}
	ck_assert_str_eq(page->next, "");
	ck_assert_str_eq(page->entries[0].name, "b");
	ck_assert_uint_eq(server_connections(fixture.server), 1);
	ck_assert_str_eq(fixture.tokens.scope, "https://managedhsm.azure.net/.default");
	fixture_stop(&fixture);
	free(page);
}
END_TEST

START_TEST(each_list_has_its_path)
{
	static const struct scripted_answer answers[] = {
		{ .status = 200, .body = PAGE(KEY("signer/" TEST_VERSION)) },
		{ .status = 200, .body = PAGE(CERTIFICATE("c")) },
		{ .status = 200, .body = PAGE(CERTIFICATE("signer/" TEST_VERSION)) },
	};
	struct list_page *page = new_page();
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, answers);
	ck_assert(client_list(fixture.client, &versions, KEY_URI_KEYS, page, &error).ok);
	ck_assert_str_eq(page->entries[0].version, TEST_VERSION);
	ck_assert(client_list(fixture.client, &vault, KEY_URI_CERTIFICATES, page, &error).ok);
	ck_assert_str_eq(page->entries[0].name, "c");
	ck_assert(client_list(fixture.client, &versions, KEY_URI_CERTIFICATES, page, &error).ok);
	ck_assert_ptr_nonnull(strstr(server_request(fixture.server, 0), "GET /keys/signer/versions?api-version="));
	ck_assert_ptr_nonnull(strstr(server_request(fixture.server, 1), "GET /certificates?api-version="));
	ck_assert_ptr_nonnull(
		strstr(server_request(fixture.server, 2), "GET /certificates/signer/versions?api-version="));
	ck_assert_str_eq(fixture.tokens.scope, "https://vault.azure.net/.default");
	fixture_stop(&fixture);
	free(page);
}
END_TEST

START_TEST(a_page_that_leads_to_itself_is_refused)
{
	static const struct scripted_answer answers[] = {
		{ .status = 200, .body = PAGE_AND(KEY("a"), VAULT_LINK), .headers = "x-ms-request-id: r1\r\n" },
	};
	struct list_page *page = new_page();
	struct fixture fixture;
	struct mh_error error = { 0 };

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, answers);
	ck_assert(client_list(fixture.client, &keys, KEY_URI_KEYS, page, &error).ok);
	ck_assert(!client_list(fixture.client, &keys, KEY_URI_KEYS, page, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
	ck_assert_str_eq(error.text,
	                 "list managedhsm:demo: the list does not end: a page leads to itself (request id r1)");
	fixture_stop(&fixture);
	free(page);
}
END_TEST

START_TEST(an_answer_has_a_limit)
{
	struct scripted_answer answers[] = {
		{ .status = 200, .body = "          ", .repeat_body = LIST_ANSWER_MAX / 10 + 1 }
	};
	struct list_page *page = new_page();
	struct fixture fixture;
	struct mh_error error = { 0 };

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, answers);
	ck_assert(!client_list(fixture.client, &keys, KEY_URI_KEYS, page, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_ANSWER_TOO_LARGE);
	fixture_stop(&fixture);
	free(page);
}
END_TEST

START_TEST(refusals_say_what_was_listed)
{
	static const struct {
		const struct key_uri *uri;
		enum key_uri_collection collection;
		int status;
		const char *begin, *advice;
	} cases[] = {
		{ &keys, KEY_URI_KEYS, 403, "list managedhsm:demo: HTTP 403", "--scope /keys --assignee" },
		{ &vault, KEY_URI_KEYS, 403, "list keyvault:demo: HTTP 403", "\"Key Vault Crypto User\"" },
		{ &versions, KEY_URI_KEYS, 404, "list keyvault:demo:signer:versions: HTTP 404",
		  "key list --vault-name demo" },
		{ &vault, KEY_URI_CERTIFICATES, 403, "list the certificates of keyvault:demo: HTTP 403",
		  "\"Key Vault Reader\"" },
	};
	struct list_page *page = new_page();
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scripted_answer answer = { .status = cases[i].status };

		server_script(fixture.server, &answer, 1);
		ck_assert(!client_list(fixture.client, cases[i].uri, cases[i].collection, page, &error).ok);
		ck_assert_msg(strstr(error.text, cases[i].begin) == error.text, "%s", error.text);
		ck_assert_msg(strstr(error.text, cases[i].advice) != NULL, "%s", error.text);
	}
	fixture_stop(&fixture);
	free(page);
}
END_TEST

START_TEST(all_versions_are_no_key)
{
	static const uint8_t digest[32];
	uint8_t signature[16];
	struct fixture fixture;
	struct mh_error error;
	struct jwk jwk;
	size_t length;

	fixture_start(&fixture, 10000);
	ck_assert(!client_get_key(fixture.client, &versions, &jwk, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_BAD_URI);
	ck_assert(!client_key_operation(fixture.client, &versions, CLIENT_SIGN, "RS256",
	                                (struct mh_span){ digest, sizeof(digest) }, signature, sizeof(signature),
	                                &length, &error)
	                   .ok);
	ck_assert_uint_eq(server_requests(fixture.server), 0);
	fixture_stop(&fixture);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("list");

	tcase_add_test(cases, entries_are_read);
	tcase_add_test(cases, an_empty_list_is_a_list);
	tcase_add_test(cases, versions_are_those_of_the_key);
	tcase_add_test(cases, links_give_their_token_and_nothing_else);
	tcase_add_test(cases, what_is_no_list_is_refused);
	tcase_add_test(cases, a_page_has_a_limit);
	tcase_add_test(cases, a_token_has_a_limit);
	tcase_add_test(cases, pages_follow_each_other_on_the_own_host);
	tcase_add_test(cases, each_list_has_its_path);
	tcase_add_test(cases, a_page_that_leads_to_itself_is_refused);
	tcase_add_test(cases, an_answer_has_a_limit);
	tcase_add_test(cases, refusals_say_what_was_listed);
	tcase_add_test(cases, all_versions_are_no_key);
	return run_cases("list", cases);
}
