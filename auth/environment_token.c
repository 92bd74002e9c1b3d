/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/environment_token.h"

#include <stdlib.h>
#include <string.h>

#define VARIABLE "AZURE_CLI_ACCESS_TOKEN"
#define TOKEN_MAX ((size_t)16 * 1024)

static const char token_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/";

/* The variable without surrounding white space; length 0 when it is unset or empty. */
static struct mh_span read_variable(void)
{
	const char *text = secure_getenv(VARIABLE);
	size_t length;

	if (text == NULL)
		return (struct mh_span){ NULL, 0 };
	text += strspn(text, " \t\r\n");
	length = strlen(text);
	while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
		length--;
	return (struct mh_span){ (const uint8_t *)text, length };
}

/* RFC 6750 section 2.1, b64token. */
static bool is_bearer_token(struct mh_span token)
{
	size_t length = token.length;

	while (length > 0 && token.data[length - 1] == '=')
		length--;
	return length > 0 && strspn((const char *)token.data, token_characters) == length;
}

static mh_result get(void *context, const char *scope, int64_t deadline_ms, struct mh_buffer *token,
                     struct mh_error *error)
{
	struct mh_span value = read_variable();
	int resource_length = (int)strlen(scope);
	const char *end = strstr(scope, "/.default");

	(void)context;
	(void)deadline_ms;
	if (end != NULL)
		resource_length = (int)(end - scope);
	if (value.length == 0)
		return mh_fail(error, MH_R_NO_CREDENTIAL,
		               "no access token: " VARIABLE " is not set; export " VARIABLE
		               "=$(az account get-access-token "
		               "--resource %.*s --query accessToken -o tsv)",
		               resource_length, scope);
	if (value.length > TOKEN_MAX)
		return mh_fail(error, MH_R_NO_CREDENTIAL,
		               VARIABLE " is longer than %zu characters: not an access token", TOKEN_MAX);
	if (!is_bearer_token(value))
		return mh_fail(error, MH_R_NO_CREDENTIAL,
		               VARIABLE
		               " holds characters that an access token cannot have; give the accessToken alone "
		               "(--query accessToken -o tsv)");
	if (!mh_buffer_append(token, value.data, value.length).ok)
		return mh_fail(error, MH_R_MEMORY, "no memory for the access token");
	return MH_SUCCESS;
}

/* Only a new value of the variable can be better than the one refused. */
static bool refused(void *context, const char *scope, const char *token, const char *claims)
{
	struct mh_span value = read_variable();

	(void)context;
	(void)scope;
	(void)claims;
	return value.length > 0 && (strlen(token) != value.length || memcmp(token, value.data, value.length) != 0);
}

void environment_token_source(struct token_source *source)
{
	*source = (struct token_source){ .get = get, .refused = refused, .context = NULL };
}
