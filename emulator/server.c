// SPDX-License-Identifier: Apache-2.0
// The HTTPS server: one thread per connection, so that neither latency nor the making of a key holds another client.
#include "server.h"

#include "admin.h"
#include "pause.h"
#include "reply.h"

#include <microhttpd.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MAX_BODY (64UL * 1024)
#define MAX_RESTORE_BODY (1024UL * 1024) // a backup holds every version of a key
#define MAX_CONNECTIONS 4096
#define IDLE_SECONDS 300
#define CONNECTION_MEMORY (64UL * 1024)
#define THREAD_STACK (1024UL * 1024)
// Only what the real services speak.
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct server {
	const struct emulator *emulator;
	struct MHD_Daemon *daemon;
};

// What is collected until the body is complete.
struct pending {
	struct timespec began;
	char *body;
	size_t length, room, limit;
	bool too_large;
};

static struct pending *pending_new(const char *path)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	if (!pending)
		return NULL;
	clock_gettime(CLOCK_MONOTONIC, &pending->began);
	pending->limit = strncasecmp(path, "/keys/restore", strlen("/keys/restore")) == 0 ? MAX_RESTORE_BODY : MAX_BODY;
	return pending;
}

static bool pending_append(struct pending *pending, const char *bytes, size_t length)
{
	if (pending->too_large || length > pending->limit - pending->length) {
		pending->too_large = true;
		return true;
	}
	if (pending->length + length > pending->room) {
		size_t room = pending->length + length + 1024;
		char *body = realloc(pending->body, room);

		if (!body)
			return false;
		pending->body = body;
		pending->room = room;
	}
	memcpy(pending->body + pending->length, bytes, length);
	pending->length += length;
	return true;
}

static void pending_free(struct pending *pending)
{
	if (!pending)
		return;
	if (pending->body)
		OPENSSL_cleanse(pending->body, pending->length);
	free(pending->body);
	free(pending);
}

static long milliseconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - then->tv_sec) * 1000 + (now.tv_nsec - then->tv_nsec) / 1000000;
}

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static const char *query_of(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
}

static bool *counted_mark(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static enum MHD_Result complete(const struct server *server, struct MHD_Connection *connection, const char *path,
                                const char *method, struct pending *pending)
{
	const char *host = header_of(connection, MHD_HTTP_HEADER_HOST);
	bool unknown_connection = false;
	bool *counted = counted_mark(connection);
	const struct incoming incoming = {
		.method = method,
		.path = path,
		.host = host ? host : "",
		.authorization = header_of(connection, MHD_HTTP_HEADER_AUTHORIZATION),
		.api_version = query_of(connection, "api-version"),
		.max_results = query_of(connection, "maxresults"),
		.skip_token = query_of(connection, "$skiptoken"),
		.body = pending->body ? pending->body : (char[]){ 0 },
		.body_length = pending->length,
		.body_too_large = pending->too_large,
		.connection_counted = counted ? counted : &unknown_connection,
	};
	struct request request;
	struct fault fault;
	enum MHD_Result result;

	exchange_run(server->emulator, &incoming, &request, &fault);
	result = reply_send(connection, server->emulator, &request, &fault, milliseconds_since(&pending->began));
	request_clear(&request);
	return result;
}

static enum MHD_Result on_request(void *state, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *upload, size_t *upload_length, void **kept)
{
	const struct server *server = state;
	struct pending *pending = *kept;

	(void)version;
	if (!pending) {
		*kept = pending_new(path);
		return *kept ? MHD_YES : MHD_NO;
	}
	if (*upload_length > 0) {
		bool good = pending_append(pending, upload, *upload_length);

		*upload_length = 0;
		return good ? MHD_YES : MHD_NO;
	}
	if (admin_path(path))
		return admin_handle(server->emulator, connection, method, path, pending->body ? pending->body : "",
		                    pending->length);
	return complete(server, connection, path, method, pending);
}

static void on_completed(void *state, struct MHD_Connection *connection, void **kept,
                         enum MHD_RequestTerminationCode code)
{
	(void)state;
	(void)connection;
	(void)code;
	pending_free(*kept);
	*kept = NULL;
}

// The socket's context remembers whether this connection was counted.
static void on_connection(void *state, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
	(void)state;
	(void)connection;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = calloc(1, sizeof(bool));
	} else {
		free(*context);
		*context = NULL;
	}
}

__attribute__((format(printf, 2, 0))) static void on_log(void *state, const char *format, va_list arguments)
{
	(void)state;
	(void)format;
	(void)arguments; // clients that break off are what tests do on purpose
}

struct server *server_start(const struct emulator *emulator, const struct sockaddr *address, const char *certificate,
                            const char *private_key)
{
	unsigned flags = MHD_USE_TLS | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC |
	                 MHD_USE_SUPPRESS_DATE_NO_CLOCK | MHD_USE_ERROR_LOG;
	struct server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	if (address->sa_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	server->emulator = emulator;
	server->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
		MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_HTTPS_MEM_CERT, certificate, MHD_OPTION_HTTPS_MEM_KEY,
		private_key, MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
		NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)MAX_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_THREAD_STACK_SIZE,
		(size_t)THREAD_STACK, MHD_OPTION_LISTEN_BACKLOG_SIZE, (unsigned)1024, MHD_OPTION_END);
	if (server->daemon)
		return server;
	perror("managedhsm-emulator: cannot listen");
	free(server);
	return NULL;
}

unsigned server_port(const struct server *server)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);

	return info ? info->port : 0;
}

void server_stop(struct server *server)
{
	if (!server)
		return;
	pauses_end(server->emulator->pauses);
	MHD_stop_daemon(server->daemon);
	free(server);
}
