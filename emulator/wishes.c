// SPDX-License-Identifier: Apache-2.0
// Attributes, operations, tags and release policy: read from a body and put on a version.
#include "wishes.h"

#include "errors.h"

#include <string.h>

#define MAX_TAGS 15
#define MAX_TAG 256

static bool absent(const json_t *value)
{
	return !value || json_is_null(value);
}

static bool read_flag(struct request *request, const json_t *attributes, const char *name, bool *has, bool *flag)
{
	const json_t *value = json_object_get(attributes, name);

	if (absent(value))
		return true;
	if (!json_is_boolean(value)) {
		fail(request, ERROR_BAD_PROPERTY, name, NULL, NULL);
		return false;
	}
	*has = true;
	*flag = json_is_true(value);
	return true;
}

static bool read_time(struct request *request, const json_t *attributes, const char *name, bool *has, int64_t *time)
{
	const json_t *value = json_object_get(attributes, name);

	if (absent(value))
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < 0) {
		fail(request, ERROR_BAD_PROPERTY, name, NULL, NULL);
		return false;
	}
	*has = true;
	*time = json_integer_value(value);
	return true;
}

static bool read_attributes(struct request *request, struct wishes *wishes)
{
	const json_t *attributes = json_object_get(request->body, "attributes");

	if (absent(attributes))
		return true;
	if (!json_is_object(attributes)) {
		fail(request, ERROR_BAD_PROPERTY, "attributes", NULL, NULL);
		return false;
	}
	return read_flag(request, attributes, "enabled", &wishes->has_enabled, &wishes->enabled) &&
	       read_flag(request, attributes, "exportable", &wishes->has_exportable, &wishes->exportable) &&
	       read_time(request, attributes, "nbf", &wishes->has_nbf, &wishes->nbf) &&
	       read_time(request, attributes, "exp", &wishes->has_exp, &wishes->exp);
}

static bool read_ops(struct request *request, const json_t *ops, struct wishes *wishes)
{
	if (absent(ops))
		return true;
	wishes->has_ops = true;
	for (size_t i = 0; i < json_array_size(ops); i++) {
		const char *name = json_string_value(json_array_get(ops, i));
		unsigned op = name ? key_op_by_name(name) : 0;

		wishes->ops |= op;
		if (!op)
			wishes->has_ops = false;
	}
	if (json_is_array(ops) && wishes->has_ops)
		return true;
	fail(request, ERROR_BAD_PROPERTY, "key_ops", NULL, NULL);
	return false;
}

static bool read_tags(struct request *request, struct wishes *wishes)
{
	json_t *tags = json_object_get(request->body, "tags");
	bool good = json_is_object(tags) && json_object_size(tags) <= MAX_TAGS;
	const char *name;
	json_t *value;

	if (absent(tags))
		return true;
	json_object_foreach(tags, name, value) if (!json_is_string(value) || strlen(name) > MAX_TAG ||
	                                           json_string_length(value) > MAX_TAG) good = false;
	if (!good) {
		fail(request, ERROR_BAD_PROPERTY, "tags", NULL, NULL);
		return false;
	}
	wishes->tags = tags;
	return true;
}

bool wishes_read(struct request *request, const json_t *ops, struct wishes *wishes)
{
	json_t *policy = json_object_get(request->body, "release_policy");

	memset(wishes, 0, sizeof(*wishes));
	if (!read_attributes(request, wishes) || !read_ops(request, ops, wishes) || !read_tags(request, wishes))
		return false;
	if (!absent(policy) && !json_is_object(policy)) {
		fail(request, ERROR_BAD_PROPERTY, "release_policy", NULL, NULL);
		return false;
	}
	if (!absent(policy))
		wishes->release_policy = policy;
	return true;
}

void wishes_apply(struct key_version *version, const struct wishes *wishes)
{
	if (wishes->has_enabled)
		version->enabled = wishes->enabled;
	if (wishes->has_exportable)
		version->exportable = wishes->exportable;
	if (wishes->has_nbf)
		version->nbf = wishes->nbf;
	if (wishes->has_exp)
		version->exp = wishes->exp;
	if (wishes->has_ops)
		version->ops = wishes->ops;
	if (wishes->tags) {
		json_decref(version->tags);
		version->tags = json_deep_copy(wishes->tags);
	}
	if (wishes->release_policy) {
		json_decref(version->release_policy);
		version->release_policy = json_deep_copy(wishes->release_policy);
	}
}
