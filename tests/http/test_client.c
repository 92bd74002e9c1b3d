/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the service: what is sent, tokens, retries, errors. */
#include <stdio.h>
#include <string.h>

#include "http/url.h"
#include "tests/http/fixture.h"

#define KID "https://x.test/keys/signer/" TEST_VERSION
#define SIGNED "{\"alg\":\"RS256\",\"kid\":\"" KID "\",\"value\":\"AQID\"}"

static const struct scripted_answer signed_answer[] = { { .status = 200, .body = SIGNED } };

START_TEST(sign_sends_and_reads_what_the_service_defines)
{
	static const uint8_t digest[32] = { 0xff, 0xee };
	uint8_t signature[16];
	struct fixture fixture;
	struct mh_error error;
	size_t length = 0;
	const char *request;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, signed_answer);
	ck_assert(client_key_operation(fixture.client, &fixture.uri, CLIENT_SIGN, "RS256",
	                               (struct mh_span){ digest, sizeof(digest) }, signature, sizeof(signature),
	                               &length, &error)
	                  .ok);
	ck_assert_uint_eq(length, 3);
	ck_assert_mem_eq(signature, "\1\2\3", 3);
	request = server_request(fixture.server, 0);
	ck_assert_ptr_nonnull(
		strstr(request, "POST /keys/signer/" TEST_VERSION "/sign?api-version=2025-07-01 HTTP/1.1\r\n"));
	ck_assert_ptr_nonnull(strstr(
		request, "\r\n\r\n{\"alg\":\"RS256\",\"value\":\"_-4AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"));
	ck_assert_ptr_nonnull(strstr(request, "\r\nAuthorization: Bearer " TEST_TOKEN "\r\n"));
	ck_assert_str_eq(fixture.tokens.scope, "https://managedhsm.azure.net/.default");
	fixture_stop(&fixture);
}
END_TEST

#define IV12 "AAECAwQFBgcICQoL"
#define TAG16 "AAECAwQFBgcICQoLDA0ODw"
#define SEALED "\"iv\":\"" IV12 "\",\"kid\":\"" KID "\",\"tag\":\"" TAG16 "\",\"value\":\"AQID\""

static mh_result encrypt_gcm(struct fixture *fixture, uint8_t *out, size_t *length, struct client_sealed *sealed,
                             struct mh_error *error)
{
	struct client_cipher input = { .algorithm = "A256GCM",
		                       .aad = { (const uint8_t *)"h", 1 },
		                       .value = { (const uint8_t *)"abc", 3 } };

	*error = (struct mh_error){ 0 };
	return client_encrypt(fixture->client, &fixture->uri, &input, out, 16, length, sealed, error);
}

START_TEST(encrypt_and_decrypt_send_and_read_what_the_service_defines)
{
	static const struct scripted_answer answer[] = { { .status = 200, .body = "{" SEALED "}" } };
	static const uint8_t counted[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct client_cipher input = {
		.algorithm = "A256GCM", .iv = { counted, 12 }, .tag = { counted, 16 }, .value = { counted, 3 }
	};
	struct client_sealed sealed;
	struct fixture fixture;
	struct mh_error error;
	uint8_t out[16];
	size_t length = 0;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, answer);
	ck_assert(encrypt_gcm(&fixture, out, &length, &sealed, &error).ok);
	ck_assert_uint_eq(length, 3);
	ck_assert_mem_eq(out, "\1\2\3", 3);
	ck_assert_mem_eq(sealed.iv, counted, 12);
	ck_assert_mem_eq(sealed.tag, counted, 16);
	ck_assert_ptr_nonnull(strstr(server_request(fixture.server, 0), "/encrypt?api-version="));
	ck_assert_ptr_nonnull(strstr(server_request(fixture.server, 0),
	                             "\r\n\r\n{\"alg\":\"A256GCM\",\"value\":\"YWJj\",\"aad\":\"aA\"}"));
	SCRIPT(fixture.server, signed_answer);
	ck_assert(client_decrypt(fixture.client, &fixture.uri, &input, out, sizeof(out), &length, &error).ok);
	ck_assert_uint_eq(length, 3);
	ck_assert_ptr_nonnull(strstr(server_request(fixture.server, 1), "/decrypt?api-version="));
	ck_assert_ptr_nonnull(strstr(server_request(fixture.server, 1),
	                             "\r\n\r\n{\"alg\":\"A256GCM\",\"value\":\"AAEC\",\"iv\":\"" IV12
	                             "\",\"tag\":\"" TAG16 "\"}"));
	fixture_stop(&fixture);
}
END_TEST

START_TEST(bad_encrypt_answers_are_refused_and_leave_nothing)
{
	static const char *const bodies[] = {
		"{}",
		"{\"value\":\"AQID\"}",
		"{\"value\":\"AQID\",\"iv\":\"" IV12 "\"}",
		"{\"value\":\"AQID\",\"iv\":\"" IV12 "\",\"tag\":\"AAEC\"}",
		"{\"value\":\"AQID\",\"iv\":\"" TAG16 "\",\"tag\":\"" TAG16 "\"}",
		"{\"value\":\"AQID\",\"iv\":7,\"tag\":\"" TAG16 "\"}",
		"{\"value\":\"AQID\",\"iv\":\"" IV12 "\",\"tag\":null}",
		"{\"value\":\"AAECAwQFBgcICQoLDA0ODxA\",\"iv\":\"" IV12 "\",\"tag\":\"" TAG16 "\"}",
	};
	static const uint8_t clean[16] = { 0 };
	struct client_sealed sealed;
	struct fixture fixture;
	struct mh_error error;
	size_t length = 0;

	fixture_start(&fixture, 10000);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct scripted_answer answer = { .status = 200, .body = bodies[i] };
		uint8_t out[16] = { 1 };

		server_script(fixture.server, &answer, 1);
		ck_assert_msg(!encrypt_gcm(&fixture, out, &length, &sealed, &error).ok, "%s", bodies[i]);
		ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
		ck_assert_mem_eq(out, clean, sizeof(out));
	}
	fixture_stop(&fixture);
}
END_TEST

START_TEST(bad_sign_answers_are_refused)
{
	static const char *const bodies[] = {
		"",
		"{",
		"[]",
		"null",
		"\"x\"",
		"{\"value\":1}",
		"{\"value\":null}",
		"{\"kid\":\"" KID "\"}",
		"{\"value\":\"AQ==\"}",
		"{\"value\":\"A\"}",
		"{\"value\":\"AQ\",\"value\":\"AQ\"}",
		"{\"value\":\"AQ\"} x",
		"{\"kid\":7,\"value\":\"AQID\"}",
		"{\"kid\":\"https://x.test/keys/other/" TEST_VERSION "\",\"value\":\"AQID\"}",
		"{\"kid\":\"https://x.test/keys/signer/ffffffffffffffffffffffffffffffff\",\"value\":\"AQID\"}",
		"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],\"value\":\"AQID\"}",
	};
	struct fixture fixture;
	struct mh_error error;
	size_t i;

	fixture_start(&fixture, 10000);
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct scripted_answer answer = { .status = 200,
			                          .body = bodies[i],
			                          .headers = "x-ms-request-id: r1\r\n" };

		server_script(fixture.server, &answer, 1);
		ck_assert_msg(!fixture_sign(&fixture, &error).ok, "%s", bodies[i]);
		ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
		ck_assert_str_eq(error.request_id, "r1");
		ck_assert_msg(strstr(error.text, "sign with managedhsm:demo:signer:" TEST_VERSION ": the ") ==
		                      error.text,
		              "%s", error.text);
	}
	ck_assert_uint_eq(server_requests(fixture.server), sizeof(bodies) / sizeof(bodies[0]));
	fixture_stop(&fixture);
}
END_TEST

#define KEY(kid, version)                                                                                              \
	"{\"attributes\":{\"enabled\":true},\"key\":{\"crv\":\"P-256\",\"key_ops\":[\"sign\"],"                        \
	"\"kid\":\"https://x.test/keys/" kid "/" version "\",\"kty\":\"EC-HSM\",\"x\":\"AQ\",\"y\":\"Ag\"}}"

START_TEST(get_key_reads_the_key_that_was_asked_for)
{
	static const struct scripted_answer answers[] = {
		{ .status = 200, .body = KEY("SIGNER", TEST_VERSION) },
		{ .status = 200, .body = KEY("signer", "ffffffffffffffffffffffffffffffff") },
		{ .status = 200, .body = KEY("other", TEST_VERSION) },
	};
	struct fixture fixture;
	struct mh_error error;
	struct jwk jwk;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, answers);
	ck_assert_msg(client_get_key(fixture.client, &fixture.uri, &jwk, &error).ok, "%s", error.text);
	ck_assert_int_eq(jwk.kind, JWK_EC);
	ck_assert_ptr_nonnull(
		strstr(server_request(fixture.server, 0), "GET /keys/signer/" TEST_VERSION "?api-version=2025-07-01 "));
	ck_assert(!client_get_key(fixture.client, &fixture.uri, &jwk, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
	fixture.uri.version[0] = '\0';
	ck_assert(!client_get_key(fixture.client, &fixture.uri, &jwk, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
	ck_assert_ptr_nonnull(strstr(server_request(fixture.server, 2), "GET /keys/signer?api-version=2025-07-01 "));
	fixture_stop(&fixture);
}
END_TEST

static const char *request_id(const char *request)
{
	return strstr(request, "x-ms-client-request-id: ") + strlen("x-ms-client-request-id: ");
}

START_TEST(passing_failures_are_tried_again_with_the_same_request_id)
{
	static const struct scripted_answer answers[] = {
		{ .status = 503 },
		{ .drop = true },
		{ .status = 200, .body = SIGNED, .cut_after = 120 },
		{ .status = 429, .headers = "retry-after-ms: 10\r\n" },
		{ .status = 500 },
		{ .status = 200, .body = SIGNED },
	};
	struct fixture fixture;
	struct mh_error error;
	const char *first;
	unsigned i;

	fixture_start(&fixture, 8000);
	SCRIPT(fixture.server, answers);
	ck_assert_msg(fixture_sign(&fixture, &error).ok, "%s", error.text);
	ck_assert_uint_ge(server_requests(fixture.server), 6);
	first = request_id(server_request(fixture.server, 0));
	ck_assert_int_eq(first[14], '4');
	for (i = 1; i < server_requests(fixture.server); i++)
		ck_assert_int_eq(strncmp(first, request_id(server_request(fixture.server, i)), 36), 0);
	ck_assert(fixture_sign(&fixture, &error).ok);
	ck_assert_int_ne(strncmp(first, request_id(server_request(fixture.server, i)), 36), 0);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(retry_after_is_waited_for)
{
	static const struct scripted_answer answers[] = { { .status = 429, .headers = "Retry-After: 1\r\n" },
		                                          { .status = 200, .body = SIGNED } };
	struct fixture fixture;
	struct mh_error error;
	int64_t before = transport_now_ms();

	fixture_start(&fixture, 3000);
	SCRIPT(fixture.server, answers);
	ck_assert(fixture_sign(&fixture, &error).ok);
	ck_assert_int_ge(transport_now_ms() - before, 1000);
	ck_assert_uint_eq(server_connections(fixture.server), 1);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(retry_after_beyond_the_deadline_fails_at_once)
{
	static const struct scripted_answer answers[] = { { .status = 429, .headers = "Retry-After: 60\r\n" } };
	struct fixture fixture;
	struct mh_error error;
	int64_t before = transport_now_ms();

	fixture_start(&fixture, 3000);
	SCRIPT(fixture.server, answers);
	ck_assert(!fixture_sign(&fixture, &error).ok);
	ck_assert_int_lt(transport_now_ms() - before, 1000);
	ck_assert_int_eq(error.reason, MH_R_THROTTLED);
	ck_assert_int_eq(error.http_status, 429);
	ck_assert_msg(strstr(error.text, "asks to wait 60000 ms") != NULL, "%s", error.text);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(tries_end_before_the_deadline_and_are_counted)
{
	static const struct scripted_answer answers[] = { { .status = 503 } };
	struct fixture fixture;
	struct mh_error error;
	int64_t before;
	char count[40];

	fixture_start(&fixture, 1000);
	SCRIPT(fixture.server, answers);
	before = transport_now_ms();
	ck_assert(!fixture_sign(&fixture, &error).ok);
	ck_assert_int_le(transport_now_ms() - before, 1100);
	ck_assert_int_eq(error.reason, MH_R_SERVICE);
	ck_assert_uint_ge(server_requests(fixture.server), 2);
	snprintf(count, sizeof(count), "tried %u times", server_requests(fixture.server));
	ck_assert_msg(strstr(error.text, count) != NULL, "%s", error.text);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(final_answers_are_not_tried_again)
{
	static const int statuses[] = { 302, 400, 403, 404, 409, 501 };
	struct fixture fixture;
	struct mh_error error;
	size_t i;

	fixture_start(&fixture, 10000);
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct scripted_answer answer = { .status = statuses[i] };

		server_script(fixture.server, &answer, 1);
		ck_assert(!fixture_sign(&fixture, &error).ok);
		ck_assert_int_eq(error.http_status, statuses[i]);
		ck_assert_ptr_null(strstr(error.text, "tried"));
	}
	ck_assert_uint_eq(server_requests(fixture.server), sizeof(statuses) / sizeof(statuses[0]));
	fixture_stop(&fixture);
}
END_TEST

static const struct scripted_answer unauthorized[] = {
	{ .status = 401,
	  .headers = "WWW-Authenticate: Bearer authorization=\"https://login.test/t\", "
	             "resource=\"https://managedhsm.azure.net\", "
	             "error=\"insufficient_claims\", claims=\"eyJh\"\r\n" },
	{ .status = 200, .body = SIGNED },
};

START_TEST(refused_token_is_replaced_once)
{
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	fixture.tokens.has_fresh = true;
	SCRIPT(fixture.server, unauthorized);
	ck_assert(fixture_sign(&fixture, &error).ok);
	ck_assert_str_eq(fixture.tokens.claims, "eyJh");
	ck_assert_ptr_nonnull(strstr(server_request(fixture.server, 0), TEST_TOKEN));
	ck_assert_ptr_nonnull(strstr(server_request(fixture.server, 1), FRESH_TOKEN));
	ck_assert_uint_eq(server_connections(fixture.server), 1);
	server_script(fixture.server, unauthorized, 1);
	ck_assert(!fixture_sign(&fixture, &error).ok);
	ck_assert_uint_le(server_requests(fixture.server), 4);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(refused_token_without_another_says_what_to_do)
{
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	server_script(fixture.server, unauthorized, 1);
	ck_assert(!fixture_sign(&fixture, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_UNAUTHORIZED);
	ck_assert_uint_eq(server_requests(fixture.server), 1);
	ck_assert_msg(strstr(error.text, "az account get-access-token --resource https://managedhsm.azure.net`") !=
	                      NULL,
	              "%s", error.text);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(errors_tell_what_the_service_said)
{
	static const struct {
		struct scripted_answer answer;
		enum mh_reason reason;
		const char *code;
		const char *texts[4];
	} cases[] = {
		{ { .status = 403,
		    .headers = "x-ms-request-id: 5499b538-5e82-11f1-b2ad-6045bd772007\r\n",
		    .body = "{\"error\":{\"code\":\"Forbidden\",\"message\":\"Operation sign is "
		            "not\\r\\nallowed\\u001b[31m on a key. "
		            "" TEST_TOKEN "\",\"innererror\":{\"code\":\"KeyDisabled\"}}}" },
		  MH_R_FORBIDDEN,
		  "KeyDisabled",
		  { "HTTP 403 Forbidden: Forbidden, KeyDisabled: Operation sign is not allowed?[31m on a key. ",
		    "(request id 5499b538-5e82-11f1-b2ad-6045bd772007)", "the key is disabled",
		    "sign with managedhsm:demo:signer:" TEST_VERSION ": " } },
		{ { .status = 403, .body = "{\"error\":{\"code\":\"AccessDenied\",\"message\":\"no\"}}" },
		  MH_R_FORBIDDEN,
		  "AccessDenied",
		  { "Managed HSM Crypto User", "--hsm-name demo", "/keys/signer", "AccessDenied" } },
		{ { .status = 404, .body = "{\"error\":{\"code\":\"KeyNotFound\",\"message\":\"Key not found\"}}" },
		  MH_R_NOT_FOUND,
		  "KeyNotFound",
		  { "az keyvault key list --hsm-name demo", "KeyNotFound: Key not found", "", "" } },
		{ { .status = 400, .body = "{\"error\":{\"code\":17,\"message\":[],\"innererror\":\"x\"}}" },
		  MH_R_SERVICE,
		  "",
		  { "HTTP 400 Bad Request", "", "", "" } },
		{ { .status = 400, .body = "<html>" }, MH_R_SERVICE, "", { "HTTP 400 Bad Request", "", "", "" } },
		{ { .status = 400,
		    .headers = "x-ms-request-id: " TEST_TOKEN "\r\n",
		    .body = "{\"error\":{\"code\":\"" TEST_TOKEN "\",\"message\":\"m\"}}" },
		  MH_R_SERVICE,
		  "*****************************",
		  { "HTTP 400 Bad Request: ***", "", "", "" } },
		{ { .status = 418, .body = "{\"error\":[]}" }, MH_R_SERVICE, "", { "HTTP 418", "", "", "" } },
	};
	struct fixture fixture;
	struct mh_error error;
	size_t i, j;

	fixture_start(&fixture, 10000);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		server_script(fixture.server, &cases[i].answer, 1);
		ck_assert(!fixture_sign(&fixture, &error).ok);
		ck_assert_int_eq(error.reason, cases[i].reason);
		ck_assert_str_eq(error.service_code, cases[i].code);
		for (j = 0; j < 4; j++)
			ck_assert_msg(strstr(error.text, cases[i].texts[j]) != NULL, "%s", error.text);
		ck_assert_ptr_null(strstr(error.text, TEST_TOKEN));
	}
	fixture_stop(&fixture);
}
END_TEST

START_TEST(addresses_are_made_of_checked_parts)
{
	struct service_address address = { .cloud = KEY_URI_CLOUD_PUBLIC, .api_version = "7.4" };
	struct key_uri uri = { .vault = "demo", .key = "k" };
	char url[URL_TEXT_MAX], scope[URL_SCOPE_MAX];
	struct mh_error error;

	ck_assert(url_for_key(&address, &uri, "sign", url, &error).ok);
	ck_assert_str_eq(url, "https://demo.managedhsm.azure.net/keys/k/sign?api-version=7.4");
	uri.service = KEY_URI_KEY_VAULT;
	address.cloud = KEY_URI_CLOUD_USGOV;
	memcpy(uri.version, TEST_VERSION, sizeof(uri.version));
	ck_assert(url_for_key(&address, &uri, NULL, url, &error).ok);
	ck_assert_str_eq(url, "https://demo.vault.usgovcloudapi.net/keys/k/" TEST_VERSION "?api-version=7.4");
	url_scope(KEY_URI_KEY_VAULT, KEY_URI_CLOUD_USGOV, scope);
	ck_assert_str_eq(scope, "https://vault.usgovcloudapi.net/.default");
	url_scope(KEY_URI_MANAGED_HSM, KEY_URI_CLOUD_CHINA, scope);
	ck_assert_str_eq(scope, "https://managedhsm.azure.cn/.default");
	uri.cloud = KEY_URI_CLOUD_PUBLIC;
	ck_assert(!url_for_key(&address, &uri, NULL, url, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_BAD_URI);
	uri.cloud = KEY_URI_CLOUD_UNSAID;
	memcpy(uri.vault, "a.b/", 5);
	ck_assert(!url_for_key(&address, &uri, NULL, url, &error).ok);
}
END_TEST

START_TEST(endpoint_is_a_host_and_perhaps_a_port)
{
	static const char *const good[] = { "https://localhost", "https://a.b-c.test:8443", "https://127.0.0.1:1",
		                            "https://[::1]:8443", "https://[::1]" };
	static const char *const bad[] = { "http://localhost",
		                           "https://",
		                           "https://h/",
		                           "https://h?x",
		                           "https://u@h",
		                           "https://h:",
		                           "https://h:0",
		                           "https://h:70000",
		                           "https://h:1x",
		                           "https://h\n",
		                           "https://[::1",
		                           "https://[]",
		                           "HTTPS",
		                           "",
		                           "https://h#x",
		                           "https://-h" };
	struct service_address address = { .api_version = "7.4" };
	struct mh_error error;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		address.endpoint = good[i];
		ck_assert_msg(url_check_address(&address, &error).ok, "%s", good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		address.endpoint = bad[i];
		ck_assert_msg(!url_check_address(&address, &error).ok, "%s", bad[i]);
		ck_assert_int_eq(error.reason, MH_R_BAD_CONFIGURATION);
	}
	address = (struct service_address){ .api_version = "7.4&x=y" };
	ck_assert(!url_check_address(&address, &error).ok);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("client");

	tcase_add_test(cases, sign_sends_and_reads_what_the_service_defines);
	tcase_add_test(cases, encrypt_and_decrypt_send_and_read_what_the_service_defines);
	tcase_add_test(cases, bad_encrypt_answers_are_refused_and_leave_nothing);
	tcase_add_test(cases, bad_sign_answers_are_refused);
	tcase_add_test(cases, get_key_reads_the_key_that_was_asked_for);
	tcase_add_test(cases, passing_failures_are_tried_again_with_the_same_request_id);
	tcase_add_test(cases, retry_after_is_waited_for);
	tcase_add_test(cases, retry_after_beyond_the_deadline_fails_at_once);
	tcase_add_test(cases, tries_end_before_the_deadline_and_are_counted);
	tcase_add_test(cases, final_answers_are_not_tried_again);
	tcase_add_test(cases, refused_token_is_replaced_once);
	tcase_add_test(cases, refused_token_without_another_says_what_to_do);
	tcase_add_test(cases, errors_tell_what_the_service_said);
	tcase_add_test(cases, addresses_are_made_of_checked_parts);
	tcase_add_test(cases, endpoint_is_a_host_and_perhaps_a_port);
	return run_cases("client", cases);
}
