/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST_CAPACITY 64

static void init(struct mh_buffer *buffer, size_t maximum, bool secret)
{
	*buffer = (struct mh_buffer){
		/* One byte is kept for the zero that follows the content. */
		.maximum = maximum < SIZE_MAX ? maximum : SIZE_MAX - 1,
		.secret = secret,
	};
}

void mh_buffer_init(struct mh_buffer *buffer, size_t maximum)
{
	init(buffer, maximum, false);
}

void mh_buffer_init_secret(struct mh_buffer *buffer, size_t maximum)
{
	init(buffer, maximum, true);
}

static void release(struct mh_buffer *buffer)
{
	if (buffer->data == NULL)
		return;
	/* The whole of it: earlier content may have been longer than the present one. */
	if (buffer->secret)
		OPENSSL_cleanse(buffer->data, buffer->capacity + 1);
	free(buffer->data);
	buffer->data = NULL;
	buffer->capacity = 0;
}

void mh_buffer_free(struct mh_buffer *buffer)
{
	release(buffer);
	buffer->length = 0;
}

void mh_buffer_clear(struct mh_buffer *buffer)
{
	if (buffer->data == NULL)
		return;
	if (buffer->secret)
		OPENSSL_cleanse(buffer->data, buffer->capacity + 1);
	buffer->data[0] = 0;
	buffer->length = 0;
}

/* Moves the content to memory of its own instead of realloc(3), which would leave a secret's old copy behind. */
static mh_result grow(struct mh_buffer *buffer, size_t capacity)
{
	uint8_t *data = malloc(capacity + 1);

	if (data == NULL)
		return MH_FAILURE;
	if (buffer->length > 0)
		memcpy(data, buffer->data, buffer->length);
	data[buffer->length] = 0;
	release(buffer);
	buffer->data = data;
	buffer->capacity = capacity;
	return MH_SUCCESS;
}

mh_result mh_buffer_reserve(struct mh_buffer *buffer, size_t length)
{
	size_t capacity;

	if (length > buffer->maximum - buffer->length)
		return MH_FAILURE;
	if (buffer->data != NULL && length <= buffer->capacity - buffer->length)
		return MH_SUCCESS;
	/* Doubled, so that many small appends cost no more than a few copies. */
	capacity = buffer->capacity > buffer->maximum / 2 ? buffer->maximum : buffer->capacity * 2;
	if (capacity < buffer->length + length)
		capacity = buffer->length + length;
	if (capacity < SMALLEST_CAPACITY)
		capacity = SMALLEST_CAPACITY;
	return grow(buffer, capacity < buffer->maximum ? capacity : buffer->maximum);
}

mh_result mh_buffer_append(struct mh_buffer *buffer, const void *data, size_t length)
{
	if (length == 0)
		return MH_SUCCESS;
	if (!mh_buffer_reserve(buffer, length).ok)
		return MH_FAILURE;
	memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
	buffer->data[buffer->length] = 0;
	return MH_SUCCESS;
}

mh_result mh_buffer_append_text(struct mh_buffer *buffer, const char *text)
{
	return mh_buffer_append(buffer, text, strlen(text));
}

mh_result mh_buffer_append_format(struct mh_buffer *buffer, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0 || !mh_buffer_reserve(buffer, (size_t)length).ok)
		return MH_FAILURE;

	va_start(arguments, format);
	vsnprintf((char *)buffer->data + buffer->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	buffer->length += (size_t)length;
	return MH_SUCCESS;
}

const char *mh_buffer_text(const struct mh_buffer *buffer)
{
	return buffer->data != NULL ? (const char *)buffer->data : "";
}
