// SPDX-License-Identifier: Apache-2.0
// Answers /emulator/stats and /emulator/faults. No token is asked for: whoever is on the machine may count and break.
#include "admin.h"

#include "faults.h"
#include "stats.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

bool admin_path(const char *path)
{
	return strncmp(path, "/emulator/", strlen("/emulator/")) == 0;
}

static bool from_loopback(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr_in6 *six;

	if (!info)
		return false;
	if (info->client_addr->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr.s_addr) >> 24 ==
		       127;
	if (info->client_addr->sa_family != AF_INET6)
		return false;
	six = (const struct sockaddr_in6 *)(const void *)info->client_addr;
	return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) ||
	       (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) && six->sin6_addr.s6_addr[12] == 127);
}

// Takes the text.
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, char *text)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	response = MHD_create_response_from_buffer(text ? strlen(text) : 0, text ? text : (void *)"",
	                                           text ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (!response) {
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json; charset=utf-8");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *message,
                              const char *detail)
{
	json_t *error = json_pack("{s:s+}", "error", message, detail);
	char *text = json_dumps(error, JSON_COMPACT);

	json_decref(error);
	return answer(connection, status, text);
}

static enum MHD_Result handle_stats(struct stats *stats, struct MHD_Connection *connection, const char *method)
{
	if (strcmp(method, "GET") == 0)
		return answer(connection, 200, stats_text(stats));
	if (strcmp(method, "DELETE") != 0)
		return refuse(connection, 405, "use GET or DELETE, not ", method);
	stats_reset(stats);
	return answer(connection, 204, NULL);
}

static enum MHD_Result set_faults(struct faults *faults, struct MHD_Connection *connection, const char *body,
                                  size_t length)
{
	json_t *wishes = parse_object(body, length);
	enum MHD_Result result;
	struct fault fault;
	const char *bad;

	if (fault_parse(wishes, &fault, &bad)) {
		faults_set(faults, &fault);
		result = answer(connection, 204, NULL);
	} else {
		result = refuse(connection, 400, "not a fault: ", bad);
	}
	json_decref(wishes);
	return result;
}

static enum MHD_Result handle_faults(struct faults *faults, struct MHD_Connection *connection, const char *method,
                                     const char *body, size_t length)
{
	if (strcmp(method, "POST") == 0)
		return set_faults(faults, connection, body, length);
	if (strcmp(method, "DELETE") != 0)
		return refuse(connection, 405, "use POST or DELETE, not ", method);
	faults_clear(faults);
	return answer(connection, 204, NULL);
}

enum MHD_Result admin_handle(const struct emulator *emulator, struct MHD_Connection *connection, const char *method,
                             const char *path, const char *body, size_t length)
{
	if (!from_loopback(connection))
		return refuse(connection, 403, "only for clients on the same machine", "");
	if (strcmp(path, "/emulator/stats") == 0)
		return handle_stats(emulator->stats, connection, method);
	if (strcmp(path, "/emulator/faults") == 0)
		return handle_faults(emulator->faults, connection, method, body, length);
	return refuse(connection, 404, "there is stats and faults", "");
}
