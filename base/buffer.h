/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte strings: a borrowed span, and an owned buffer that grows up to a maximum given at its creation.
 * Neither is shared between threads.
 */
#ifndef MH_BASE_BUFFER_H
#define MH_BASE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* Borrowed bytes; data may be NULL only when length is 0. */
struct mh_span {
	const uint8_t *data;
	size_t length;
};

struct mh_buffer {
	uint8_t *data; /* NULL until the first append; an uncounted zero byte follows the content */
	size_t length;
	size_t capacity;
	size_t maximum; /* length never passes this; an append that would leaves the buffer as it was */
	bool secret; /* content is cleansed whenever memory is let go, on growth too */
};

void mh_buffer_init(struct mh_buffer *buffer, size_t maximum);
void mh_buffer_init_secret(struct mh_buffer *buffer, size_t maximum);

/* Frees (and cleanses a secret) and leaves the buffer empty and usable with the same maximum. */
void mh_buffer_free(struct mh_buffer *buffer);

/* Sets length to 0 and keeps the memory; cleanses a secret. */
void mh_buffer_clear(struct mh_buffer *buffer);

/* Makes room for length more bytes: as many may then be written behind the content, length raised and the terminating
 * zero set by hand. data is not NULL afterwards. Fails like an append. */
mh_result mh_buffer_reserve(struct mh_buffer *buffer, size_t length) MH_MUST_CHECK;

/* Fail when the maximum would be passed or memory is short. data must not point into the buffer itself. */
mh_result mh_buffer_append(struct mh_buffer *buffer, const void *data, size_t length) MH_MUST_CHECK;
mh_result mh_buffer_append_text(struct mh_buffer *buffer, const char *text) MH_MUST_CHECK;
mh_result mh_buffer_append_format(struct mh_buffer *buffer, const char *format, ...) MH_PRINTF(2, 3) MH_MUST_CHECK;

/* The content as a C string; "" for an empty buffer. Valid until the next change. */
const char *mh_buffer_text(const struct mh_buffer *buffer);

#endif
