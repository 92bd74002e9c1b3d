/* SPDX-License-Identifier: Apache-2.0 */
#include "http/client_value.h"

#include <string.h>
#include <strings.h>

#include "base/base64url.h"
#include "http/json_body.h"

bool client_is_asked_key(const struct key_uri *asked, const char *key, const char *version)
{
	return strcasecmp(asked->key, key) == 0 &&
	       (asked->version[0] == '\0' || strcasecmp(asked->version, version) == 0);
}

/* What json_body_take_secret() leaves in the place of a string that it took. */
static bool is_blank(const char *text, size_t length)
{
	return text != NULL && strlen(text) == length && strspn(text, "A") == length;
}

static mh_result check_answer(const json_t *root, const struct key_uri *uri, const struct mh_buffer *taken,
                              struct mh_error *error)
{
	char key[KEY_URI_KEY_MAX + 1], version[KEY_URI_VERSION_LENGTH + 1];
	const char *kid = json_body_string(root, "kid");

	if (kid == NULL && json_object_get(root, "kid") != NULL)
		return mh_fail(error, MH_R_BAD_ANSWER, "the answer's \"kid\" is not a string");
	if (kid != NULL && uri != NULL &&
	    (!key_uri_parse_kid(kid, key, version, NULL).ok || !client_is_asked_key(uri, key, version)))
		return mh_fail(error, MH_R_BAD_ANSWER, "the service answered for another key or version");
	if (!is_blank(json_body_string(root, "value"), taken->length))
		return mh_fail(error, MH_R_BAD_ANSWER, "the answer's \"value\" is missing or not a string");
	return MH_SUCCESS;
}

mh_result client_read_value(struct http_response *response, const struct key_uri *uri, uint8_t *value, size_t capacity,
                            size_t *length, struct mh_error *error)
{
	struct mh_buffer taken;
	mh_result result;
	json_t *root;

	mh_buffer_init_secret(&taken, response->body.length);
	if (!json_body_take_secret(response->body.data, response->body.length, "value", &taken)) {
		/* Broken JSON has a more telling error. */
		result = json_body_parse((struct mh_span){ response->body.data, response->body.length }, &root, error);
		json_decref(root);
		if (result.ok)
			result = mh_fail(error, MH_R_BAD_ANSWER,
			                 "the answer's \"value\" is missing or not a base64url string");
		mh_buffer_free(&taken);
		return result;
	}
	result = json_body_parse((struct mh_span){ response->body.data, response->body.length }, &root, error);
	if (result.ok)
		result = check_answer(root, uri, &taken, error);
	if (result.ok && !mh_base64url_decode(mh_buffer_text(&taken), taken.length, value, capacity, length).ok)
		result = mh_fail(error, MH_R_BAD_ANSWER, "the answer's \"value\" is not base64url of at most %zu bytes",
		                 capacity);
	json_decref(root);
	mh_buffer_free(&taken);
	return result;
}
