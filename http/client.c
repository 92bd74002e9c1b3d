/* SPDX-License-Identifier: Apache-2.0 */
#include "http/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "http/call.h"
#include "http/client_value.h"

#define OPERATION_BODY_MAX ((size_t)64 * 1024) /* the message of an HMAC; the rest is far shorter */
#define ALGORITHM_MAX 32

mh_result client_new(const struct client_config *config, struct transport *transport, const struct token_source *tokens,
                     struct client **client, struct mh_error *error)
{
	struct service_address address = { .endpoint = config->endpoint,
		                           .cloud = config->cloud == KEY_URI_CLOUD_UNSAID ? KEY_URI_CLOUD_PUBLIC
		                                                                          : config->cloud,
		                           .api_version = config->api_version };
	struct client *made;

	*client = NULL;
	if (!url_check_address(&address, error).ok)
		return MH_FAILURE;
	if (config->timeout_ms == 0)
		return mh_fail(error, MH_R_BAD_CONFIGURATION, "timeout must not be 0");
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return mh_fail(error, MH_R_MEMORY, "no memory for the REST client");
	made->address.cloud = address.cloud;
	made->timeout_ms = config->timeout_ms;
	made->log = config->log;
	made->transport = transport;
	made->tokens = tokens;
	made->address.api_version = strdup(address.api_version);
	if (address.endpoint != NULL)
		made->address.endpoint = strdup(address.endpoint);
	if (made->address.api_version == NULL || (address.endpoint != NULL && made->address.endpoint == NULL)) {
		client_free(made);
		return mh_fail(error, MH_R_MEMORY, "no memory for the REST client");
	}
	*client = made;
	return MH_SUCCESS;
}

void client_free(struct client *client)
{
	if (client == NULL)
		return;
	free((char *)(uintptr_t)client->address.endpoint);
	free((char *)(uintptr_t)client->address.api_version);
	free(client);
}

mh_result client_get_key(struct client *client, const struct key_uri *uri, struct jwk *jwk, struct mh_error *error)
{
	struct client_call call = { .attempt = "get key", .method = "GET", .uri = uri };
	struct http_response response;
	mh_result result;

	http_response_init(&response);
	result = client_call(client, &call, &response, error);
	if (result.ok) {
		result = jwk_parse((struct mh_span){ response.body.data, response.body.length }, jwk, error);
		if (result.ok && !client_is_asked_key(uri, jwk->key, jwk->version))
			result = mh_fail(error, MH_R_BAD_ANSWER, "the service answered with another key or version");
		if (!result.ok)
			result = client_call_bad_answer(&call, &response, error);
	}
	http_response_free(&response);
	return result;
}

static bool is_algorithm_name(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length <= ALGORITHM_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == length;
}

/* {"alg":"RS256","value":"<base64url>"}; nothing in it needs escaping. */
static mh_result write_body(const char *algorithm, struct mh_span value, struct mh_buffer *body, struct mh_error *error)
{
	if (!is_algorithm_name(algorithm))
		return mh_fail(error, MH_R_INTERNAL, "not an algorithm's name");
	if (!mh_buffer_append_format(body, "{\"alg\":\"%s\",\"value\":\"", algorithm).ok ||
	    !mh_base64url_encode(value, body).ok || !mh_buffer_append_text(body, "\"}").ok)
		return mh_fail(error, MH_R_MEMORY, "no memory for the request, or a value that is too long");
	return MH_SUCCESS;
}

static const struct {
	const char *attempt, *action;
} operations[] = {
	[CLIENT_SIGN] = { "sign with", "sign" },
	[CLIENT_DECRYPT] = { "decrypt with", "decrypt" },
	[CLIENT_WRAP_KEY] = { "wrap a key with", "wrapkey" },
	[CLIENT_UNWRAP_KEY] = { "unwrap a key with", "unwrapkey" },
};

mh_result client_key_operation(struct client *client, const struct key_uri *uri, enum client_operation operation,
                               const char *algorithm, struct mh_span value, uint8_t *out, size_t capacity,
                               size_t *length, struct mh_error *error)
{
	struct client_call call = { .attempt = operations[operation].attempt,
		                    .method = "POST",
		                    .uri = uri,
		                    .action = operations[operation].action,
		                    .quiet = operation != CLIENT_SIGN };
	struct http_response response;
	struct mh_buffer body;
	mh_result result;

	mh_buffer_init_secret(&body, OPERATION_BODY_MAX);
	http_response_init(&response);
	result = write_body(algorithm, value, &body, error);
	if (result.ok) {
		call.json = (struct mh_span){ body.data, body.length };
		result = client_call(client, &call, &response, error);
		if (result.ok) {
			result = client_read_value(&response, uri, out, capacity, length, error);
			if (!result.ok)
				result = client_call_bad_answer(&call, &response, error);
		}
	}
	http_response_free(&response);
	mh_buffer_free(&body);
	return result;
}
