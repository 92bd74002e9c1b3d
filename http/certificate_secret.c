/* SPDX-License-Identifier: Apache-2.0 */
#include "http/certificate_secret.h"

#include <string.h>

#include "http/call.h"
#include "http/json_body.h"

void certificate_secret_init(struct certificate_secret *secret)
{
	secret->pem = false;
	mh_buffer_init_secret(&secret->text, CERTIFICATE_SECRET_MAX);
}

void certificate_secret_free(struct certificate_secret *secret)
{
	mh_buffer_free(&secret->text);
}

/* jansson sees the answer without the secret. */
static mh_result read_secret(struct http_response *response, struct certificate_secret *secret, struct mh_error *error)
{
	const char *type, *value;
	size_t raw_length = 0;
	json_t *root;
	mh_result result = MH_SUCCESS;

	if (!json_body_take_secret_text(response->body.data, response->body.length, "value", &secret->text,
	                                &raw_length))
		return mh_fail(error, MH_R_BAD_ANSWER, "the answer holds no secret that could be a certificate's");
	if (!json_body_parse((struct mh_span){ response->body.data, response->body.length }, &root, error).ok)
		return MH_FAILURE;
	value = json_body_string(root, "value");
	type = json_body_string(root, "contentType");
	if (value == NULL || strlen(value) != raw_length || strspn(value, "A") != raw_length)
		result = mh_fail(error, MH_R_BAD_ANSWER, "the answer holds no secret that could be a certificate's");
	else if (type != NULL && strcmp(type, "application/x-pem-file") == 0)
		secret->pem = true;
	else if (type == NULL || strcmp(type, "application/x-pkcs12") != 0)
		result = mh_fail(error, MH_R_BAD_ANSWER, "the secret is neither a PEM nor a PKCS#12 file");
	json_decref(root);
	return result;
}

mh_result client_get_certificate_secret(struct client *client, const struct key_uri *uri,
                                        struct certificate_secret *secret, struct mh_error *error)
{
	char path[URL_PATH_MAX];
	struct client_call call = { .attempt = "get the chain, from the secret, of",
		                    .method = "GET",
		                    .uri = uri,
		                    .root_path = path,
		                    .quiet = true,
		                    .max_answer = 2 * CERTIFICATE_SECRET_MAX };
	struct http_response response;
	mh_result result;

	if (!url_collection_path(KEY_URI_SECRETS, uri, path, error).ok)
		return MH_FAILURE;
	http_response_init(&response);
	result = client_call(client, &call, &response, error);
	if (result.ok) {
		result = read_secret(&response, secret, error);
		if (!result.ok)
			result = client_call_bad_answer(&call, &response, error);
	}
	http_response_free(&response);
	return result;
}
