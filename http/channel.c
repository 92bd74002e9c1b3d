/* SPDX-License-Identifier: Apache-2.0 */
#include "http/channel.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/process.h"

#define URL_MAX 2048
#define TOKEN_MAX ((size_t)16 * 1024)

/* The service closes a connection that was idle for minutes; one that was idle this long is not tried again. */
#define IDLE_MAX_S 60L
/* The name of a replicated HSM moves between regions with a TTL of 5 s; a busy connection must follow in the end. */
#define CONNECTION_AGE_MAX_S 300L
#define DNS_CACHE_S 5L
#define KEEPALIVE_IDLE_S 30L
#define KEEPALIVE_INTERVAL_S 10L

static const struct channel_method {
	const char *name;
	const char *custom; /* for CURLOPT_CUSTOMREQUEST; NULL: libcurl's own name fits */
	bool has_body;
} methods[] = {
	{ "GET", NULL, false },     { "POST", NULL, true },        { "PUT", "PUT", true },
	{ "PATCH", "PATCH", true }, { "DELETE", "DELETE", false },
};

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct channel *channel = context;
	struct stat status;
	size_t i;
	int descriptor;

	(void)purpose;
	for (i = 0; i < CHANNEL_SOCKETS_MAX; i++) {
		if (channel->sockets[i].descriptor >= 0)
			continue;
		descriptor = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
		if (descriptor < 0)
			return CURL_SOCKET_BAD;
		if (fstat(descriptor, &status) != 0) {
			close(descriptor);
			return CURL_SOCKET_BAD;
		}
		channel->sockets[i].descriptor = descriptor;
		channel->sockets[i].device = status.st_dev;
		channel->sockets[i].inode = status.st_ino;
		return descriptor;
	}
	return CURL_SOCKET_BAD;
}

static int close_socket(void *context, curl_socket_t descriptor)
{
	struct channel *channel = context;
	size_t i;

	for (i = 0; i < CHANNEL_SOCKETS_MAX; i++) {
		if (channel->sockets[i].descriptor == descriptor)
			channel->sockets[i].descriptor = -1;
	}
	return close(descriptor);
}

static bool set_safety_options(const struct channel *channel)
{
	const struct channel_options *options = channel->options;
	CURL *easy = channel->easy;
	struct curl_blob ca;
	bool ok = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	          curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	          curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK &&
	          curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE) == CURLE_OK &&
	          curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK &&
	          curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	          curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	          curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;

	if (ok && options->ca_pem.length > 0) {
		/* libcurl's default directory of CAs would be trusted beside the given ones: put out of the way. */
		ca.data = (void *)(uintptr_t)options->ca_pem.data;
		ca.len = options->ca_pem.length;
		ca.flags = CURL_BLOB_NOCOPY;
		ok = curl_easy_setopt(easy, CURLOPT_CAINFO, NULL) == CURLE_OK &&
		     curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
		     curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &ca) == CURLE_OK;
	}
	if (ok && options->pin != NULL)
		ok = curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, options->pin) == CURLE_OK;
	return ok;
}

static bool set_connection_options(const struct channel *channel)
{
	CURL *easy = channel->easy;

#if LIBCURL_VERSION_NUM >= 0x075700
	/* Without it a name that nobody resolves holds the caller beyond its deadline. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	return curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, IDLE_MAX_S) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, CONNECTION_AGE_MAX_S) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, DNS_CACHE_S) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_IDLE_S) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_USERAGENT, "managedhsm/" MH_VERSION) == CURLE_OK;
}

static bool set_callbacks(struct channel *channel)
{
	CURL *easy = channel->easy;

	return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, channel->error_text) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, channel) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, channel) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, answer_header) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HEADERDATA, &channel->answer) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, answer_body) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEDATA, &channel->answer) == CURLE_OK;
}

struct channel *channel_new(const struct channel_options *options)
{
	struct channel *channel = calloc(1, sizeof(*channel));
	size_t i;

	if (channel == NULL)
		return NULL;
	for (i = 0; i < CHANNEL_SOCKETS_MAX; i++)
		channel->sockets[i].descriptor = -1;
	channel->options = options;
	channel->generation = process_generation();
	mh_buffer_init(&channel->url, URL_MAX);
	mh_buffer_init_secret(&channel->authorization, TOKEN_MAX + sizeof("Authorization: Bearer "));
	channel->easy = curl_easy_init();
	if (channel->easy == NULL || !set_safety_options(channel) || !set_connection_options(channel) ||
	    !set_callbacks(channel)) {
		channel_free(channel);
		return NULL;
	}
	return channel;
}

void channel_free(struct channel *channel)
{
	curl_easy_cleanup(channel->easy);
	mh_buffer_free(&channel->url);
	mh_buffer_free(&channel->authorization);
	free(channel);
}

/* A program that closed all descriptors after fork may have its own files under these numbers now. */
static bool is_still_ours(const struct channel_socket *entry)
{
	struct stat status;

	return fstat(entry->descriptor, &status) == 0 && status.st_dev == entry->device &&
	       status.st_ino == entry->inode;
}

void channel_disown(struct channel *channel)
{
	size_t i;
	int plug;

	for (i = 0; i < CHANNEL_SOCKETS_MAX; i++) {
		if (channel->sockets[i].descriptor >= 0 && !is_still_ours(&channel->sockets[i]))
			return; /* the memory stays: libcurl would write to and close what is not ours */
	}
	/* Whatever libcurl says in farewell goes to a socket that is connected to nobody. */
	plug = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (plug < 0)
		return;
	for (i = 0; i < CHANNEL_SOCKETS_MAX; i++) {
		if (channel->sockets[i].descriptor >= 0 && dup3(plug, channel->sockets[i].descriptor, O_CLOEXEC) < 0) {
			close(plug);
			return;
		}
	}
	close(plug);
	channel_free(channel);
}

static mh_result set_url(struct channel *channel, const char *url, struct mh_error *error)
{
	if (strcmp(mh_buffer_text(&channel->url), url) == 0)
		return MH_SUCCESS;
	mh_buffer_clear(&channel->url);
	if (strlen(url) > URL_MAX)
		return mh_fail(error, MH_R_INTERNAL, "the request's URL is longer than %d characters", URL_MAX);
	if (curl_easy_setopt(channel->easy, CURLOPT_URL, url) != CURLE_OK ||
	    !mh_buffer_append_text(&channel->url, url).ok)
		return mh_fail(error, MH_R_MEMORY, "no memory for the request");
	return MH_SUCCESS;
}

static const struct channel_method *find_method(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	}
	return NULL;
}

static mh_result set_method_and_body(struct channel *channel, const struct http_request *request,
                                     struct mh_error *error)
{
	const struct channel_method *method = find_method(request->method);
	bool changed = method != channel->method;
	const char *body = request->json.length > 0 ? (const char *)request->json.data : "";
	CURL *easy = channel->easy;
	bool ok = true;

	if (method == NULL || request->json.length > INT32_MAX)
		return mh_fail(error, MH_R_INTERNAL, "method or body that is not supported");
	channel->method = NULL;
	if (method->has_body)
		ok = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->json.length) == CURLE_OK &&
		     curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) == CURLE_OK;
	else if (changed)
		ok = curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
	if (ok && changed)
		ok = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method->custom) == CURLE_OK;
	if (!ok)
		return mh_fail(error, MH_R_MEMORY, "no memory for the request");
	channel->method = method;
	return MH_SUCCESS;
}

/* One header line is one line: nothing that ends it, nothing that is not printable. */
static bool is_header_safe(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < 0x20 || *text > 0x7e)
			return false;
	}
	return true;
}

static void add_header(struct channel *channel, size_t *count, const char *line)
{
	struct curl_slist *header = &channel->headers[*count];

	header->data = (char *)(uintptr_t)line; /* libcurl only reads it */
	header->next = NULL;
	if (*count > 0)
		channel->headers[*count - 1].next = header;
	(*count)++;
}

static mh_result set_headers(struct channel *channel, const struct http_request *request, struct mh_error *error)
{
	size_t count = 0;
	int length;

	add_header(channel, &count, "Accept: application/json");
	add_header(channel, &count, "Expect:");
	if (channel->method->has_body)
		add_header(channel, &count, "Content-Type: application/json");
	if (request->client_request_id != NULL) {
		length = snprintf(channel->client_request_id, sizeof(channel->client_request_id),
		                  "x-ms-client-request-id: %s", request->client_request_id);
		if (length < 0 || (size_t)length >= sizeof(channel->client_request_id) ||
		    !is_header_safe(request->client_request_id))
			return mh_fail(error, MH_R_INTERNAL, "bad client request id");
		add_header(channel, &count, channel->client_request_id);
	}
	if (request->bearer_token != NULL) {
		if (strlen(request->bearer_token) > TOKEN_MAX || !is_header_safe(request->bearer_token))
			return mh_fail(error, MH_R_NO_CREDENTIAL,
			               "the access token is too long or not one line of text");
		if (!mh_buffer_append_text(&channel->authorization, "Authorization: Bearer ").ok ||
		    !mh_buffer_append_text(&channel->authorization, request->bearer_token).ok)
			return mh_fail(error, MH_R_MEMORY, "no memory for the request");
		add_header(channel, &count, mh_buffer_text(&channel->authorization));
	}
	if (curl_easy_setopt(channel->easy, CURLOPT_HTTPHEADER, channel->headers) != CURLE_OK)
		return mh_fail(error, MH_R_MEMORY, "no memory for the request");
	return MH_SUCCESS;
}

static mh_result set_limits(struct channel *channel, const struct http_request *request, long remaining_ms,
                            struct mh_error *error)
{
	long connect_ms = (long)channel->options->connect_timeout_ms;
	CURL *easy = channel->easy;
	bool ok;

	if (connect_ms <= 0 || connect_ms > remaining_ms)
		connect_ms = remaining_ms;
	ok = curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, remaining_ms) == CURLE_OK &&
	     curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms) == CURLE_OK;
	if (ok && channel->max_answer != request->max_answer) {
		ok = curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->max_answer) == CURLE_OK;
		channel->max_answer = request->max_answer;
	}
	return ok ? MH_SUCCESS : mh_fail(error, MH_R_INTERNAL, "libcurl refused a time or size limit");
}

/* An idle channel keeps no pointer to what belongs to the request, and no token. */
static void forget_request(struct channel *channel)
{
	curl_easy_setopt(channel->easy, CURLOPT_HTTPHEADER, NULL);
	if (channel->method != NULL && channel->method->has_body) {
		curl_easy_setopt(channel->easy, CURLOPT_POSTFIELDSIZE, 0L);
		curl_easy_setopt(channel->easy, CURLOPT_POSTFIELDS, "");
	}
	mh_buffer_clear(&channel->authorization);
	channel->answer.response = NULL;
}

mh_result channel_exchange(struct channel *channel, const struct http_request *request, long remaining_ms,
                           struct http_response *response, CURLcode *code, struct mh_error *error)
{
	mh_result result;

	answer_begin(&channel->answer, response, request->max_answer);
	result = set_url(channel, request->url, error);
	if (result.ok)
		result = set_method_and_body(channel, request, error);
	if (result.ok)
		result = set_headers(channel, request, error);
	if (result.ok)
		result = set_limits(channel, request, remaining_ms, error);
	if (result.ok) {
		channel->error_text[0] = '\0';
		*code = curl_easy_perform(channel->easy);
		curl_easy_getinfo(channel->easy, CURLINFO_RESPONSE_CODE, &response->status);
	}
	forget_request(channel);
	return result;
}
