/* SPDX-License-Identifier: Apache-2.0 */
/* Creating keys: the one operation that must not be repeated blindly, for each repetition is another version. */
#include "http/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "http/call.h"
#include "http/json_body.h"

#define RELEASE_POLICY_MAX ((size_t)64 * 1024)

static const char *const kinds[] = { [JWK_RSA] = "RSA", [JWK_EC] = "EC", [JWK_OCT] = "oct" };

static mh_result write_tags(json_t *body, const char *tags, struct mh_error *error)
{
	json_t *object = json_object();
	const char *at = tags;

	while (object != NULL && *at != '\0') {
		size_t length = strcspn(at, ","), name_length = strcspn(at, "=");
		char name[257];

		if (name_length == 0 || name_length >= length || name_length >= sizeof(name)) {
			json_decref(object);
			return mh_fail(error, MH_R_BAD_PARAMETER,
			               "tags are written name=value,name=value; this is not: %.64s", at);
		}
		memcpy(name, at, name_length);
		name[name_length] = '\0';
		json_object_set_new(object, name, json_stringn(at + name_length + 1, length - name_length - 1));
		at += length;
		at += *at == ',';
	}
	if (json_object_set_new(body, "tags", object) != 0)
		return mh_fail(error, MH_R_BAD_PARAMETER, "the tags are no UTF-8 text");
	return MH_SUCCESS;
}

static mh_result write_release_policy(json_t *body, const char *policy, struct mh_error *error)
{
	struct mh_buffer encoded;
	json_t *object = NULL;

	mh_buffer_init(&encoded, RELEASE_POLICY_MAX);
	if (mh_base64url_encode((struct mh_span){ (const uint8_t *)policy, strlen(policy) }, &encoded).ok)
		object = json_pack("{s:s,s:s}", "contentType", "application/json; charset=utf-8", "data",
		                   mh_buffer_text(&encoded));
	mh_buffer_free(&encoded);
	if (object == NULL || json_object_set_new(body, "release_policy", object) != 0)
		return mh_fail(error, MH_R_BAD_PARAMETER, "the release policy is too large");
	return MH_SUCCESS;
}

/* What cannot fail but for want of memory; the caller looks whether the text comes out. */
static void write_members(json_t *body, const struct client_new_key *wish)
{
	json_t *operations;
	char kty[16];

	strncpy(kty, kinds[wish->kind], sizeof(kty) - 1);
	kty[sizeof(kty) - 1] = '\0';
	if (!wish->software)
		strncat(kty, "-HSM", sizeof(kty) - strlen(kty) - 1);
	json_object_set_new(body, "kty", json_string(kty));
	if (wish->kind == JWK_EC)
		json_object_set_new(body, "crv", json_string(jwk_curve_name(wish->curve)));
	else if (wish->size_bits != 0)
		json_object_set_new(body, "key_size", json_integer((json_int_t)wish->size_bits));
	if (wish->public_exponent != 0)
		json_object_set_new(body, "public_exponent", json_integer((json_int_t)wish->public_exponent));
	if (wish->exportable)
		json_object_set_new(body, "attributes", json_pack("{s:b}", "exportable", 1));
	if (wish->operations == 0)
		return;
	operations = json_array();
	for (unsigned bit = 1; bit <= JWK_OP_UNWRAP_KEY; bit <<= 1)
		if ((wish->operations & bit) != 0)
			json_array_append_new(operations, json_string(jwk_operation_name((enum jwk_operation)bit)));
	json_object_set_new(body, "key_ops", operations);
}

static mh_result write_body(const struct client_new_key *wish, char **text, struct mh_error *error)
{
	json_t *body = json_object();
	mh_result result = MH_SUCCESS;

	*text = NULL;
	if (body == NULL)
		return mh_fail(error, MH_R_MEMORY, "no memory for the request");
	write_members(body, wish);
	if (wish->tags != NULL)
		result = write_tags(body, wish->tags, error);
	if (result.ok && wish->release_policy != NULL)
		result = write_release_policy(body, wish->release_policy, error);
	if (result.ok && (*text = json_dumps(body, JSON_COMPACT)) == NULL)
		result = mh_fail(error, MH_R_MEMORY, "no memory for the request");
	json_decref(body);
	return result;
}

mh_result client_create_key(struct client *client, const struct key_uri *uri, const struct client_new_key *wish,
                            struct jwk *jwk, struct mh_error *error)
{
	struct client_call call = {
		.attempt = "create key", .method = "POST", .uri = uri, .action = "create", .once = true
	};
	struct http_response response;
	mh_result result;
	char *text;

	if (!write_body(wish, &text, error).ok)
		return MH_FAILURE;
	call.json = (struct mh_span){ (const uint8_t *)text, strlen(text) };
	http_response_init(&response);
	result = client_call(client, &call, &response, error);
	if (result.ok) {
		result = jwk_parse((struct mh_span){ response.body.data, response.body.length }, jwk, error);
		if (!result.ok)
			result = client_call_bad_answer(&call, &response, error);
	}
	http_response_free(&response);
	free(text);
	return result;
}
