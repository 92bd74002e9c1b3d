/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What passes here may be a secret (a plaintext that the service answered). So characters and values are turned into
 * each other by arithmetic over all ranges, the same work for each, instead of by a table whose look-ups leave traces
 * in the cache, and the result goes straight to where the caller wants it.
 */
#include "base/base64url.h"

/* Low bits all set when first <= c <= last, else 0. For values below 256. */
static unsigned mask_between(unsigned c, unsigned first, unsigned last)
{
	return ((first - 1 - c) & (c - last - 1)) >> 8;
}

/* 0..63 -> the character of RFC 4648 section 5. */
static char character_of(unsigned value)
{
	unsigned c = (mask_between(value, 0, 25) & ('A' + value)) | (mask_between(value, 26, 51) & ('a' + value - 26)) |
	             (mask_between(value, 52, 61) & ('0' + value - 52)) | (mask_between(value, 62, 62) & '-') |
	             (mask_between(value, 63, 63) & '_');

	return (char)(c & 0x7f);
}

/* A character -> 1..64, one more than its value; 0 when it is not in the alphabet. */
static unsigned value_plus_one(char character)
{
	unsigned c = (unsigned char)character;

	return (mask_between(c, 'A', 'Z') & (c - 'A' + 1)) | (mask_between(c, 'a', 'z') & (c - 'a' + 27)) |
	       (mask_between(c, '0', '9') & (c - '0' + 53)) | (mask_between(c, '-', '-') & 63) |
	       (mask_between(c, '_', '_') & 64);
}

size_t mh_base64url_length(size_t length)
{
	size_t rest = length % 3;

	return length / 3 * 4 + (rest == 0 ? 0 : rest + 1);
}

/* Encodes a group of 1 to 3 bytes into length + 1 characters. */
static void encode_group(const uint8_t *data, size_t length, char *text)
{
	unsigned bits = (unsigned)data[0] << 16;

	if (length > 1)
		bits |= (unsigned)data[1] << 8;
	if (length > 2)
		bits |= data[2];
	for (size_t i = 0; i <= length; i++)
		text[i] = character_of((bits >> (18 - 6 * i)) & 63);
}

mh_result mh_base64url_encode(struct mh_span data, struct mh_buffer *out)
{
	/* Above this the length of the encoding is no size_t; no object is that large, but a wrong length may be. */
	if (data.length > SIZE_MAX / 4 * 3)
		return MH_FAILURE;
	if (!mh_buffer_reserve(out, mh_base64url_length(data.length)).ok)
		return MH_FAILURE;
	for (size_t i = 0; i < data.length; i += 3) {
		size_t group = data.length - i < 3 ? data.length - i : 3;

		encode_group(data.data + i, group, (char *)out->data + out->length);
		out->length += group + 1;
	}
	out->data[out->length] = 0;
	return MH_SUCCESS;
}

/* Decodes a group of 2 to 4 characters into length - 1 bytes. False for a foreign character or stray bits. */
static bool decode_group(const char *text, size_t length, uint8_t *data)
{
	unsigned bits = 0;
	unsigned foreign = 0;

	for (size_t i = 0; i < 4; i++) {
		unsigned value = i < length ? value_plus_one(text[i]) : 1;

		foreign |= mask_between(value, 0, 0);
		bits = bits << 6 | ((value - 1) & 63);
	}
	for (size_t i = 0; i + 1 < length; i++)
		data[i] = (uint8_t)(bits >> (16 - 8 * i) & 0xff);
	/* What is below the last whole byte must be zero. */
	return foreign == 0 && (bits & (0xffffffU >> (8 * (length - 1)))) == 0;
}

mh_result mh_base64url_decode(const char *text, size_t length, uint8_t *out, size_t capacity, size_t *written)
{
	size_t rest = length % 4;
	size_t needed = length / 4 * 3 + (rest == 0 ? 0 : rest - 1);
	bool good = true;

	if (rest == 1 || needed > capacity)
		return MH_FAILURE;
	for (size_t i = 0; i < length; i += 4) {
		good &= decode_group(text + i, length - i < 4 ? length - i : 4, out);
		out += length - i < 4 ? length - i - 1 : 3;
	}
	if (!good)
		return MH_FAILURE;
	*written = needed;
	return MH_SUCCESS;
}
