/* SPDX-License-Identifier: Apache-2.0 */
#include "http/transport.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/openssl_guard.h"
#include "http/pool.h"

#define CONNECTIONS_LIMIT 4096

struct transport {
	struct process_remains remains; /* first: what process_keep() gets when OpenSSL has stopped before us */
	OSSL_LIB_CTX *libctx;
	struct mh_log *log;
	struct mh_buffer ca_pem;
	char *pin;
	struct channel_options options;
	struct pool pool;
};

static const struct failure {
	CURLcode code;
	enum mh_reason reason;
	const char *what;
} failures[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, MH_R_CONNECT, "cannot connect to" },
	{ CURLE_COULDNT_RESOLVE_PROXY, MH_R_CONNECT, "cannot connect through the proxy to" },
	{ CURLE_COULDNT_CONNECT, MH_R_CONNECT, "cannot connect to" },
	{ CURLE_PROXY, MH_R_CONNECT, "cannot connect through the proxy to" },
	{ CURLE_SSL_CONNECT_ERROR, MH_R_TLS, "no TLS connection to" },
	{ CURLE_PEER_FAILED_VERIFICATION, MH_R_TLS, "a certificate that is not trusted of" },
	{ CURLE_SSL_PINNEDPUBKEYNOTMATCH, MH_R_TLS, "another public key than the pinned one of" },
	{ CURLE_SSL_CACERT_BADFILE, MH_R_TLS, "the CA certificates cannot be used for" },
	{ CURLE_SSL_CIPHER, MH_R_TLS, "no TLS connection to" },
	{ CURLE_SSL_CERTPROBLEM, MH_R_TLS, "no TLS connection to" },
	{ CURLE_SSL_ISSUER_ERROR, MH_R_TLS, "a certificate that is not trusted of" },
	{ CURLE_SSL_INVALIDCERTSTATUS, MH_R_TLS, "a certificate that is not trusted of" },
	{ CURLE_USE_SSL_FAILED, MH_R_TLS, "no TLS connection to" },
	{ CURLE_OPERATION_TIMEDOUT, MH_R_TIMEOUT, "no complete answer in time from" },
	{ CURLE_SEND_ERROR, MH_R_TRANSPORT, "the connection broke to" },
	{ CURLE_RECV_ERROR, MH_R_TRANSPORT, "the connection broke to" },
	{ CURLE_GOT_NOTHING, MH_R_TRANSPORT, "an empty answer from" },
	{ CURLE_PARTIAL_FILE, MH_R_TRANSPORT, "a truncated answer from" },
	{ CURLE_WEIRD_SERVER_REPLY, MH_R_TRANSPORT, "no HTTP answer from" },
	{ CURLE_UNSUPPORTED_PROTOCOL, MH_R_TRANSPORT, "no HTTP answer from" },
	{ CURLE_BAD_CONTENT_ENCODING, MH_R_TRANSPORT, "an unreadable answer from" },
	{ CURLE_OUT_OF_MEMORY, MH_R_MEMORY, "no memory for a request to" },
	{ CURLE_URL_MALFORMAT, MH_R_INTERNAL, "libcurl did not accept the address of" },
};

const char *transport_default_ca_file(void)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	return info->age >= CURLVERSION_SEVENTH ? info->cainfo : NULL;
}

int64_t transport_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

mh_result transport_new(const struct transport_config *config, struct transport **transport, struct mh_error *error)
{
	struct transport *made;

	*transport = NULL;
	if (config->max_connections == 0 || config->max_connections > CONNECTIONS_LIMIT)
		return mh_fail(error, MH_R_BAD_CONFIGURATION, "max-connections must be between 1 and %d",
		               CONNECTIONS_LIMIT);
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return mh_fail(error, MH_R_MEMORY, "no memory for the HTTPS transport");
	made->libctx = config->libctx;
	made->log = config->log;
	mh_buffer_init(&made->ca_pem, config->ca_pem.length);
	if (!mh_buffer_append(&made->ca_pem, config->ca_pem.data, config->ca_pem.length).ok)
		goto no_memory;
	if (config->pin != NULL && (made->pin = strdup(config->pin)) == NULL)
		goto no_memory;
	made->options.ca_pem = (struct mh_span){ made->ca_pem.data, made->ca_pem.length };
	made->options.pin = made->pin;
	made->options.connect_timeout_ms = config->connect_timeout_ms;
	if (!pool_init(&made->pool, &made->options, config->max_connections, error).ok)
		goto no_memory;
	*transport = made;
	return MH_SUCCESS;

no_memory:
	mh_buffer_free(&made->ca_pem);
	free(made->pin);
	free(made);
	return mh_fail(error, MH_R_MEMORY, "no memory for the HTTPS transport");
}

void transport_free(struct transport *transport, bool stopping)
{
	struct openssl_guard guard;

	if (transport == NULL)
		return;
	if (stopping) {
		process_keep(&transport->remains);
		return;
	}
	openssl_guard_enter(&guard, transport->libctx);
	pool_free(&transport->pool);
	openssl_guard_leave(&guard);
	mh_buffer_free(&transport->ca_pem);
	free(transport->pin);
	free(transport);
}

void http_response_init(struct http_response *response)
{
	*response = (struct http_response){ .retry_after_ms = -1 };
	mh_buffer_init_secret(&response->body, 0);
}

void http_response_free(struct http_response *response)
{
	mh_buffer_free(&response->body);
}

/* Where the path begins: "https://host:port/path". */
static const char *url_path(const char *url)
{
	const char *host = strstr(url, "://");

	host = host == NULL ? url : host + 3;
	return host + strcspn(host, "/?");
}

/* A reset within the handshake is a broken connection, worth another try, and no matter of trust; libcurl has one
 * code for both and tells them apart in its text only. A text that is not recognised costs that other try, nothing
 * else. */
static bool handshake_was_cut(const char *text)
{
	return strstr(text, "SSL_connect:") != NULL || strstr(text, "unexpected eof") != NULL;
}

static mh_result fail_stopped(const struct answer *answer, const struct http_request *request, struct mh_error *error)
{
	switch (answer->stop) {
	case ANSWER_BODY_TOO_LARGE:
		return mh_fail(error, MH_R_ANSWER_TOO_LARGE, "the answer is larger than %zu bytes",
		               request->max_answer);
	case ANSWER_HEADERS_TOO_LARGE:
		return mh_fail(error, MH_R_ANSWER_TOO_LARGE, "the answer's headers are larger than %zu bytes",
		               ANSWER_HEADERS_MAX);
	case ANSWER_NO_MEMORY:
	case ANSWER_GOES_ON:
		break;
	}
	return mh_fail(error, MH_R_MEMORY, "no memory for the answer");
}

static mh_result fail_code(struct channel *channel, const struct http_request *request, CURLcode code,
                           struct mh_error *error)
{
	const char *text = channel->error_text[0] != '\0' ? channel->error_text : curl_easy_strerror(code);
	const char *host = request->url + strlen("https://"), *what = "libcurl failed with a request to";
	enum mh_reason reason = MH_R_TRANSPORT;
	curl_off_t before_request_us = 0;
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if (failures[i].code != code)
			continue;
		reason = failures[i].reason;
		what = failures[i].what;
	}
	if (code == CURLE_FILESIZE_EXCEEDED)
		return mh_fail(error, MH_R_ANSWER_TOO_LARGE, "the answer is larger than %zu bytes",
		               request->max_answer);
	if (code == CURLE_SSL_CONNECT_ERROR && handshake_was_cut(text))
		reason = MH_R_TRANSPORT;
	if (code == CURLE_OPERATION_TIMEDOUT) {
		curl_easy_getinfo(channel->easy, CURLINFO_PRETRANSFER_TIME_T, &before_request_us);
		if (before_request_us == 0) {
			reason = MH_R_CONNECT;
			what = "cannot connect within connect-timeout to";
		}
	}
	return mh_fail(error, reason, "%s %.*s: %s", what, (int)(url_path(request->url) - host), host, text);
}

static void log_exchange(const struct transport *transport, const struct channel *channel,
                         const struct http_request *request, const struct http_response *response, CURLcode code,
                         int64_t started_ms)
{
	const char *path = url_path(request->url);
	long connects = 0;

	if (!mh_log_enabled(transport->log, MH_LOG_DEBUG))
		return;
	curl_easy_getinfo(channel->easy, CURLINFO_NUM_CONNECTS, &connects);
	if (request->quiet && (response->status == 200 || response->status == 400)) {
		mh_log_write(transport->log, MH_LOG_DEBUG,
		             "%s %.*s -> answered, %s connection, client request id %s, request id %s", request->method,
		             (int)strcspn(path, "?"), path, connects > 0 ? "new" : "kept",
		             request->client_request_id != NULL ? request->client_request_id : "-",
		             response->request_id[0] != '\0' ? response->request_id : "-");
		return;
	}
	mh_log_write(transport->log, MH_LOG_DEBUG,
	             "%s %.*s -> %ld%s%s in %lld ms, %zu bytes, %s connection, client request id %s, "
	             "request id %s",
	             request->method, (int)strcspn(path, "?"), path, response->status, code == CURLE_OK ? "" : " ",
	             code == CURLE_OK ? "" : curl_easy_strerror(code), (long long)(transport_now_ms() - started_ms),
	             response->body.length, connects > 0 ? "new" : "kept",
	             request->client_request_id != NULL ? request->client_request_id : "-",
	             response->request_id[0] != '\0' ? response->request_id : "-");
}

static mh_result perform(struct transport *transport, const struct http_request *request,
                         struct http_response *response, struct mh_error *error)
{
	int64_t started_ms, remaining_ms;
	struct channel *channel;
	CURLcode code = CURLE_OK;
	mh_result result;

	result = pool_take(&transport->pool, request->deadline_ms, &channel, error);
	if (!result.ok)
		return result;
	started_ms = transport_now_ms();
	remaining_ms = request->deadline_ms - started_ms;
	if (remaining_ms <= 0) {
		result = mh_fail(error, MH_R_TIMEOUT, "the deadline had passed before the request was sent");
	} else {
		result = channel_exchange(channel, request, remaining_ms > INT32_MAX ? INT32_MAX : (long)remaining_ms,
		                          response, &code, error);
		if (result.ok)
			log_exchange(transport, channel, request, response, code, started_ms);
		if (result.ok && channel->answer.stop != ANSWER_GOES_ON)
			result = fail_stopped(&channel->answer, request, error);
		else if (result.ok && code != CURLE_OK)
			result = fail_code(channel, request, code, error);
	}
	pool_give(&transport->pool, channel);
	return result;
}

mh_result transport_perform(struct transport *transport, const struct http_request *request,
                            struct http_response *response, struct mh_error *error)
{
	struct openssl_guard guard;
	mh_result result;

	if (strncmp(request->url, "https://", strlen("https://")) != 0)
		return mh_fail(error, MH_R_INTERNAL, "only https is spoken");
	openssl_guard_enter(&guard, transport->libctx);
	result = perform(transport, request, response, error);
	openssl_guard_leave(&guard);
	return result;
}
