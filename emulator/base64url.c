// SPDX-License-Identifier: Apache-2.0
// The emulator has its own base64url: an encoding mistake shared with the provider would cancel itself out.
#include "base64url.h"

#include <stdlib.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *base64url_text(const uint8_t *bytes, size_t length)
{
	char *text = malloc(length / 3 * 4 + 5);
	char *at = text;

	if (!text)
		return NULL;
	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		uint32_t group = (uint32_t)bytes[i] << 16;

		if (left > 1)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (left > 2)
			group |= bytes[i + 2];
		*at++ = alphabet[group >> 18];
		*at++ = alphabet[group >> 12 & 63];
		if (left > 1)
			*at++ = alphabet[group >> 6 & 63];
		if (left > 2)
			*at++ = alphabet[group & 63];
	}
	*at = '\0';
	return text;
}

static int sextet(char c, enum base64url_padding padding)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	if (c == '_')
		return 63;
	return c == '=' && padding == BASE64URL_PADDING_IS_ZERO ? 0 : -1;
}

bool base64url_bytes(const char *text, size_t text_length, enum base64url_padding padding, uint8_t **bytes,
                     size_t *length)
{
	uint32_t bits = 0;
	unsigned held = 0;
	size_t at = 0;
	uint8_t *out;

	if (text_length % 4 == 1)
		return false;
	out = malloc(text_length / 4 * 3 + 4);
	if (!out)
		return false;
	for (size_t i = 0; i < text_length; i++) {
		int value = sextet(text[i], padding);

		if (value < 0) {
			free(out);
			return false;
		}
		bits = bits << 6 | (uint32_t)value;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[at++] = (uint8_t)(bits >> held);
		}
	}
	*bytes = out;
	*length = at;
	return true;
}
