/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input as bytes: decode(encode(x)) is x, for every x.
 * The input as text: what is accepted is the one and only encoding of what it decodes to.
 */
#include <string.h>

#include "base/base64url.h"
#include "tests/fuzz/must.h"

static void encode_and_decode(const uint8_t *data, size_t size)
{
	uint8_t *back = malloc(size + 1);
	struct mh_buffer text;
	size_t written;

	mh_buffer_init(&text, mh_base64url_length(size));
	MUST(back != NULL);
	MUST(mh_base64url_encode((struct mh_span){ data, size }, &text).ok);
	MUST(text.length == mh_base64url_length(size));
	MUST(mh_base64url_decode(mh_buffer_text(&text), text.length, back, size, &written).ok);
	MUST(written == size && memcmp(back, data, size) == 0);
	/* One byte short of room. */
	if (size > 0)
		MUST(!mh_base64url_decode(mh_buffer_text(&text), text.length, back, size - 1, &written).ok);
	mh_buffer_free(&text);
	free(back);
}

static void decode_and_encode(const char *text, size_t size)
{
	uint8_t *bytes = malloc(size + 1);
	struct mh_buffer again;
	size_t written;

	mh_buffer_init_secret(&again, size);
	MUST(bytes != NULL);
	if (mh_base64url_decode(text, size, bytes, size, &written).ok) {
		MUST(mh_base64url_encode((struct mh_span){ bytes, written }, &again).ok);
		MUST(again.length == size && memcmp(again.data, text, size) == 0);
	}
	mh_buffer_free(&again);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* libFuzzer's empty input may be a null pointer, which memcmp() must not see. */
	if (size == 0)
		data = (const uint8_t *)"";
	encode_and_decode(data, size);
	decode_and_encode((const char *)data, size);
	return 0;
}
