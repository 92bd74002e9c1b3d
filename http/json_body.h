/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of answers as JSON (RFC 8259): one value, bounded depth, no member twice, no NUL. Inside http/ only. */
#ifndef MH_HTTP_JSON_BODY_H
#define MH_HTTP_JSON_BODY_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"

#define JSON_BODY_DEPTH_MAX 32

/* *root is an object, released with json_decref(). MH_R_BAD_ANSWER; the text never quotes the body. */
mh_result json_body_parse(struct mh_span body, json_t **root, struct mh_error *error) MH_MUST_CHECK;

/* A member's string, or NULL when object is no object or the member is absent or no string. Borrowed from object. */
const char *json_body_string(const json_t *object, const char *name);

#endif
