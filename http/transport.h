/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTPS requests over kept connections. libcurl stays behind this header: transport.c, channel.c, answer.c and
 * process.c use it, nobody else.
 *
 * One struct transport belongs to one provider instance and is used by any number of threads. Each request runs on
 * a connection of its own from a pool of idle ones; a finished request gives its connection back. Nothing happens
 * before the first request: no thread, no library start, no descriptor. libcurl's TLS runs under an OpenSSL library
 * context given at creation, never under the application's, and OpenSSL's error queue is left as it was found.
 * After fork a child gives up the connections it inherited, without a byte to the peer, and opens its own.
 */
#ifndef MH_HTTP_TRANSPORT_H
#define MH_HTTP_TRANSPORT_H

#include <openssl/types.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"

struct transport;

struct transport_config {
	OSSL_LIB_CTX *libctx; /* for libcurl's TLS; outlives the transport */
	struct mh_span ca_pem; /* CA certificates, PEM; copied. Empty: libcurl's default */
	const char *pin; /* "sha256//<base64>[;sha256//...]" of the SubjectPublicKeyInfo, or NULL; copied */
	unsigned connect_timeout_ms;
	unsigned max_connections; /* at once; a further request waits within its deadline */
	struct mh_log *log; /* may be NULL; outlives the transport */
};

struct http_request {
	const char *method; /* "GET", "POST", "PUT", "PATCH", "DELETE" */
	const char *url; /* https only */
	const char *bearer_token; /* for the Authorization header, or NULL */
	const char *client_request_id; /* x-ms-client-request-id, or NULL */
	struct mh_span json; /* body, sent as application/json; an empty one is sent for POST too */
	bool quiet; /* the log says neither status nor size: they would tell whether a block decrypted */
	int64_t deadline_ms; /* on transport_now_ms()'s clock; connecting, sending and the whole answer end by it */
	size_t max_answer; /* bytes; a larger answer fails as soon as it is known to be larger */
};

struct http_response {
	long status; /* HTTP status of the answer */
	struct mh_buffer body; /* owned; cleansed when freed */
	char request_id[64]; /* x-ms-request-id, "" when absent; printable ASCII only */
	long retry_after_ms; /* retry-after-ms, x-ms-retry-after-ms or Retry-After (seconds, date); -1 when absent */
	char challenge[1024]; /* WWW-Authenticate, "" when absent */
};

/* Where libcurl's CA certificates are when none are given; NULL when it has no such file. Any thread, any time. */
const char *transport_default_ca_file(void);

/* Milliseconds on a clock that only goes forward (CLOCK_MONOTONIC). */
int64_t transport_now_ms(void);

mh_result transport_new(const struct transport_config *config, struct transport **transport,
                        struct mh_error *error) MH_MUST_CHECK;

/* Closes idle connections and frees everything; no request may be running. stopping: OpenSSL is already inside
 * OPENSSL_cleanup(): then nothing of libcurl is touched, its memory is left to the end of the process. NULL is
 * allowed. */
void transport_free(struct transport *transport, bool stopping);

/* Sends one request and reads its answer; any HTTP status is a success here. Blocks the calling thread. *response
 * must have been initialised with http_response_init() and is freed by the caller with http_response_free() in
 * every case. Failures: MH_R_CONNECT, MH_R_TLS, MH_R_TIMEOUT, MH_R_TRANSPORT, MH_R_ANSWER_TOO_LARGE, MH_R_MEMORY.
 * Redirects are not followed. */
mh_result transport_perform(struct transport *transport, const struct http_request *request,
                            struct http_response *response, struct mh_error *error) MH_MUST_CHECK;

void http_response_init(struct http_response *response);
void http_response_free(struct http_response *response);

#endif
