/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small HTTPS server on loopback for the tests of the transport: it answers what a script says, as badly as the
 * script says, and remembers what it was asked. One thread per connection; TLS in a library context of its own;
 * certificate made at start, self-signed.
 */
#ifndef MH_TESTS_HTTP_SERVER_H
#define MH_TESTS_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct server;

struct server_options {
	const char
		*dns_name; /* in the certificate beside 127.0.0.1; NULL: none. "-" : only the name "elsewhere.test" */
	bool only_tls_1_1;
	unsigned idle_ms; /* a connection that was idle for so long is closed; 0: never */
};

struct scripted_answer {
	int status;
	const char *headers; /* further header lines, each ended by \r\n; or NULL */
	const char *body; /* or NULL */
	unsigned delay_ms; /* before the answer */
	size_t repeat_body; /* sends body so many times; 0 means once */
	size_t repeat_headers; /* likewise */
	bool chunked; /* no Content-Length */
	bool close; /* Connection: close, and does so */
	bool drop; /* no answer at all: closes */
	size_t cut_after; /* closes after so many bytes of the answer; 0: never */
	const char *raw; /* this instead of everything above but delay_ms, then closes */
};

/* Never fails: a test without its server ends. */
struct server *server_start(const struct server_options *options);
void server_stop(struct server *server);

unsigned server_port(const struct server *server);
const char *server_ca_pem(const struct server *server);
const char *server_pin(const struct server *server); /* "sha256//..." */

/* Answers requests with these in order, from now on; the last one again and again. Their texts are not copied. */
void server_script(struct server *server, const struct scripted_answer *answers, size_t count);

unsigned server_connections(struct server *server); /* TLS connections accepted so far */
unsigned server_connections_open(struct server *server); /* at this moment */
unsigned server_connections_most(struct server *server); /* open at the same time, at most */
unsigned server_requests(struct server *server);
size_t server_bytes_sent(struct server *server);
unsigned server_unclean_ends(
	struct server *server); /* connections that ended with bytes that are not TLS, or an alert */

/* The whole request, head and body; valid until server_stop(). number counts from 0. */
const char *server_request(struct server *server, unsigned number);

#endif
