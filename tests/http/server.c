/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/http/server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "tests/http/server_certificate.h"

#define REQUESTS_MAX 4096
#define CONNECTIONS_MAX 256
#define REQUEST_SIZE_MAX 65536
#define ANSWERS_MAX 512

#define REQUIRE(condition) ((condition) ? (void)0 : fail(__FILE__, __LINE__, #condition))

struct connection {
	struct server *server;
	pthread_t thread;
	int socket;
};

struct server {
	struct server_options options;
	struct server_certificate certificate;
	SSL_CTX *ssl_ctx;
	int listener;
	unsigned port;
	pthread_t acceptor;
	pthread_mutex_t lock; /* all below */
	bool stopping;
	struct scripted_answer answers[ANSWERS_MAX];
	size_t answer_count, answer_next;
	struct connection connections[CONNECTIONS_MAX];
	size_t accepted;
	unsigned established, open, most_open, unclean_ends, request_count;
	size_t bytes_sent;
	char *requests[REQUESTS_MAX];
};

static void fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

static bool is_stopping(struct server *server)
{
	bool stopping;

	pthread_mutex_lock(&server->lock);
	stopping = server->stopping;
	pthread_mutex_unlock(&server->lock);
	return stopping;
}

/* False when the connection is idle for too long, or the server stops. */
static bool wait_readable(struct server *server, SSL *ssl, unsigned idle_ms)
{
	struct pollfd poll_for = { .fd = SSL_get_fd(ssl), .events = POLLIN };
	unsigned waited = 0;

	while (SSL_pending(ssl) == 0) {
		if (poll(&poll_for, 1, 10) > 0)
			return true;
		waited += 10;
		if (is_stopping(server) || (idle_ms != 0 && waited >= idle_ms))
			return false;
	}
	return true;
}

static size_t content_length(const char *head)
{
	const char *line;

	for (line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
		if (strncasecmp(line + 2, "Content-Length:", 15) == 0)
			return strtoul(line + 17, NULL, 10);
	}
	return 0;
}

/* One whole request, or NULL when the connection ended. */
static char *read_request(struct server *server, SSL *ssl)
{
	char *text = calloc(1, REQUEST_SIZE_MAX), *head_end;
	size_t length = 0;
	int got;

	REQUIRE(text != NULL);
	for (;;) {
		if (!wait_readable(server, ssl, length == 0 ? server->options.idle_ms : 0))
			break;
		got = SSL_read(ssl, text + length, (int)(REQUEST_SIZE_MAX - 1 - length));
		if (got <= 0) {
			/* The orderly ends: a close_notify, or a plain close. */
			if (SSL_get_error(ssl, got) == SSL_ERROR_SSL &&
			    (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) == 0) {
				pthread_mutex_lock(&server->lock);
				server->unclean_ends++;
				pthread_mutex_unlock(&server->lock);
			}
			break;
		}
		length += (size_t)got;
		head_end = strstr(text, "\r\n\r\n");
		if (head_end != NULL && length >= (size_t)(head_end + 4 - text) + content_length(text)) {
			/* It is kept: a test may count the process's memory. */
			text = realloc(text, length + 1);
			REQUIRE(text != NULL);
			return text;
		}
	}
	free(text);
	return NULL;
}

static struct scripted_answer take_answer(struct server *server, char *request)
{
	struct scripted_answer answer;

	pthread_mutex_lock(&server->lock);
	REQUIRE(server->request_count < REQUESTS_MAX && server->answer_count > 0);
	server->requests[server->request_count++] = request;
	answer = server->answers[server->answer_next];
	if (server->answer_next + 1 < server->answer_count)
		server->answer_next++;
	pthread_mutex_unlock(&server->lock);
	return answer;
}

/* Writes while *left lasts. False when the connection is to end. */
static bool send_bytes(struct server *server, SSL *ssl, const char *data, size_t length, size_t *left)
{
	size_t sent, now = length < *left ? length : *left;

	if (now > 0 && SSL_write_ex(ssl, data, now, &sent) != 1)
		return false;
	pthread_mutex_lock(&server->lock);
	server->bytes_sent += now;
	pthread_mutex_unlock(&server->lock);
	*left -= now;
	return now == length;
}

static bool send_head(struct server *server, SSL *ssl, const struct scripted_answer *answer, size_t *left)
{
	size_t body =
		answer->body == NULL ? 0 : strlen(answer->body) * (answer->repeat_body == 0 ? 1 : answer->repeat_body);
	size_t i, times = answer->headers == NULL ? 0 : answer->repeat_headers == 0 ? 1 : answer->repeat_headers;
	char line[256];

	snprintf(line, sizeof(line), "HTTP/1.1 %d Scripted\r\nContent-Type: application/json\r\n%s", answer->status,
	         answer->close ? "Connection: close\r\n" : "");
	if (!send_bytes(server, ssl, line, strlen(line), left))
		return false;
	for (i = 0; i < times; i++) {
		if (!send_bytes(server, ssl, answer->headers, strlen(answer->headers), left))
			return false;
	}
	if (answer->chunked)
		snprintf(line, sizeof(line), "Transfer-Encoding: chunked\r\n\r\n");
	else
		snprintf(line, sizeof(line), "Content-Length: %zu\r\n\r\n", body);
	return send_bytes(server, ssl, line, strlen(line), left);
}

static bool send_answer(struct server *server, SSL *ssl, const struct scripted_answer *answer)
{
	size_t left = answer->cut_after == 0 ? SIZE_MAX : answer->cut_after, i;
	size_t times = answer->body == NULL ? 0 : answer->repeat_body == 0 ? 1 : answer->repeat_body;
	char size[32];

	usleep(answer->delay_ms * 1000);
	if (answer->drop)
		return false;
	if (answer->raw != NULL) {
		(void)send_bytes(server, ssl, answer->raw, strlen(answer->raw), &left);
		return false;
	}
	if (!send_head(server, ssl, answer, &left))
		return false;
	for (i = 0; i < times; i++) {
		snprintf(size, sizeof(size), "%zx\r\n", strlen(answer->body));
		if (answer->chunked && !send_bytes(server, ssl, size, strlen(size), &left))
			return false;
		if (!send_bytes(server, ssl, answer->body, strlen(answer->body), &left))
			return false;
		if (answer->chunked && !send_bytes(server, ssl, "\r\n", 2, &left))
			return false;
	}
	if (answer->chunked && !send_bytes(server, ssl, "0\r\n\r\n", 5, &left))
		return false;
	return !answer->close;
}

static void count_connection(struct server *server, bool opened)
{
	pthread_mutex_lock(&server->lock);
	if (opened) {
		server->established++;
		server->open++;
		if (server->open > server->most_open)
			server->most_open = server->open;
	} else {
		server->open--;
	}
	pthread_mutex_unlock(&server->lock);
}

static void *serve(void *context)
{
	struct connection *connection = context;
	struct server *server = connection->server;
	const int on = 1;
	SSL *ssl = SSL_new(server->ssl_ctx);
	struct scripted_answer answer;
	char *request;

	REQUIRE(setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
	REQUIRE(ssl != NULL && SSL_set_fd(ssl, connection->socket) == 1);
	if (SSL_accept(ssl) == 1) {
		count_connection(server, true);
		while ((request = read_request(server, ssl)) != NULL) {
			answer = take_answer(server, request);
			if (!send_answer(server, ssl, &answer))
				break;
		}
		count_connection(server, false);
		(void)SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	close(connection->socket);
	return NULL;
}

static void *accept_connections(void *context)
{
	struct server *server = context;
	struct pollfd poll_for = { .fd = server->listener, .events = POLLIN };

	while (!is_stopping(server)) {
		struct connection *connection;

		if (poll(&poll_for, 1, 10) <= 0)
			continue;
		REQUIRE(server->accepted < CONNECTIONS_MAX);
		connection = &server->connections[server->accepted];
		connection->server = server;
		connection->socket = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
		REQUIRE(connection->socket >= 0);
		REQUIRE(pthread_create(&connection->thread, NULL, serve, connection) == 0);
		server->accepted++;
	}
	return NULL;
}

static void start_tls(struct server *server)
{
	int versions = server->options.only_tls_1_1 ? TLS1_1_VERSION : 0;

	server_certificate_make(&server->certificate, server->options.dns_name);
	server->ssl_ctx = SSL_CTX_new_ex(server->certificate.libctx, NULL, TLS_server_method());
	REQUIRE(server->ssl_ctx != NULL);
	SSL_CTX_set_options(server->ssl_ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	if (versions != 0) {
		SSL_CTX_set_security_level(server->ssl_ctx, 0);
		REQUIRE(SSL_CTX_set_min_proto_version(server->ssl_ctx, versions) == 1);
		REQUIRE(SSL_CTX_set_max_proto_version(server->ssl_ctx, versions) == 1);
	}
	REQUIRE(SSL_CTX_use_certificate(server->ssl_ctx, server->certificate.certificate) == 1);
	REQUIRE(SSL_CTX_use_PrivateKey(server->ssl_ctx, server->certificate.key) == 1);
}

struct server *server_start(const struct server_options *options)
{
	static const struct server_options plain = { 0 };
	struct server *server = calloc(1, sizeof(*server));
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);

	REQUIRE(server != NULL);
	signal(SIGPIPE, SIG_IGN); /* for this server's writes; the tests of SIGPIPE set their own */
	server->options = options == NULL ? plain : *options;
	pthread_mutex_init(&server->lock, NULL);
	start_tls(server);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	REQUIRE(server->listener >= 0);
	REQUIRE(bind(server->listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	REQUIRE(listen(server->listener, 64) == 0);
	REQUIRE(getsockname(server->listener, (struct sockaddr *)&address, &length) == 0);
	server->port = ntohs(address.sin_port);
	REQUIRE(pthread_create(&server->acceptor, NULL, accept_connections, server) == 0);
	return server;
}

void server_stop(struct server *server)
{
	size_t i;

	pthread_mutex_lock(&server->lock);
	server->stopping = true;
	pthread_mutex_unlock(&server->lock);
	pthread_join(server->acceptor, NULL);
	for (i = 0; i < server->accepted; i++)
		pthread_join(server->connections[i].thread, NULL);
	for (i = 0; i < server->request_count; i++)
		free(server->requests[i]);
	close(server->listener);
	SSL_CTX_free(server->ssl_ctx);
	server_certificate_free(&server->certificate);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

unsigned server_port(const struct server *server)
{
	return server->port;
}

const char *server_ca_pem(const struct server *server)
{
	return server->certificate.pem;
}

const char *server_pin(const struct server *server)
{
	return server->certificate.pin;
}

void server_script(struct server *server, const struct scripted_answer *answers, size_t count)
{
	REQUIRE(count > 0 && count <= ANSWERS_MAX);
	pthread_mutex_lock(&server->lock);
	memcpy(server->answers, answers, count * sizeof(answers[0]));
	server->answer_count = count;
	server->answer_next = 0;
	pthread_mutex_unlock(&server->lock);
}

static size_t read_count(struct server *server, const unsigned *count)
{
	size_t value;

	pthread_mutex_lock(&server->lock);
	value = *count;
	pthread_mutex_unlock(&server->lock);
	return value;
}

unsigned server_connections(struct server *server)
{
	return (unsigned)read_count(server, &server->established);
}

unsigned server_connections_open(struct server *server)
{
	return (unsigned)read_count(server, &server->open);
}

unsigned server_connections_most(struct server *server)
{
	return (unsigned)read_count(server, &server->most_open);
}

unsigned server_requests(struct server *server)
{
	return (unsigned)read_count(server, &server->request_count);
}

unsigned server_unclean_ends(struct server *server)
{
	return (unsigned)read_count(server, &server->unclean_ends);
}

size_t server_bytes_sent(struct server *server)
{
	size_t value;

	pthread_mutex_lock(&server->lock);
	value = server->bytes_sent;
	pthread_mutex_unlock(&server->lock);
	return value;
}

const char *server_request(struct server *server, unsigned number)
{
	const char *request;

	pthread_mutex_lock(&server->lock);
	REQUIRE(number < server->request_count);
	request = server->requests[number];
	pthread_mutex_unlock(&server->lock);
	return request;
}
