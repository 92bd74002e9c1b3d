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

/* For secrets, which jansson would leave copies of: finds the string member name in the text of body itself, copies
 * it to text (the caller's, of a sufficient maximum) and overwrites it in body with as many letters A. False, and body
 * as it was, when the text does not hold exactly one `"name":"..."` of base64url characters. The caller parses body
 * then, and must find that string of A's where it expects the member: only then was it the member. */
bool json_body_take_secret(uint8_t *body, size_t body_length, const char *name, struct mh_buffer *text);

/* The same for printable text, with the escapes \\n, \\r, \\t and \\/ undone in text; each of their two characters
 * is an A in body. *raw_length is the number of A's. */
bool json_body_take_secret_text(uint8_t *body, size_t body_length, const char *name, struct mh_buffer *text,
                                size_t *raw_length);

#endif
