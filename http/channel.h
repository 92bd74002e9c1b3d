/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One libcurl handle with the one connection it keeps. Used by one thread at a time, inside an openssl_guard; never
 * shared with another process.
 */
#ifndef MH_HTTP_CHANNEL_H
#define MH_HTTP_CHANNEL_H

#include <sys/types.h>

#include <curl/curl.h>

#include "http/answer.h"

/* The one kept, one being closed, and one per address family while connecting; with room to spare. */
#define CHANNEL_SOCKETS_MAX 8

#define CHANNEL_HEADERS_MAX 5

/* What is the same for every channel of a transport; outlives them. */
struct channel_options {
	struct mh_span ca_pem;
	const char *pin;
	unsigned connect_timeout_ms;
};

struct channel_socket {
	int descriptor; /* -1: free */
	dev_t device;
	ino_t inode;
};

struct channel {
	struct channel *next; /* in a list of those being given up */
	unsigned generation; /* process_generation() of the process that made it */
	int64_t idle_since_ms;
	CURL *easy;
	struct channel_socket sockets[CHANNEL_SOCKETS_MAX];
	const struct channel_options *options;
	struct answer answer;
	/* what the handle is set to, so that only differences are set */
	struct mh_buffer url;
	const struct channel_method *method;
	size_t max_answer;
	/* request headers; the list's strings are these, so it is never copied or freed by libcurl */
	struct mh_buffer authorization; /* secret; empty while idle */
	char client_request_id[96];
	struct curl_slist headers[CHANNEL_HEADERS_MAX];
	char error_text[CURL_ERROR_SIZE];
};

/* NULL only when memory is short or libcurl lacks an option this needs. */
struct channel *channel_new(const struct channel_options *options);

/* Closes its connection in order (TLS close_notify). */
void channel_free(struct channel *channel);

/* For a channel made before a fork, in the child: frees it so that its peer, which the parent still talks to, sees
 * nothing. */
void channel_disown(struct channel *channel);

/* Runs one exchange. remaining_ms is the whole time it may take, above 0. *code is libcurl's result; an error is
 * given only for a request that could not be begun. */
mh_result channel_exchange(struct channel *channel, const struct http_request *request, long remaining_ms,
                           struct http_response *response, CURLcode *code, struct mh_error *error) MH_MUST_CHECK;

#endif
