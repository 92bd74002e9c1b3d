/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypting and decrypting with AES keys: what the bodies have beside the value: iv, additional data, tag. */
#include "http/client.h"

#include <openssl/crypto.h>

#include "base/base64url.h"
#include "http/call.h"
#include "http/client_value.h"
#include "http/json_body.h"

/* Of our choice; the service's limit is not documented. */
#define BODY_MAX ((size_t)64 * 1024)

static bool append_member(struct mh_buffer *body, const char *name, struct mh_span value)
{
	return mh_buffer_append_format(body, ",\"%s\":\"", name).ok && mh_base64url_encode(value, body).ok &&
	       mh_buffer_append_text(body, "\"").ok;
}

/* {"alg":"A256GCM","value":"<base64url>","iv":...,"aad":...,"tag":...}; nothing in it needs escaping. */
static mh_result write_body(const struct client_cipher *input, struct mh_buffer *body, struct mh_error *error)
{
	if (!mh_buffer_append_format(body, "{\"alg\":\"%s\"", input->algorithm).ok ||
	    !append_member(body, "value", input->value) ||
	    (input->iv.length != 0 && !append_member(body, "iv", input->iv)) ||
	    (input->aad.length != 0 && !append_member(body, "aad", input->aad)) ||
	    (input->tag.length != 0 && !append_member(body, "tag", input->tag)) || !mh_buffer_append_text(body, "}").ok)
		return mh_fail(error, MH_R_MEMORY, "no memory for the request, or a value that is too long");
	return MH_SUCCESS;
}

static bool read_exactly(const json_t *root, const char *name, uint8_t *bytes, size_t length)
{
	const char *text = json_body_string(root, name);
	size_t written = 0;

	return text != NULL &&
	       mh_base64url_decode(text, json_string_length(json_object_get(root, name)), bytes, length, &written).ok &&
	       written == length;
}

/* After client_read_value(), which has blanked the value. */
static mh_result read_sealed(const struct http_response *response, struct client_sealed *sealed, struct mh_error *error)
{
	mh_result result;
	json_t *root;

	result = json_body_parse((struct mh_span){ response->body.data, response->body.length }, &root, error);
	if (result.ok && (!read_exactly(root, "iv", sealed->iv, sizeof(sealed->iv)) ||
	                  !read_exactly(root, "tag", sealed->tag, sizeof(sealed->tag))))
		result = mh_fail(error, MH_R_BAD_ANSWER,
		                 "the answer has no \"iv\" of %d bytes and \"tag\" of %d bytes in base64url",
		                 CLIENT_GCM_IV_LENGTH, CLIENT_GCM_TAG_LENGTH);
	json_decref(root);
	return result;
}

static mh_result operate(struct client *client, struct client_call *call, const struct client_cipher *input,
                         uint8_t *out, size_t capacity, size_t *length, struct client_sealed *sealed,
                         struct mh_error *error)
{
	struct http_response response;
	struct mh_buffer body;
	mh_result result;

	mh_buffer_init_secret(&body, BODY_MAX);
	http_response_init(&response);
	result = write_body(input, &body, error);
	if (result.ok) {
		call->json = (struct mh_span){ body.data, body.length };
		result = client_call(client, call, &response, error);
		if (result.ok) {
			result = client_read_value(&response, call->uri, out, capacity, length, error);
			if (result.ok && sealed != NULL)
				result = read_sealed(&response, sealed, error);
			if (!result.ok)
				result = client_call_bad_answer(call, &response, error);
		}
	}
	http_response_free(&response);
	mh_buffer_free(&body);
	if (!result.ok)
		OPENSSL_cleanse(out, capacity);
	return result;
}

mh_result client_encrypt(struct client *client, const struct key_uri *uri, const struct client_cipher *input,
                         uint8_t *out, size_t capacity, size_t *length, struct client_sealed *sealed,
                         struct mh_error *error)
{
	struct client_call call = { .attempt = "encrypt with", .method = "POST", .uri = uri, .action = "encrypt" };

	return operate(client, &call, input, out, capacity, length, sealed, error);
}

mh_result client_decrypt(struct client *client, const struct key_uri *uri, const struct client_cipher *input,
                         uint8_t *out, size_t capacity, size_t *length, struct mh_error *error)
{
	struct client_call call = {
		.attempt = "decrypt with", .method = "POST", .uri = uri, .action = "decrypt", .quiet = true
	};

	return operate(client, &call, input, out, capacity, length, NULL, error);
}
