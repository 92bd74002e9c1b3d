/* SPDX-License-Identifier: Apache-2.0 */
/* Text from elsewhere, made fit for one line of a terminal or a log. Thread-safe; knows no locale. */
#ifndef MH_BASE_PRINTABLE_H
#define MH_BASE_PRINTABLE_H

#include <stddef.h>

/* Replaces every control character of text (a C string) by a space, in place: the ASCII ones and, in UTF-8, the C1 set
 * U+0080 to U+009F, which terminals obey too. */
void mh_make_printable(char *text);

/* The greatest length <= limit at which UTF-8 text can be cut without leaving part of a character behind. limit must
 * not pass the text's own length. Text that is not UTF-8 is cut at limit or at most 3 bytes before it. */
size_t mh_cut_length(const char *text, size_t limit);

#endif
