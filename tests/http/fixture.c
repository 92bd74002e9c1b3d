/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/http/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

static mh_result get_token(void *context, const char *scope, int64_t deadline_ms, struct mh_buffer *token,
                           struct mh_error *error)
{
	struct test_tokens *tokens = context;

	(void)error;
	ck_assert(deadline_ms > transport_now_ms());
	ck_assert(token->secret);
	tokens->got++;
	snprintf(tokens->scope, sizeof(tokens->scope), "%s", scope);
	return mh_buffer_append_text(token, tokens->refused > 0 && tokens->has_fresh ? FRESH_TOKEN : TEST_TOKEN);
}

static bool token_refused(void *context, const char *scope, const char *token, const char *claims)
{
	struct test_tokens *tokens = context;

	(void)scope;
	tokens->refused++;
	snprintf(tokens->claims, sizeof(tokens->claims), "%s", claims != NULL ? claims : "");
	return tokens->has_fresh && strcmp(token, TEST_TOKEN) == 0;
}

void fixture_start_server(struct fixture *fixture, const struct server_options *options)
{
	memset(fixture, 0, sizeof(*fixture));
	fixture->server = server_start(options);
	fixture->libctx = OSSL_LIB_CTX_new();
	ck_assert_ptr_nonnull(fixture->libctx);
	fixture->config.libctx = fixture->libctx;
	fixture->config.ca_pem.data = (const uint8_t *)server_ca_pem(fixture->server);
	fixture->config.ca_pem.length = strlen(server_ca_pem(fixture->server));
	fixture->config.connect_timeout_ms = 5000;
	fixture->config.max_connections = 4;
}

void fixture_start_transport(struct fixture *fixture)
{
	struct mh_error error = { 0 };

	ck_assert_msg(transport_new(&fixture->config, &fixture->transport, &error).ok, "%s", error.text);
}

void fixture_start(struct fixture *fixture, unsigned timeout_ms)
{
	struct client_config config = { .api_version = "2025-07-01", .timeout_ms = timeout_ms };
	struct mh_error error = { 0 };
	char endpoint[64];

	fixture_start_server(fixture, NULL);
	fixture_start_transport(fixture);
	snprintf(endpoint, sizeof(endpoint), "https://127.0.0.1:%u", server_port(fixture->server));
	config.endpoint = endpoint;
	fixture->tokens.source = (struct token_source){ get_token, token_refused, &fixture->tokens };
	ck_assert_msg(client_new(&config, fixture->transport, &fixture->tokens.source, &fixture->client, &error).ok,
	              "%s", error.text);
	ck_assert(key_uri_parse("managedhsm:demo:signer:" TEST_VERSION, &fixture->uri, &error).ok);
}

void fixture_stop(struct fixture *fixture)
{
	client_free(fixture->client);
	transport_free(fixture->transport, false);
	server_stop(fixture->server);
	OSSL_LIB_CTX_free(fixture->libctx);
}

mh_result fixture_perform(struct fixture *fixture, const char *method, const char *url, unsigned deadline_ms,
                          struct http_response *response, struct mh_error *error)
{
	struct http_request request = { .method = method,
		                        .url = url,
		                        .bearer_token = TEST_TOKEN,
		                        .client_request_id = "11111111-2222-4333-8444-555555555555",
		                        .deadline_ms = transport_now_ms() + deadline_ms,
		                        .max_answer = 65536 };

	return transport_perform(fixture->transport, &request, response, error);
}

long fixture_get(struct fixture *fixture, unsigned deadline_ms, struct mh_error *error)
{
	struct http_response response;
	mh_result result;
	char url[128];

	snprintf(url, sizeof(url), "https://127.0.0.1:%u/keys/k?api-version=2025-07-01", server_port(fixture->server));
	http_response_init(&response);
	memset(error, 0, sizeof(*error));
	result = fixture_perform(fixture, "GET", url, deadline_ms, &response, error);
	http_response_free(&response);
	return result.ok ? response.status : 0;
}

mh_result fixture_sign(struct fixture *fixture, struct mh_error *error)
{
	static const uint8_t digest[32];
	uint8_t signature[512];
	size_t length;

	memset(error, 0, sizeof(*error));
	return client_key_operation(fixture->client, &fixture->uri, CLIENT_SIGN, "RS256",
	                            (struct mh_span){ digest, sizeof(digest) }, signature, sizeof(signature), &length,
	                            error);
}

int run_cases(const char *name, TCase *cases)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
