/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all operations of the service have in common: token, request, retries, refused tokens, error texts.
 * An operation says what it sends and reads the answer, nothing else. Inside http/ only.
 */
#ifndef MH_HTTP_CALL_H
#define MH_HTTP_CALL_H

#include "http/client.h"
#include "http/url.h"

#define CALL_ANSWER_MAX ((size_t)64 * 1024)

struct client {
	struct service_address address; /* its strings are the client's */
	unsigned timeout_ms;
	struct mh_log *log;
	struct transport *transport;
	const struct token_source *tokens;
};

struct client_call {
	const char *attempt; /* "sign with": what errors say was attempted, before the key's URI */
	const char *method;
	const struct key_uri *uri;
	const char *action; /* last segment of the path, or NULL */
	const char *root_path; /* instead of /keys/...: a path of the store itself, "/rng"; or NULL */
	bool quiet; /* whether it succeeded is a secret too: see struct http_request */
	bool once; /* not idempotent: an attempt whose outcome is not known is not repeated */
	struct mh_span json;
	const char *query; /* what follows the api-version: "&name=value", or "" or NULL */
	size_t max_answer; /* bytes; 0: CALL_ANSWER_MAX */
};

/* Runs the operation to a 2xx answer, in *response, which the caller has initialised and frees. The error is
 * complete. */
mh_result client_call(struct client *client, const struct client_call *call, struct http_response *response,
                      struct mh_error *error) MH_MUST_CHECK;

/* For an answer that is not what it should be: says what was attempted, and the answer's request id. Always
 * MH_FAILURE. */
mh_result client_call_bad_answer(const struct client_call *call, const struct http_response *response,
                                 struct mh_error *error);

#endif
