/* SPDX-License-Identifier: Apache-2.0 */
#include "http/list.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http/call.h"
#include "http/json_body.h"

#define TOKEN_PARAMETER "&$skiptoken="

/* What a query may hold (RFC 3986 section 3.4) but for the separator of parameters and escapes. */
#define TOKEN_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$'()*+,;=:@/?"

static bool is_hex_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_token(const char *text, size_t length)
{
	if (length == 0 || length >= LIST_TOKEN_MAX)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '%') {
			if (length - i < 3 || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2]))
				return false;
		} else if (strchr(TOKEN_CHARACTERS, text[i]) == NULL) {
			return false;
		}
	}
	return true;
}

/* The value of a link's parameter $skiptoken, escaped as it is there. */
static bool find_token(const char *link, const char **token, size_t *length)
{
	static const char *const names[] = { "$skiptoken=", "%24skiptoken=" };
	const char *at = strchr(link, '?');

	while (at != NULL) {
		at++;
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (strncasecmp(at, names[i], strlen(names[i])) == 0) {
				*token = at + strlen(names[i]);
				*length = strcspn(*token, "&");
				return true;
			}
		}
		at = strchr(at, '&');
	}
	return false;
}

static mh_result read_next(const json_t *root, struct list_page *page, struct mh_error *error)
{
	const json_t *link = json_object_get(root, "nextLink");
	const char *token;
	size_t length;

	page->next[0] = '\0';
	if (link == NULL || json_is_null(link) || (json_is_string(link) && json_string_length(link) == 0))
		return MH_SUCCESS;
	if (!json_is_string(link) || !find_token(json_string_value(link), &token, &length) || !is_token(token, length))
		return mh_fail(error, MH_R_BAD_ANSWER, "the list's \"nextLink\" has no usable $skiptoken");
	memcpy(page->next, token, length);
	page->next[length] = '\0';
	return MH_SUCCESS;
}

static mh_result read_flag(const json_t *object, const char *name, bool otherwise, bool *flag, struct mh_error *error)
{
	const json_t *value = json_object_get(object, name);

	if (value != NULL && !json_is_boolean(value))
		return mh_fail(error, MH_R_BAD_ANSWER, "an entry's \"%s\" is not true or false", name);
	*flag = value == NULL ? otherwise : json_is_true(value);
	return MH_SUCCESS;
}

static mh_result read_entry(const json_t *object, const struct key_uri *uri, enum key_uri_collection collection,
                            struct list_entry *entry, struct mh_error *error)
{
	const char *id_name = collection == KEY_URI_KEYS ? "kid" : "id", *id = json_body_string(object, id_name);
	const json_t *attributes = json_object_get(object, "attributes");

	if (id == NULL)
		return mh_fail(error, MH_R_BAD_ANSWER, "an entry of the list has no \"%s\"", id_name);
	if (!key_uri_parse_id(id, collection, entry->name, entry->version, NULL).ok)
		return mh_fail(error, MH_R_BAD_ANSWER, "an entry's \"%s\" is not https://<host>/%s/<name>[/<version>]",
		               id_name, key_uri_collection_name(collection));
	if (uri->all_versions && (entry->version[0] == '\0' || strcasecmp(entry->name, uri->key) != 0))
		return mh_fail(error, MH_R_BAD_ANSWER, "an entry of the list is no version of \"%s\"", uri->key);
	if (!uri->all_versions)
		entry->version[0] = '\0';
	if (attributes != NULL && !json_is_object(attributes))
		return mh_fail(error, MH_R_BAD_ANSWER, "an entry's \"attributes\" is not an object");
	if (!read_flag(attributes, "enabled", true, &entry->enabled, error).ok)
		return MH_FAILURE;
	return read_flag(object, "managed", false, &entry->managed, error);
}

static mh_result read_page(const json_t *root, const struct key_uri *uri, enum key_uri_collection collection,
                           struct list_page *page, struct mh_error *error)
{
	const json_t *list = json_object_get(root, "value");

	page->count = 0;
	if (!json_is_array(list))
		return mh_fail(error, MH_R_BAD_ANSWER, "the answer holds no list \"value\"");
	if (json_array_size(list) > LIST_PAGE_MAX)
		return mh_fail(error, MH_R_BAD_ANSWER, "a page of the list has more than %d entries", LIST_PAGE_MAX);
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (!read_entry(json_array_get(list, i), uri, collection, &page->entries[i], error).ok)
			return MH_FAILURE;
		page->count++;
	}
	return read_next(root, page, error);
}

mh_result list_parse(struct mh_span json, const struct key_uri *uri, enum key_uri_collection collection,
                     struct list_page *page, struct mh_error *error)
{
	mh_result result;
	json_t *root;

	if (!json_body_parse(json, &root, error).ok)
		return MH_FAILURE;
	result = read_page(root, uri, collection, page, error);
	json_decref(root);
	return result;
}

mh_result client_list(struct client *client, const struct key_uri *uri, enum key_uri_collection collection,
                      struct list_page *page, struct mh_error *error)
{
	struct key_uri listed = *uri;
	char path[URL_PATH_MAX], query[sizeof(TOKEN_PARAMETER) + LIST_TOKEN_MAX] = "";
	const char *token = query + strlen(TOKEN_PARAMETER);
	struct client_call call = { .attempt = collection == KEY_URI_KEYS ? "list" : "list the certificates of",
		                    .method = "GET",
		                    .uri = &listed,
		                    .root_path = path,
		                    .query = query,
		                    .max_answer = LIST_ANSWER_MAX };
	struct http_response response;
	mh_result result;

	/* For the advice in errors. */
	listed.type = collection == KEY_URI_KEYS ? KEY_URI_TYPE_ANY : KEY_URI_TYPE_CERT;
	if (!url_collection_path(collection, uri, path, error).ok)
		return MH_FAILURE;
	if (page->next[0] != '\0')
		snprintf(query, sizeof(query), TOKEN_PARAMETER "%s", page->next);
	http_response_init(&response);
	result = client_call(client, &call, &response, error);
	if (result.ok) {
		result = list_parse((struct mh_span){ response.body.data, response.body.length }, uri, collection, page,
		                    error);
		if (result.ok && query[0] != '\0' && strcmp(page->next, token) == 0)
			result = mh_fail(error, MH_R_BAD_ANSWER, "the list does not end: a page leads to itself");
		if (!result.ok)
			result = client_call_bad_answer(&call, &response, error);
	}
	http_response_free(&response);
	return result;
}
