/* SPDX-License-Identifier: Apache-2.0 */
#include "http/json_body.h"

#include <string.h>

/* jansson has a limit of its own, 2048 levels of recursion: too much for the small stacks that servers give their
 * threads. */
static bool is_too_deep(struct mh_span body)
{
	size_t i, depth = 0;
	bool in_string = false;

	for (i = 0; i < body.length; i++) {
		char c = (char)body.data[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > JSON_BODY_DEPTH_MAX)
				return true;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return false;
}

mh_result json_body_parse(struct mh_span body, json_t **root, struct mh_error *error)
{
	json_error_t problem;

	*root = NULL;
	if (body.length == 0)
		return mh_fail(error, MH_R_BAD_ANSWER, "the answer is empty where JSON is due");
	if (is_too_deep(body))
		return mh_fail(error, MH_R_BAD_ANSWER, "the answer's JSON is nested deeper than %d levels",
		               JSON_BODY_DEPTH_MAX);
	*root = json_loadb((const char *)body.data, body.length, JSON_REJECT_DUPLICATES, &problem);
	if (*root == NULL)
		return mh_fail(error, MH_R_BAD_ANSWER, "the answer is not JSON as it should be (line %d, column %d)",
		               problem.line, problem.column);
	if (!json_is_object(*root)) {
		json_decref(*root);
		*root = NULL;
		return mh_fail(error, MH_R_BAD_ANSWER, "the answer is not a JSON object");
	}
	return MH_SUCCESS;
}

const char *json_body_string(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static bool is_base64url(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static size_t skip_space(const uint8_t *body, size_t length, size_t at)
{
	while (at < length && (body[at] == ' ' || body[at] == '\t' || body[at] == '\r' || body[at] == '\n'))
		at++;
	return at;
}

/* Where the string of `"name":"` begins at or after from; 0 when there is none. */
static size_t find_string(const uint8_t *body, size_t length, size_t from, const char *name)
{
	size_t name_length = strlen(name);

	for (size_t i = from; i + name_length + 2 <= length; i++) {
		size_t at;

		if (body[i] != '"' || memcmp(body + i + 1, name, name_length) != 0 || body[i + 1 + name_length] != '"')
			continue;
		at = skip_space(body, length, i + name_length + 2);
		if (at == length || body[at] != ':')
			continue;
		at = skip_space(body, length, at + 1);
		if (at < length && body[at] == '"')
			return at + 1;
	}
	return 0;
}

bool json_body_take_secret(uint8_t *body, size_t body_length, const char *name, struct mh_buffer *text)
{
	size_t start = find_string(body, body_length, 0, name), end = start;

	if (start == 0 || find_string(body, body_length, start, name) != 0)
		return false;
	while (end < body_length && is_base64url(body[end]))
		end++;
	if (end == body_length || body[end] != '"' || !mh_buffer_append(text, body + start, end - start).ok)
		return false;
	memset(body + start, 'A', end - start);
	return true;
}

/* The character that `\\x` stands for, 0 for what is not expected here. */
static char unescape(uint8_t c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case '/':
		return '/';
	default:
		return 0;
	}
}

/* Appends the text from start to the closing quote; 0 or where the quote is. */
static size_t copy_text(const uint8_t *body, size_t length, size_t start, struct mh_buffer *text)
{
	for (size_t at = start; at < length; at++) {
		char c = (char)body[at];

		if (c == '"')
			return at;
		if (c == '\\' && (++at == length || (c = unescape(body[at])) == 0))
			return 0;
		if ((uint8_t)body[at] < 0x20 || (uint8_t)body[at] > 0x7e || !mh_buffer_append(text, &c, 1).ok)
			return 0;
	}
	return 0;
}

bool json_body_take_secret_text(uint8_t *body, size_t body_length, const char *name, struct mh_buffer *text,
                                size_t *raw_length)
{
	size_t start = find_string(body, body_length, 0, name), end;

	if (start == 0 || find_string(body, body_length, start, name) != 0)
		return false;
	end = copy_text(body, body_length, start, text);
	if (end == 0)
		return false;
	*raw_length = end - start;
	memset(body + start, 'A', *raw_length);
	return true;
}
