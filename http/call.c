/* SPDX-License-Identifier: Apache-2.0 */
#include "http/call.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "http/answer.h"
#include "http/retry.h"
#include "http/service_error.h"

#define TOKEN_MAX ((size_t)16 * 1024)
#define UUID_TEXT_LENGTH 36

/* One operation under way. */
struct run {
	struct client *client;
	const struct client_call *call;
	struct http_request request;
	char url[URL_TEXT_MAX];
	char scope[URL_SCOPE_MAX];
	char request_id[UUID_TEXT_LENGTH + 1]; /* the same for all attempts */
	struct retry retry;
	bool token_was_refused;
};

enum attempt_end { ATTEMPT_DONE, ATTEMPT_FAILED, ATTEMPT_AGAIN_LATER, ATTEMPT_AGAIN_NOW };

/* RFC 9562, version 4. From the kernel: OpenSSL's generator may be the HSM's own by configuration, which is not to
 * be asked for the id of the request that asks it. */
static mh_result make_request_id(char text[static UUID_TEXT_LENGTH + 1], struct mh_error *error)
{
	uint8_t b[16];

	if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
		return mh_fail(error, MH_R_INTERNAL, "no random bytes from the kernel");
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	snprintf(text, UUID_TEXT_LENGTH + 1, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
	         b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
	return MH_SUCCESS;
}

static void prefix_attempt(const struct client_call *call, struct mh_error *error)
{
	char uri[KEY_URI_TEXT_MAX];

	key_uri_format(call->uri, uri);
	mh_error_prefix(error, "%s %s", call->attempt, uri);
}

static mh_result prepare(struct run *run, struct mh_error *error)
{
	const struct client_call *call = run->call;
	const struct service_address *address = &run->client->address;

	if (call->uri->all_versions && call->root_path == NULL)
		return mh_fail(error, MH_R_BAD_URI, "the URI names all versions of a key where one is needed");

	retry_begin(&run->retry, run->client->timeout_ms);
	if (!(call->root_path != NULL ? url_for_store(address, call->uri, call->root_path, run->url, error)
	                              : url_for_key(address, call->uri, call->action, run->url, error))
	             .ok ||
	    !make_request_id(run->request_id, error).ok)
		return MH_FAILURE;
	url_scope(call->uri->service, address->cloud, run->scope);
	if (call->query != NULL && !url_append(run->url, call->query, error).ok)
		return MH_FAILURE;
	run->request = (struct http_request){ .method = call->method,
		                              .url = run->url,
		                              .client_request_id = run->request_id,
		                              .json = call->json,
		                              .deadline_ms = run->retry.deadline_ms,
		                              .max_answer = call->max_answer,
		                              .quiet = call->quiet };
	if (call->max_answer == 0)
		run->request.max_answer = CALL_ANSWER_MAX;
	return MH_SUCCESS;
}

/* True when the token source can do better, which is asked once. */
static bool can_replace_token(struct run *run, const struct mh_buffer *token, const struct http_response *response)
{
	const struct token_source *tokens = run->client->tokens;
	char claims[sizeof(response->challenge)];
	bool has_claims;

	if (run->token_was_refused)
		return false;
	run->token_was_refused = true;
	has_claims = answer_challenge_parameter(response->challenge, "claims", claims, sizeof(claims));
	return tokens->refused(tokens->context, run->scope, mh_buffer_text(token), has_claims ? claims : NULL);
}

/* A peer that echoes the request must not bring the token into an error or a log. */
static void strike_token(void *text, size_t length, const struct mh_buffer *token)
{
	char *at;

	while (token->length > 0 && length >= token->length &&
	       (at = memmem(text, length, token->data, token->length)) != NULL) {
		memset(at, '*', token->length);
		length -= (size_t)(at - (char *)text) + token->length;
		text = at + token->length;
	}
}

static enum attempt_end attempt(struct run *run, struct mh_buffer *token, struct http_response *response,
                                struct mh_error *error)
{
	const struct token_source *tokens = run->client->tokens;

	run->retry.attempts++;
	if (!tokens->get(tokens->context, run->scope, run->retry.deadline_ms, token, error).ok)
		return ATTEMPT_FAILED;
	run->request.bearer_token = mh_buffer_text(token);
	if (!transport_perform(run->client->transport, &run->request, response, error).ok)
		return retry_helps_reason(error->reason) ? ATTEMPT_AGAIN_LATER : ATTEMPT_FAILED;
	strike_token(response->request_id, strlen(response->request_id), token);
	if (response->status >= 200 && response->status <= 299)
		return ATTEMPT_DONE;
	strike_token(response->body.data, response->body.length, token);
	(void)service_error(response, error);
	if (response->status == 401)
		return can_replace_token(run, token, response) ? ATTEMPT_AGAIN_NOW : ATTEMPT_FAILED;
	return retry_helps_status(response->status) ? ATTEMPT_AGAIN_LATER : ATTEMPT_FAILED;
}

static void log_retry(const struct run *run, int64_t delay_ms, const struct mh_error *error)
{
	mh_log_write(run->client->log, MH_LOG_INFO,
	             "%s %s/%s: attempt %u failed (%s), next in %lld ms, client request id %s", run->call->attempt,
	             run->call->uri->vault, run->call->uri->key, run->retry.attempts, error->text, (long long)delay_ms,
	             run->request_id);
}

/* Attempts until one succeeds (true) or nothing more can be done, and *error says what the last one met. */
static bool attempt_until_done(struct run *run, struct http_response *response, struct mh_error *error)
{
	struct mh_buffer token;
	enum attempt_end end;
	int64_t delay_ms;

	for (;;) {
		*error = (struct mh_error){ 0 };
		mh_buffer_init_secret(&token, TOKEN_MAX);
		end = attempt(run, &token, response, error);
		run->request.bearer_token = NULL;
		mh_buffer_free(&token);
		if (end == ATTEMPT_DONE || end == ATTEMPT_FAILED)
			return end == ATTEMPT_DONE;
		delay_ms = 0;
		if (end == ATTEMPT_AGAIN_LATER && run->call->once)
			return false;
		if (end == ATTEMPT_AGAIN_LATER &&
		    !retry_delay(&run->retry, response->retry_after_ms, &delay_ms, error).ok)
			return false;
		log_retry(run, delay_ms, error);
		if (delay_ms > 0)
			retry_sleep(delay_ms);
	}
}

mh_result client_call(struct client *client, const struct client_call *call, struct http_response *response,
                      struct mh_error *error)
{
	struct run run = { .client = client, .call = call };
	struct mh_error last;

	last = (struct mh_error){ 0 };
	if (prepare(&run, &last).ok) {
		if (attempt_until_done(&run, response, &last))
			return MH_SUCCESS;
		retry_describe(&run.retry, &last);
		service_error_advise(call->uri, client->address.cloud, &last);
		if (call->once &&
		    (last.reason == MH_R_TRANSPORT || last.reason == MH_R_TIMEOUT || last.http_status >= 500))
			mh_error_append(&last, "; whether it was done is not known: look before you try again");
	}
	prefix_attempt(call, &last);
	if (error != NULL)
		*error = last;
	return MH_FAILURE;
}

mh_result client_call_bad_answer(const struct client_call *call, const struct http_response *response,
                                 struct mh_error *error)
{
	if (error == NULL)
		return MH_FAILURE;
	error->http_status = response->status;
	snprintf(error->request_id, sizeof(error->request_id), "%s", response->request_id);
	if (response->request_id[0] != '\0')
		mh_error_append(error, " (request id %s)", response->request_id);
	prefix_attempt(call, error);
	return MH_FAILURE;
}
