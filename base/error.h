/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong, in a form that a person can act on.
 *
 * The layers below provider/ know nothing of OpenSSL's error queue. They fill one struct mh_error, given by the caller,
 * at the place where the failure is understood, and return MH_FAILURE; provider/ puts it on the queue.
 * No token, plaintext or key byte may be written into it.
 */
#ifndef MH_BASE_ERROR_H
#define MH_BASE_ERROR_H

#include "base/result.h"

/* Reason codes; their texts are in base/error.c. The values are the provider's reasons on OpenSSL's error queue. */
enum mh_reason {
	MH_R_NONE = 0,
	MH_R_BAD_URI = 1,
	MH_R_BAD_CONFIGURATION,
	MH_R_NO_CREDENTIAL,
	MH_R_CONNECT, /* no connection: DNS, refused, unreachable */
	MH_R_TLS, /* certificate, host name, pin or protocol version */
	MH_R_TIMEOUT,
	MH_R_TRANSPORT, /* reset, truncated, other failures of a connection that was made */
	MH_R_ANSWER_TOO_LARGE,
	MH_R_BAD_ANSWER, /* the answer is not what the service's documentation says */
	MH_R_UNAUTHORIZED, /* HTTP 401 */
	MH_R_FORBIDDEN, /* HTTP 403 */
	MH_R_NOT_FOUND, /* HTTP 404 */
	MH_R_THROTTLED, /* HTTP 429 */
	MH_R_SERVICE, /* any other HTTP status */
	MH_R_UNSUPPORTED_KEY,
	MH_R_UNSUPPORTED_DIGEST,
	MH_R_UNSUPPORTED_PADDING,
	MH_R_UNSUPPORTED_OPERATION,
	MH_R_BAD_PARAMETER,
	MH_R_BAD_DIGEST_LENGTH,
	MH_R_BUFFER_TOO_SMALL,
	MH_R_BAD_SIGNATURE, /* verify-after-sign failed */
	MH_R_DECRYPT, /* a block that does not decrypt; why is not said */
	MH_R_BAD_KEY_FILE,
	MH_R_MEMORY,
	MH_R_INTERNAL,
	MH_R_COUNT
};

struct mh_error {
	enum mh_reason reason;
	long http_status; /* 0 when no answer came */
	char service_code[64]; /* the service's error code, e.g. "KeyNotFound"; empty when there was none */
	char request_id[64]; /* x-ms-request-id; empty when there was none */
	char text[1024]; /* the whole message: attempted, happened, service's words, request id, next step */
};

/* Sets reason and text (truncated to fit, control characters replaced by spaces) and returns MH_FAILURE, so that a
 * caller can write `return mh_fail(error, ...)`. The other members stay as they are. error may be NULL. */
mh_result mh_fail(struct mh_error *error, enum mh_reason reason, const char *format, ...) MH_PRINTF(3, 4);

/* Puts "prefix: " before the text that is there; for the caller who knows what was attempted. */
void mh_error_prefix(struct mh_error *error, const char *format, ...) MH_PRINTF(2, 3);

/* Appends to the text that is there, as far as it fits. */
void mh_error_append(struct mh_error *error, const char *format, ...) MH_PRINTF(2, 3);

/* A short constant text for a reason, never NULL. */
const char *mh_reason_text(enum mh_reason reason);

#endif
