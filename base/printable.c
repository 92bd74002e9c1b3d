/* SPDX-License-Identifier: Apache-2.0 */
#include "base/printable.h"

#include <stdbool.h>

static bool is_ascii_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

void mh_make_printable(char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)text[0];
		unsigned char next = (unsigned char)text[1];

		if (is_ascii_control(c))
			text[0] = ' ';
		else if (c == 0xc2 && next >= 0x80 && next <= 0x9f)
			text[0] = text[1] = ' ';
	}
}

/* Bytes of the UTF-8 character that starts with c; 1 for what starts none. */
static size_t sequence_length(unsigned char c)
{
	if (c >= 0xf0 && c <= 0xf4)
		return 4;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	return 1;
}

size_t mh_cut_length(const char *text, size_t limit)
{
	for (size_t back = 1; back <= 3 && back <= limit; back++) {
		unsigned char c = (unsigned char)text[limit - back];

		if ((c & 0xc0) == 0x80)
			continue;
		return sequence_length(c) > back ? limit - back : limit;
	}
	return limit;
}
