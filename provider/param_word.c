/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/param_word.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/params.h>

bool param_text_read(const OSSL_PARAM *p, char text[static PARAM_TEXT_MAX])
{
	return p->data != NULL && OSSL_PARAM_get_utf8_string(p, &text, PARAM_TEXT_MAX) == 1;
}

bool param_word_read(const OSSL_PARAM *p, const struct param_word *words, int *number)
{
	char text[PARAM_TEXT_MAX], *end;
	long parsed;

	if (p->data_type == OSSL_PARAM_INTEGER || p->data_type == OSSL_PARAM_UNSIGNED_INTEGER)
		return p->data != NULL && OSSL_PARAM_get_int(p, number) == 1;
	if (p->data_type != OSSL_PARAM_UTF8_STRING || !param_text_read(p, text))
		return false;
	for (; words->text != NULL; words++)
		if (strcmp(words->text, text) == 0) {
			*number = words->number;
			return true;
		}
	parsed = strtol(text, &end, 10);
	if (end == text || *end != '\0' || parsed < INT_MIN || parsed > INT_MAX)
		return false;
	*number = (int)parsed;
	return true;
}

int param_word_write(OSSL_PARAM *p, int number, const char *text)
{
	return p->data_type == OSSL_PARAM_UTF8_STRING ? OSSL_PARAM_set_utf8_string(p, text)
	                                              : OSSL_PARAM_set_int(p, number);
}
