/* SPDX-License-Identifier: Apache-2.0 */
/* Part of a text that is being read: borrowed, not terminated. Inside uri/ only. Knows no locale. */
#ifndef MH_URI_PIECE_H
#define MH_URI_PIECE_H

#include <stdbool.h>
#include <stddef.h>

struct piece {
	const char *text;
	size_t length;
};

/* The ASCII letter's small form; anything else as it is. */
char piece_lower(char c);

/* Cuts whole at the first separator. Without one: false, all of it in *head, nothing in *tail. */
bool piece_split(struct piece whole, char separator, struct piece *head, struct piece *tail);

bool piece_equals(struct piece piece, const char *text);
bool piece_equals_ignoring_case(struct piece piece, const char *text);

/* If piece begins so, in any case of letters, takes that off. */
bool piece_take_prefix(struct piece *piece, const char *prefix);

/* If piece ends so, in any case of letters, and has something before, takes that off. */
bool piece_take_suffix(struct piece *piece, const char *suffix);

#endif
