/* SPDX-License-Identifier: Apache-2.0 */
/* One request at a time: connections, limits, deadlines. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/http/fixture.h"

static const struct scripted_answer fine[] = { { .status = 200, .body = "{}" } };

START_TEST(kept_connection_is_reused)
{
	struct fixture fixture;
	struct mh_error error;
	int i;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, fine);
	for (i = 0; i < 20; i++)
		ck_assert_msg(fixture_get(&fixture, 10000, &error) == 200, "%s", error.text);
	ck_assert_uint_eq(server_requests(fixture.server), 20);
	ck_assert_uint_eq(server_connections(fixture.server), 1);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(nothing_is_opened_before_the_first_request)
{
	struct fixture fixture;

	fixture_start(&fixture, 10000);
	usleep(50000);
	ck_assert_uint_eq(server_connections(fixture.server), 0);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(request_carries_what_it_should_and_no_more)
{
	struct http_request request = { .method = "POST",
		                        .bearer_token = TEST_TOKEN,
		                        .client_request_id = "11111111-2222-4333-8444-555555555555",
		                        .json = { (const uint8_t *)"{\"a\":1}", 7 },
		                        .max_answer = 1000 };
	struct http_response response;
	struct fixture fixture;
	struct mh_error error;
	char url[100], expected[500];

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, fine);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/keys/k/sign?x=y", server_port(fixture.server));
	request.url = url;
	request.deadline_ms = transport_now_ms() + 10000;
	http_response_init(&response);
	ck_assert(transport_perform(fixture.transport, &request, &response, &error).ok);
	http_response_free(&response);
	snprintf(expected, sizeof(expected),
	         "POST /keys/k/sign?x=y HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUser-Agent: managedhsm/%s\r\nAccept: "
	         "application/json\r\n"
	         "Content-Type: application/json\r\nx-ms-client-request-id: 11111111-2222-4333-8444-555555555555\r\n"
	         "Authorization: Bearer " TEST_TOKEN "\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
	         server_port(fixture.server), MH_VERSION);
	ck_assert_str_eq(server_request(fixture.server, 0), expected);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(a_token_does_not_stay_for_the_next_request)
{
	struct http_request request = { .method = "GET", .max_answer = 1000 };
	struct http_response response;
	struct fixture fixture;
	struct mh_error error;
	char url[100];

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, fine);
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 200);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/x", server_port(fixture.server));
	request.url = url;
	request.deadline_ms = transport_now_ms() + 10000;
	http_response_init(&response);
	ck_assert(transport_perform(fixture.transport, &request, &response, &error).ok);
	http_response_free(&response);
	ck_assert_ptr_nonnull(strstr(server_request(fixture.server, 0), "Authorization"));
	ck_assert_ptr_null(strstr(server_request(fixture.server, 1), "Authorization"));
	ck_assert_ptr_null(strstr(server_request(fixture.server, 1), "x-ms-client-request-id"));
	ck_assert_uint_eq(server_connections(fixture.server), 1);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(methods_follow_each_other_on_one_connection)
{
	static const char *const names[] = { "GET", "POST", "PUT", "GET", "PATCH", "DELETE", "POST", "GET" };
	struct http_response response;
	struct fixture fixture;
	struct mh_error error;
	char url[100], line[20];
	unsigned i;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, fine);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/x", server_port(fixture.server));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		http_response_init(&response);
		ck_assert_msg(fixture_perform(&fixture, names[i], url, 10000, &response, &error).ok, "%s", error.text);
		http_response_free(&response);
		snprintf(line, sizeof(line), "%s /x ", names[i]);
		ck_assert_msg(strncmp(server_request(fixture.server, i), line, strlen(line)) == 0, "%s",
		              server_request(fixture.server, i));
	}
	ck_assert_uint_eq(server_connections(fixture.server), 1);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(answer_headers_are_read)
{
	static const struct scripted_answer answers[] = {
		{ .status = 429,
		  .headers = "X-MS-Request-Id:  abc\x01 \r\nRetry-After: 7\r\nretry-after-ms: 1500\r\n" },
		{ .status = 429, .headers = "Retry-After: 7\r\nWWW-Authenticate: Bearer realm=\"x\"\r\n" },
		{ .status = 429, .headers = "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n" },
		{ .status = 429, .headers = "Retry-After: 99999999999999999999\r\n" },
		{ .status = 429, .headers = "Retry-After: soon\r\n" },
	};
	static const long waits[] = { 1500, 7000, 0, 1000000000, -1 };
	struct http_response response;
	struct fixture fixture;
	struct mh_error error;
	char url[100];
	unsigned i;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, answers);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/x", server_port(fixture.server));
	http_response_init(&response);
	for (i = 0; i < 5; i++) {
		ck_assert(fixture_perform(&fixture, "GET", url, 10000, &response, &error).ok);
		ck_assert_int_eq(response.retry_after_ms, waits[i]);
		ck_assert_str_eq(response.request_id, i == 0 ? "abc?" : "");
		ck_assert_str_eq(response.challenge, i == 1 ? "Bearer realm=\"x\"" : "");
	}
	http_response_free(&response);
	fixture_stop(&fixture);
}
END_TEST

static void expect_failure(const struct scripted_answer *answer, enum mh_reason reason, const char *text)
{
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	server_script(fixture.server, answer, 1);
	ck_assert_int_eq(fixture_get(&fixture, 5000, &error), 0);
	ck_assert_msg(error.reason == reason, "%d %s", error.reason, error.text);
	ck_assert_msg(strstr(error.text, text) != NULL, "%s", error.text);
	SCRIPT(fixture.server, fine);
	ck_assert_msg(fixture_get(&fixture, 5000, &error) == 200, "not usable afterwards: %s", error.text);
	ck_assert_uint_lt(server_bytes_sent(fixture.server), 8000000);
	fixture_stop(&fixture);
}

START_TEST(large_answers_are_refused_early)
{
	static const char kilobyte[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789";
	struct scripted_answer announced = { .status = 200, .body = kilobyte, .repeat_body = 300000 };
	struct scripted_answer unannounced = {
		.status = 200, .body = kilobyte, .repeat_body = 300000, .chunked = true
	};
	struct scripted_answer headers = { .status = 200,
		                           .headers = "X-A: 0123456789abcdef\r\n",
		                           .repeat_headers = 200000 };

	expect_failure(&announced, MH_R_ANSWER_TOO_LARGE, "larger than 65536");
	expect_failure(&unannounced, MH_R_ANSWER_TOO_LARGE, "larger than 65536");
	expect_failure(&headers, MH_R_ANSWER_TOO_LARGE, "headers");
}
END_TEST

START_TEST(broken_answers_are_failures)
{
	struct scripted_answer truncated = { .status = 200, .body = "{\"a\":1}", .cut_after = 80 };
	struct scripted_answer dropped = { .drop = true };
	struct scripted_answer old = { .raw = "hello, this is no HTTP\n" };

	expect_failure(&truncated, MH_R_TRANSPORT, "truncated");
	expect_failure(&dropped, MH_R_TRANSPORT, "empty answer");
	expect_failure(&old, MH_R_TRANSPORT, "no HTTP");
}
END_TEST

START_TEST(deadline_is_kept)
{
	static const struct scripted_answer slow[] = { { .status = 200, .body = "{}", .delay_ms = 1500 } };
	struct fixture fixture;
	struct mh_error error;
	int64_t before;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, slow);
	before = transport_now_ms();
	ck_assert_int_eq(fixture_get(&fixture, 300, &error), 0);
	ck_assert_int_eq(error.reason, MH_R_TIMEOUT);
	ck_assert_int_ge(transport_now_ms() - before, 290);
	ck_assert_int_le(transport_now_ms() - before, 900);
	ck_assert_int_eq(fixture_get(&fixture, 0, &error), 0);
	ck_assert_int_eq(error.reason, MH_R_TIMEOUT);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(connection_closed_while_idle_is_replaced)
{
	struct server_options options = { .idle_ms = 50 };
	struct fixture fixture;
	struct mh_error error;

	fixture_start_server(&fixture, &options);
	fixture_start_transport(&fixture);
	SCRIPT(fixture.server, fine);
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 200);
	usleep(200000);
	ck_assert_msg(fixture_get(&fixture, 10000, &error) == 200, "%s", error.text);
	ck_assert_uint_eq(server_connections(fixture.server), 2);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(connection_closed_instead_of_an_answer_is_replaced)
{
	static const struct scripted_answer answers[] = { { .status = 200 }, { .drop = true }, { .status = 201 } };
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, answers);
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 200);
	ck_assert_msg(fixture_get(&fixture, 10000, &error) == 201, "%s", error.text);
	ck_assert_uint_eq(server_connections(fixture.server), 2);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(redirects_are_not_followed)
{
	struct fixture fixture, elsewhere;
	struct scripted_answer redirect = { .status = 307 };
	struct mh_error error;
	char location[100];

	fixture_start(&fixture, 10000);
	fixture_start(&elsewhere, 10000);
	SCRIPT(elsewhere.server, fine);
	snprintf(location, sizeof(location), "Location: https://127.0.0.1:%u/\r\n", server_port(elsewhere.server));
	redirect.headers = location;
	server_script(fixture.server, &redirect, 1);
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 307);
	ck_assert_uint_eq(server_requests(elsewhere.server), 0);
	fixture_stop(&elsewhere);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(refused_connection_names_the_host)
{
	struct http_response response;
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	http_response_init(&response);
	ck_assert(!fixture_perform(&fixture, "GET", "https://127.0.0.1:1/x", 1000, &response, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_CONNECT);
	ck_assert_ptr_nonnull(strstr(error.text, "127.0.0.1:1"));
	ck_assert(!fixture_perform(&fixture, "GET", "http://127.0.0.1:1/x", 1000, &response, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_INTERNAL);
	ck_assert(!fixture_perform(&fixture, "GET", "https://name.invalid/x", 1000, &response, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_CONNECT);
	http_response_free(&response);
	fixture_stop(&fixture);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("transport");

	tcase_add_test(cases, kept_connection_is_reused);
	tcase_add_test(cases, nothing_is_opened_before_the_first_request);
	tcase_add_test(cases, request_carries_what_it_should_and_no_more);
	tcase_add_test(cases, a_token_does_not_stay_for_the_next_request);
	tcase_add_test(cases, methods_follow_each_other_on_one_connection);
	tcase_add_test(cases, answer_headers_are_read);
	tcase_add_test(cases, large_answers_are_refused_early);
	tcase_add_test(cases, broken_answers_are_failures);
	tcase_add_test(cases, deadline_is_kept);
	tcase_add_test(cases, connection_closed_while_idle_is_replaced);
	tcase_add_test(cases, connection_closed_instead_of_an_answer_is_replaced);
	tcase_add_test(cases, redirects_are_not_followed);
	tcase_add_test(cases, refused_connection_names_the_host);
	return run_cases("transport", cases);
}
