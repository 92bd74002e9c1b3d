/* SPDX-License-Identifier: Apache-2.0 */
/* base64url without padding, RFC 4648 section 5 and RFC 7515 section 2. Thread-safe. */
#ifndef MH_BASE_BASE64URL_H
#define MH_BASE_BASE64URL_H

#include "base/buffer.h"

/* Characters that encode length bytes, without padding and without a terminating zero. */
size_t mh_base64url_length(size_t length);

/* Appends the encoding of data to out. */
mh_result mh_base64url_encode(struct mh_span data, struct mh_buffer *out) MH_MUST_CHECK;

/* Decodes text (length characters) into out, whose size is capacity; *written is set on success.
 * Strict: no padding, no white space, no other alphabet, no stray bits in the last character (RFC 4648 section 3.5);
 * fails also when it does not fit. out may be partly written on failure. */
mh_result mh_base64url_decode(const char *text, size_t length, uint8_t *out, size_t capacity,
                              size_t *written) MH_MUST_CHECK;

#endif
