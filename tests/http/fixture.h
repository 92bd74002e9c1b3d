/* SPDX-License-Identifier: Apache-2.0 */
/* A test server with a transport (and a client) that trust it, as most tests here want them. */
#ifndef MH_TESTS_HTTP_FIXTURE_H
#define MH_TESTS_HTTP_FIXTURE_H

#include <check.h>

#include "http/client.h"
#include "http/transport.h"
#include "tests/http/server.h"

#define TEST_TOKEN "0d6fe91b-not-a-jwt.test-token" /* one that nothing but its own text gives away */
#define FRESH_TOKEN "eyJhbGciOiJub25lIn0.fresh-token"
#define TEST_VERSION "0123456789abcdef0123456789abcdef"

#define SCRIPT(server, answers) server_script(server, answers, sizeof(answers) / sizeof((answers)[0]))

/* A token source that counts, and may have a second token. */
struct test_tokens {
	struct token_source source;
	unsigned got, refused;
	bool has_fresh;
	char scope[128];
	char claims[128];
};

struct fixture {
	struct server *server;
	OSSL_LIB_CTX *libctx;
	struct transport_config config;
	struct transport *transport;
	struct test_tokens tokens;
	struct client *client;
	struct key_uri uri; /* managedhsm:demo:signer:<TEST_VERSION> */
};

/* With the server's CA, 4 connections, 5 s to connect; change fixture->config between the two. */
void fixture_start_server(struct fixture *fixture, const struct server_options *options);
void fixture_start_transport(struct fixture *fixture);

/* Both, and a client with timeout_ms. */
void fixture_start(struct fixture *fixture, unsigned timeout_ms);
void fixture_stop(struct fixture *fixture);

/* One GET of /keys/k with the test token by deadline_ms from now; frees the answer. Returns its status, 0 after a
 * failure. */
long fixture_get(struct fixture *fixture, unsigned deadline_ms, struct mh_error *error);

/* The same to any URL, with the answer given. */
mh_result fixture_perform(struct fixture *fixture, const char *method, const char *url, unsigned deadline_ms,
                          struct http_response *response, struct mh_error *error);

/* client_key_operation() with RS256 and a digest of zeros. */
mh_result fixture_sign(struct fixture *fixture, struct mh_error *error);

/* Prints check's report; what main() returns. */
int run_cases(const char *name, TCase *cases);

#endif
