/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collects the answer to one request while it arrives: libcurl's header and body callbacks, with the limits on both.
 * Nothing the peer sends can make it hold more than those limits.
 */
#ifndef MH_HTTP_ANSWER_H
#define MH_HTTP_ANSWER_H

#include "http/transport.h"

/* All headers of one exchange together, interim (1xx) answers included. */
#define ANSWER_HEADERS_MAX ((size_t)64 * 1024)

enum answer_stop { ANSWER_GOES_ON, ANSWER_BODY_TOO_LARGE, ANSWER_HEADERS_TOO_LARGE, ANSWER_NO_MEMORY };

struct answer {
	struct http_response *response;
	size_t header_bytes;
	enum answer_stop stop; /* why a callback broke the transfer off */
	unsigned retry_after_rank; /* of the header that gave response->retry_after_ms; the more exact one wins */
};

/* Sets the body's limit and forgets an earlier answer. */
void answer_begin(struct answer *answer, struct http_response *response, size_t max_answer);

/* CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION with a struct answer as context. */
size_t answer_header(char *data, size_t size, size_t count, void *context);
size_t answer_body(char *data, size_t size, size_t count, void *context);

/* Copies the quoted or bare value of a WWW-Authenticate parameter ("claims") into value, at most capacity bytes
 * with the zero. False when it is absent or too long. */
bool answer_challenge_parameter(const char *challenge, const char *name, char *value, size_t capacity);

#endif
