/* SPDX-License-Identifier: Apache-2.0 */
#include "uri/piece.h"

#include <string.h>

char piece_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool piece_split(struct piece whole, char separator, struct piece *head, struct piece *tail)
{
	const char *at = whole.length > 0 ? memchr(whole.text, separator, whole.length) : NULL;
	size_t length = at != NULL ? (size_t)(at - whole.text) : whole.length;
	size_t used = at != NULL ? length + 1 : length;

	*head = (struct piece){ whole.text, length };
	*tail = (struct piece){ whole.text + used, whole.length - used };
	return at != NULL;
}

static bool same_ignoring_case(const char *a, const char *b, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (piece_lower(a[i]) != piece_lower(b[i]))
			return false;
	}
	return true;
}

bool piece_equals(struct piece piece, const char *text)
{
	return piece.length == strlen(text) && memcmp(piece.text, text, piece.length) == 0;
}

bool piece_equals_ignoring_case(struct piece piece, const char *text)
{
	return piece.length == strlen(text) && same_ignoring_case(piece.text, text, piece.length);
}

bool piece_take_prefix(struct piece *piece, const char *prefix)
{
	size_t length = strlen(prefix);

	if (piece->length < length || !same_ignoring_case(piece->text, prefix, length))
		return false;
	*piece = (struct piece){ piece->text + length, piece->length - length };
	return true;
}

bool piece_take_suffix(struct piece *piece, const char *suffix)
{
	size_t length = strlen(suffix);

	if (piece->length <= length || !same_ignoring_case(piece->text + piece->length - length, suffix, length))
		return false;
	piece->length -= length;
	return true;
}
