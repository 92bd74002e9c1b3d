// SPDX-License-Identifier: Apache-2.0
// Checks the bearer token and tells what is wrong with it in the words of the service.
#include "token.h"

#include "base64url.h"
#include "errors.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// The audience of something that looks like a JWT; NULL when it has none. The caller releases the result.
static json_t *audience_of(const char *token)
{
	const char *payload = strchr(token, '.');
	const char *end = payload ? strchr(payload + 1, '.') : NULL;
	json_t *claims, *audience;
	uint8_t *bytes;
	size_t length;

	if (!end ||
	    !base64url_bytes(payload + 1, (size_t)(end - payload - 1), BASE64URL_REFUSE_PADDING, &bytes, &length))
		return NULL;
	claims = json_loadb((char *)bytes, length, 0, NULL);
	free(bytes);
	audience = json_incref(json_object_get(claims, "aud"));
	json_decref(claims);
	if (json_is_string(audience))
		return audience;
	json_decref(audience);
	return NULL;
}

bool token_check(struct request *request, const char *authorization, const char *expected)
{
	const char *token;
	json_t *audience;

	if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0) {
		fail(request, ERROR_NO_TOKEN, NULL, NULL, NULL);
		return false;
	}
	token = authorization + 7 + strspn(authorization + 7, " ");
	if (strlen(token) == strlen(expected) && CRYPTO_memcmp(token, expected, strlen(expected)) == 0)
		return true;
	audience = audience_of(token);
	if (audience && strcmp(json_string_value(audience), request->service->resource) != 0)
		fail(request, ERROR_AUDIENCE, json_string_value(audience), NULL, NULL);
	else
		fail(request, ERROR_BAD_TOKEN, NULL, NULL, NULL);
	json_decref(audience);
	return false;
}
