/* SPDX-License-Identifier: Apache-2.0 */
#include "http/json_body.h"

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
