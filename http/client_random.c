/* SPDX-License-Identifier: Apache-2.0 */
#include "http/client.h"

#include <stdio.h>

#include <openssl/crypto.h>

#include "http/call.h"
#include "http/client_value.h"

mh_result client_random(struct client *client, const struct key_uri *uri, uint8_t *out, size_t length,
                        struct mh_error *error)
{
	struct client_call call = {
		.attempt = "get random bytes of", .method = "POST", .uri = uri, .root_path = "/rng"
	};
	struct http_response response;
	char body[32];
	size_t written = 0;
	mh_result result;
	int n;

	if (length == 0 || length > CLIENT_RANDOM_MAX)
		return mh_fail(error, MH_R_INTERNAL, "%zu random bytes cannot be asked for at once", length);
	n = snprintf(body, sizeof(body), "{\"count\":%zu}", length);
	call.json = (struct mh_span){ (const uint8_t *)body, (size_t)n };
	http_response_init(&response);
	result = client_call(client, &call, &response, error);
	if (result.ok) {
		result = client_read_value(&response, NULL, out, length, &written, error);
		if (result.ok && written != length)
			result = mh_fail(error, MH_R_BAD_ANSWER, "the service answered %zu random bytes, not %zu",
			                 written, length);
		if (!result.ok)
			result = client_call_bad_answer(&call, &response, error);
	}
	http_response_free(&response);
	if (!result.ok)
		OPENSSL_cleanse(out, length);
	return result;
}
