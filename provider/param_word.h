/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters that OpenSSL's callers give as a number or as a word: paddings, salt lengths. Hostile input: any type,
 * no data. */
#ifndef MH_PROVIDER_PARAM_WORD_H
#define MH_PROVIDER_PARAM_WORD_H

#include <stdbool.h>

#include <openssl/core.h>

#define PARAM_TEXT_MAX 64

/* A number, and the word that OpenSSL's string form has for it; a table ends with a NULL word. */
struct param_word {
	int number;
	const char *text;
};

/* An integer parameter, or a string that is a word of the table or a decimal number. */
bool param_word_read(const OSSL_PARAM *p, const struct param_word *words, int *number);

/* Answers in the type that was asked for. */
int param_word_write(OSSL_PARAM *p, int number, const char *text);

/* A string parameter of at most PARAM_TEXT_MAX - 1 characters. */
bool param_text_read(const OSSL_PARAM *p, char text[static PARAM_TEXT_MAX]);

#endif
