/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the transport trusts. */
#include <stdio.h>
#include <string.h>

#include "tests/http/fixture.h"

static const struct scripted_answer fine[] = { { .status = 200, .body = "{}" } };

/* No request may have been read by a server that is not trusted. */
static void expect_refusal(struct fixture *fixture, const char *text)
{
	struct mh_error error;

	fixture_start_transport(fixture);
	SCRIPT(fixture->server, fine);
	ck_assert_int_eq(fixture_get(fixture, 10000, &error), 0);
	ck_assert_msg(error.reason == MH_R_TLS, "%d %s", error.reason, error.text);
	ck_assert_msg(strstr(error.text, text) != NULL, "%s", error.text);
	ck_assert_uint_eq(server_requests(fixture->server), 0);
	fixture_stop(fixture);
}

START_TEST(another_ca_is_not_trusted)
{
	struct fixture fixture, other;

	fixture_start_server(&other, NULL);
	fixture_start_server(&fixture, NULL);
	fixture.config.ca_pem.data = (const uint8_t *)server_ca_pem(other.server);
	fixture.config.ca_pem.length = strlen(server_ca_pem(other.server));
	expect_refusal(&fixture, "certificate");
	fixture_stop(&other);
}
END_TEST

START_TEST(system_cas_do_not_know_the_test_server)
{
	struct fixture fixture;

	fixture_start_server(&fixture, NULL);
	fixture.config.ca_pem = (struct mh_span){ NULL, 0 };
	expect_refusal(&fixture, "certificate");
}
END_TEST

START_TEST(ca_that_is_no_certificate_trusts_nobody)
{
	struct fixture fixture;

	fixture_start_server(&fixture, NULL);
	fixture.config.ca_pem = (struct mh_span){ (const uint8_t *)"not PEM", 7 };
	expect_refusal(&fixture, "");
}
END_TEST

START_TEST(certificate_for_another_host_is_refused)
{
	struct server_options options = { .dns_name = "-" };
	struct fixture fixture;

	fixture_start_server(&fixture, &options);
	expect_refusal(&fixture, "127.0.0.1");
}
END_TEST

START_TEST(tls_1_1_is_refused)
{
	struct server_options options = { .only_tls_1_1 = true };
	struct fixture fixture;

	fixture_start_server(&fixture, &options);
	expect_refusal(&fixture, "TLS");
}
END_TEST

START_TEST(right_pin_is_accepted)
{
	struct fixture fixture;
	struct mh_error error;

	fixture_start_server(&fixture, NULL);
	fixture.config.pin = server_pin(fixture.server);
	fixture_start_transport(&fixture);
	SCRIPT(fixture.server, fine);
	ck_assert_msg(fixture_get(&fixture, 10000, &error) == 200, "%s", error.text);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(wrong_pin_is_refused)
{
	struct fixture fixture;

	fixture_start_server(&fixture, NULL);
	fixture.config.pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	expect_refusal(&fixture, "pin");
}
END_TEST

START_TEST(host_name_is_verified_by_name_too)
{
	struct server_options options = { .dns_name = "localhost" };
	struct http_response response;
	struct fixture fixture;
	struct mh_error error;
	char url[100];

	fixture_start_server(&fixture, &options);
	fixture_start_transport(&fixture);
	SCRIPT(fixture.server, fine);
	http_response_init(&response);
	snprintf(url, sizeof(url), "https://localhost:%u/x", server_port(fixture.server));
	ck_assert_msg(fixture_perform(&fixture, "GET", url, 10000, &response, &error).ok, "%s", error.text);
	http_response_free(&response);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(failed_verification_is_not_tried_again_and_says_what_to_do)
{
	struct fixture fixture, other;
	struct mh_error error;

	fixture_start(&other, 3000);
	fixture_start(&fixture, 3000);
	transport_free(fixture.transport, false);
	fixture.config.ca_pem.data = (const uint8_t *)server_ca_pem(other.server);
	fixture.config.ca_pem.length = strlen(server_ca_pem(other.server));
	fixture_start_transport(&fixture);
	client_free(fixture.client);
	{
		struct client_config config = { .api_version = "2025-07-01", .timeout_ms = 3000 };
		char endpoint[64];

		snprintf(endpoint, sizeof(endpoint), "https://127.0.0.1:%u", server_port(fixture.server));
		config.endpoint = endpoint;
		ck_assert(client_new(&config, fixture.transport, &fixture.tokens.source, &fixture.client, &error).ok);
	}
	ck_assert(!fixture_sign(&fixture, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_TLS);
	ck_assert_ptr_null(strstr(error.text, "tried"));
	ck_assert_ptr_nonnull(strstr(error.text, "`ca-file`"));
	fixture_stop(&fixture);
	fixture_stop(&other);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("tls");

	tcase_add_test(cases, another_ca_is_not_trusted);
	tcase_add_test(cases, system_cas_do_not_know_the_test_server);
	tcase_add_test(cases, ca_that_is_no_certificate_trusts_nobody);
	tcase_add_test(cases, certificate_for_another_host_is_refused);
	tcase_add_test(cases, tls_1_1_is_refused);
	tcase_add_test(cases, right_pin_is_accepted);
	tcase_add_test(cases, wrong_pin_is_refused);
	tcase_add_test(cases, host_name_is_verified_by_name_too);
	tcase_add_test(cases, failed_verification_is_not_tried_again_and_says_what_to_do);
	return run_cases("tls", cases);
}
