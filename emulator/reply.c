// SPDX-License-Identifier: Apache-2.0
// Headers as recorded from the real services, and the faults that spoil a body or a connection.
#include "reply.h"

#include "pause.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define HUGE_LENGTH (50UL * 1000 * 1000)
#define SLOW_BYTE_MS 100
#define POLL_SECONDS 10 // what the service asks of a client that waits for an operation

// A body given out by a callback, for the faults that do more than replace it.
struct spoiled {
	char *bytes;
	size_t length;
	size_t end; // where it breaks off; length: nowhere
	bool slow;
	struct pauses *pauses;
};

static ssize_t read_spoiled(void *state, uint64_t at, char *to, size_t room)
{
	const struct spoiled *spoiled = state;
	size_t left;

	if (at >= spoiled->end)
		return spoiled->end < spoiled->length ? MHD_CONTENT_READER_END_WITH_ERROR
		                                      : MHD_CONTENT_READER_END_OF_STREAM;
	left = spoiled->end - (size_t)at;
	if (spoiled->slow) {
		pause_ms(spoiled->pauses, SLOW_BYTE_MS);
		left = 1;
	}
	if (left > room)
		left = room;
	memcpy(to, spoiled->bytes + at, left);
	return (ssize_t)left;
}

static void free_spoiled(void *state)
{
	struct spoiled *spoiled = state;

	free(spoiled->bytes);
	free(spoiled);
}

static struct MHD_Response *spoil(struct answer *answer, const struct fault *fault, struct pauses *pauses)
{
	struct spoiled *spoiled = calloc(1, sizeof(*spoiled));
	struct MHD_Response *response;

	if (!spoiled)
		return NULL;
	spoiled->bytes = answer->body;
	spoiled->length = answer->length;
	spoiled->end = fault->truncate ? answer->length / 2 : answer->length;
	spoiled->slow = fault->slow_body;
	spoiled->pauses = pauses;
	response = MHD_create_response_from_callback(spoiled->length, 16384, read_spoiled, spoiled, free_spoiled);
	if (response)
		answer->body = NULL; // the response owns it now
	else
		free(spoiled);
	return response;
}

// {"value":"AAAA..."} of HUGE_LENGTH bytes, never held in memory.
static ssize_t read_huge(void *state, uint64_t at, char *to, size_t room)
{
	static const char head[] = "{\"value\":\"", tail[] = "\"}";

	(void)state;
	if (room > HUGE_LENGTH - at)
		room = (size_t)(HUGE_LENGTH - at);
	for (size_t i = 0; i < room; i++, at++) {
		if (at < sizeof(head) - 1)
			to[i] = head[at];
		else if (at >= HUGE_LENGTH - (sizeof(tail) - 1))
			to[i] = tail[at - (HUGE_LENGTH - (sizeof(tail) - 1))];
		else
			to[i] = 'A';
	}
	return (ssize_t)room;
}

static void replace_body(struct request *request, const char *text)
{
	answer_empty(request, request->answer.status ? request->answer.status : 200);
	request->answer.body = strdup(text);
	request->answer.length = request->answer.body ? strlen(text) : 0;
}

// Flips the lowest bit of a character in the middle of the signature.
static void flip_signature(struct request *request)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char *value = request->answer.body ? strstr(request->answer.body, "\"value\":\"") : NULL;
	const char *found;

	if (!value || request->operation != OPERATION_SIGN || request->answer.status != 200)
		return;
	value += strlen("\"value\":\"");
	value += strcspn(value, "\"") / 2;
	found = strchr(alphabet, *value);
	if (found && *found)
		*value = alphabet[(size_t)(found - alphabet) ^ 1];
}

static struct MHD_Response *make_response(const struct emulator *emulator, struct request *request,
                                          const struct fault *fault)
{
	struct answer *answer = &request->answer;
	struct MHD_Response *response;

	if (fault->huge && !fault->status) {
		answer_empty(request, 200);
		return MHD_create_response_from_callback(HUGE_LENGTH, 65536, read_huge, NULL, NULL);
	}
	if (fault->garbage)
		replace_body(request, "<html>\x01{\"kid\": not JSON at all]]");
	if (fault->flip_signature)
		flip_signature(request);
	if (fault->truncate || fault->slow_body)
		return spoil(answer, fault, emulator->pauses);
	response = MHD_create_response_from_buffer(answer->length, answer->body ? answer->body : (void *)"",
	                                           answer->body ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (response)
		answer->body = NULL;
	return response;
}

static void add_network_info(struct MHD_Response *response, struct MHD_Connection *connection,
                             const struct service *service)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	char address[INET6_ADDRSTRLEN] = "";
	char text[INET6_ADDRSTRLEN + 64];

	if (info && info->client_addr->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr, address,
		          sizeof(address));
	else if (info && info->client_addr->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr, address,
		          sizeof(address));
	snprintf(text, sizeof(text), "conn_type=Ipv4;addr=%s;act_addr_fam=%s;", address, service->family);
	MHD_add_response_header(response, "x-ms-keyvault-network-info", text);
}

static void add_challenge(struct MHD_Response *response, const struct emulator *emulator, const struct service *service)
{
	char text[512];

	snprintf(text, sizeof(text), "Bearer authorization=\"https://login.microsoftonline.com/%s\", resource=\"%s\"",
	         emulator->tenant, service->resource);
	MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, text);
}

static void add_number(struct MHD_Response *response, const char *name, long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", number);
	MHD_add_response_header(response, name, text);
}

static void add_date(struct MHD_Response *response)
{
	char text[64];
	time_t now = time(NULL);
	struct tm date;

	gmtime_r(&now, &date);
	if (strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &date) > 0)
		MHD_add_response_header(response, MHD_HTTP_HEADER_DATE, text);
}

static void add_hsm_headers(struct MHD_Response *response, struct MHD_Connection *connection,
                            const struct request *request, long latency_ms)
{
	add_number(response, "x-ms-server-latency", latency_ms);
	if (request->answer.status >= 300)
		return;
	MHD_add_response_header(response, "x-ms-keyvault-region", "emulator");
	add_network_info(response, connection, request->service);
	if (strcmp(request->method, "GET") == 0)
		MHD_add_response_header(response, "x-ms-build-version", "managedhsm-emulator-0.1.0");
}

static void add_vault_headers(struct MHD_Response *response, struct MHD_Connection *connection,
                              const struct request *request)
{
	const char *id = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "x-ms-client-request-id");

	add_date(response);
	add_network_info(response, connection, request->service);
	if (id)
		MHD_add_response_header(response, "x-ms-client-request-id", id);
}

// A reset, not an orderly end: disconnecting the socket sends RST and leaves nothing for TLS to say goodbye with.
static enum MHD_Result reset_connection(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	if (info && connect(info->connect_fd, &nobody, sizeof(nobody)) != 0)
		perror("managedhsm-emulator: reset");
	return MHD_NO;
}

enum MHD_Result reply_send(struct MHD_Connection *connection, const struct emulator *emulator, struct request *request,
                           const struct fault *fault, long latency_ms)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (fault->reset)
		return reset_connection(connection);
	response = make_response(emulator, request, fault);
	if (!response)
		return MHD_NO;
	for (const struct header *header = request->service->headers; header->name; header++)
		MHD_add_response_header(response, header->name, header->value);
	MHD_add_response_header(response, "x-ms-request-id", request->id);
	if (request->service->kind == SERVICE_MANAGED_HSM)
		add_hsm_headers(response, connection, request, latency_ms);
	else
		add_vault_headers(response, connection, request);
	if (request->answer.challenge)
		add_challenge(response, emulator, request->service);
	if (request->answer.location)
		MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, request->answer.location);
	if (fault->active && fault->retry_after >= 0)
		add_number(response, MHD_HTTP_HEADER_RETRY_AFTER, fault->retry_after);
	else if (request->answer.location)
		add_number(response, MHD_HTTP_HEADER_RETRY_AFTER, POLL_SECONDS);
	result = MHD_queue_response(connection, request->answer.status, response);
	MHD_destroy_response(response);
	return result;
}
