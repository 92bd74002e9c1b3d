/* SPDX-License-Identifier: Apache-2.0 */
/* The token that the user put into AZURE_CLI_ACCESS_TOKEN. */
#include <stdlib.h>
#include <string.h>

#include "auth/environment_token.h"
#include "tests/http/fixture.h"

#define VARIABLE "AZURE_CLI_ACCESS_TOKEN"
#define SCOPE "https://managedhsm.azure.net/.default"

static mh_result get(struct mh_buffer *token, struct mh_error *error)
{
	struct token_source source;

	environment_token_source(&source);
	mh_buffer_init_secret(token, 20000);
	memset(error, 0, sizeof(*error));
	return source.get(source.context, SCOPE, transport_now_ms() + 1000, token, error);
}

START_TEST(token_is_trimmed)
{
	struct mh_buffer token;
	struct mh_error error;

	setenv(VARIABLE, " \t" TEST_TOKEN "_~+/==\r\n", 1);
	ck_assert_msg(get(&token, &error).ok, "%s", error.text);
	ck_assert_str_eq(mh_buffer_text(&token), TEST_TOKEN "_~+/==");
	mh_buffer_free(&token);
}
END_TEST

START_TEST(what_is_no_token_is_refused_without_being_quoted)
{
	static const char *const values[] = { "",           "  ", "a b",        "a\r\nX: y",
		                              "a=b",        "==", "\"quoted\"", "{\"accessToken\":\"x\"}",
		                              "caf\xc3\xa9" };
	struct mh_buffer token;
	struct mh_error error;
	char *large;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		setenv(VARIABLE, values[i], 1);
		ck_assert_msg(!get(&token, &error).ok, "%s", values[i]);
		ck_assert_int_eq(error.reason, MH_R_NO_CREDENTIAL);
		ck_assert(strlen(values[i]) < 4 || strstr(error.text, values[i]) == NULL);
		ck_assert_uint_eq(token.length, 0);
	}
	large = calloc(1, 16 * 1024 + 2);
	memset(large, 'a', 16 * 1024 + 1);
	setenv(VARIABLE, large, 1);
	ck_assert(!get(&token, &error).ok);
	large[16 * 1024] = '\0';
	setenv(VARIABLE, large, 1);
	ck_assert(get(&token, &error).ok);
	mh_buffer_free(&token);
	free(large);
}
END_TEST

START_TEST(missing_token_says_how_to_get_one)
{
	struct mh_buffer token;
	struct mh_error error;

	unsetenv(VARIABLE);
	ck_assert(!get(&token, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_NO_CREDENTIAL);
	ck_assert_msg(strstr(error.text,
	                     "az account get-access-token --resource https://managedhsm.azure.net --query") != NULL,
	              "%s", error.text);
}
END_TEST

START_TEST(refused_token_is_tried_again_only_when_the_variable_changed)
{
	struct token_source source;

	environment_token_source(&source);
	setenv(VARIABLE, TEST_TOKEN "\n", 1);
	ck_assert(!source.refused(source.context, SCOPE, TEST_TOKEN, NULL));
	setenv(VARIABLE, FRESH_TOKEN, 1);
	ck_assert(source.refused(source.context, SCOPE, TEST_TOKEN, NULL));
	unsetenv(VARIABLE);
	ck_assert(!source.refused(source.context, SCOPE, TEST_TOKEN, NULL));
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("environment token");

	tcase_add_test(cases, token_is_trimmed);
	tcase_add_test(cases, what_is_no_token_is_refused_without_being_quoted);
	tcase_add_test(cases, missing_token_says_how_to_get_one);
	tcase_add_test(cases, refused_token_is_tried_again_only_when_the_variable_changed);
	return run_cases("environment token", cases);
}
