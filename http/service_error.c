/* SPDX-License-Identifier: Apache-2.0 */
#include "http/service_error.h"

#include <stdio.h>
#include <string.h>

#include "http/json_body.h"
#include "http/url.h"

#define MESSAGE_MAX 400 /* of the service's own text; leaves room for ours */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	long status;
	enum mh_reason reason;
	const char *phrase;
} statuses[] = {
	{ 400, MH_R_SERVICE, "Bad Request" },
	{ 401, MH_R_UNAUTHORIZED, "Unauthorized" },
	{ 403, MH_R_FORBIDDEN, "Forbidden" },
	{ 404, MH_R_NOT_FOUND, "Not Found" },
	{ 405, MH_R_SERVICE, "Method Not Allowed" },
	{ 408, MH_R_SERVICE, "Request Timeout" },
	{ 409, MH_R_SERVICE, "Conflict" },
	{ 413, MH_R_SERVICE, "Content Too Large" },
	{ 429, MH_R_THROTTLED, "Too Many Requests" },
	{ 500, MH_R_SERVICE, "Internal Server Error" },
	{ 502, MH_R_SERVICE, "Bad Gateway" },
	{ 503, MH_R_SERVICE, "Service Unavailable" },
	{ 504, MH_R_SERVICE, "Gateway Timeout" },
};

struct words { /* of the service */
	char code[64];
	char inner_code[64];
	char message[MESSAGE_MAX];
};

/* A peer that echoes the request must not bring the token into an error: what looks like one (a JWT begins with
 * eyJ, always) is struck out. */
static void strike_tokens(char *text)
{
	char *token;

	while ((token = strstr(text, "eyJ")) != NULL) {
		size_t length = strspn(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=");

		memset(token, '*', length);
		text = token + length;
	}
}

/* ASCII in one line: the text ends in terminals and logs. */
static void copy_words(char *to, size_t capacity, const char *from)
{
	size_t length = 0;

	if (from == NULL)
		from = "";
	for (; *from != '\0' && length < capacity - 1; from++) {
		bool printable = *from > 0x20 && *from < 0x7f;
		bool space = *from == ' ' || *from == '\r' || *from == '\n' || *from == '\t';

		if (space && (length == 0 || to[length - 1] == ' '))
			continue;
		to[length++] = (char)(printable ? *from : space ? ' ' : '?');
	}
	while (length > 0 && to[length - 1] == ' ')
		length--;
	to[length] = '\0';
	strike_tokens(to);
}

static void read_words(const struct http_response *response, struct words *words)
{
	struct mh_span body = { response->body.data, response->body.length };
	const json_t *error, *inner;
	json_t *root;

	memset(words, 0, sizeof(*words));
	if (body.length == 0 || !json_body_parse(body, &root, NULL).ok)
		return;
	error = json_object_get(root, "error");
	inner = json_object_get(error, "innererror");
	if (inner == NULL)
		inner = json_object_get(error, "innerError");
	copy_words(words->code, sizeof(words->code), json_body_string(error, "code"));
	copy_words(words->inner_code, sizeof(words->inner_code), json_body_string(inner, "code"));
	copy_words(words->message, sizeof(words->message), json_body_string(error, "message"));
	json_decref(root);
}

mh_result service_error(const struct http_response *response, struct mh_error *error)
{
	enum mh_reason reason = MH_R_SERVICE;
	const char *phrase = "";
	struct words words;
	size_t i;

	if (error == NULL)
		return MH_FAILURE;
	for (i = 0; i < COUNT(statuses); i++) {
		if (statuses[i].status == response->status) {
			reason = statuses[i].reason;
			phrase = statuses[i].phrase;
		}
	}
	read_words(response, &words);
	error->http_status = response->status;
	snprintf(error->service_code, sizeof(error->service_code), "%s",
	         words.inner_code[0] != '\0' ? words.inner_code : words.code);
	snprintf(error->request_id, sizeof(error->request_id), "%s", response->request_id);
	(void)mh_fail(error, reason, "HTTP %ld%s%s", response->status, phrase[0] != '\0' ? " " : "", phrase);
	if (words.code[0] != '\0')
		mh_error_append(error, ": %s", words.code);
	if (words.inner_code[0] != '\0')
		mh_error_append(error, ", %s", words.inner_code);
	if (words.message[0] != '\0')
		mh_error_append(error, ": %s", words.message);
	/* Managed HSM's messages end with the same id as "Activity ID". */
	if (response->request_id[0] != '\0' && strstr(words.message, response->request_id) == NULL)
		mh_error_append(error, " (request id %s)", response->request_id);
	return MH_FAILURE;
}

/* What of the key or its place forbids it, by the service's code; any other 403 is a missing role. */
static const struct {
	const char *service_code;
	const char *advice;
} refusals[] = {
	{ "KeyOperationForbidden", "the key's allowed operations (key_ops) do not include this one" },
	{ "ForbiddenByFirewall", "the network rules of the HSM or vault do not admit this machine's address" },
	{ "ForbiddenByConnection", "the HSM or vault admits private connections only" },
};

static void advise_forbidden(const struct key_uri *uri, struct mh_error *error)
{
	size_t i;

	if (strcmp(error->service_code, "KeyDisabled") == 0) {
		mh_error_append(error,
		                "; the key is disabled: `az keyvault key set-attributes --%s-name %s --name %s "
		                "--enabled true` enables it",
		                uri->service == KEY_URI_MANAGED_HSM ? "hsm" : "vault", uri->vault, uri->key);
		return;
	}
	for (i = 0; i < COUNT(refusals); i++) {
		if (strcmp(refusals[i].service_code, error->service_code) == 0) {
			mh_error_append(error, "; %s", refusals[i].advice);
			return;
		}
	}
	if (uri->service == KEY_URI_MANAGED_HSM)
		mh_error_append(
			error,
			"; the identity needs the HSM's local role \"Managed HSM Crypto User\": `az keyvault role "
			"assignment create --hsm-name %s --role \"Managed HSM Crypto User\" --scope /keys%s%s "
			"--assignee <identity>`",
			uri->vault, uri->key[0] != '\0' ? "/" : "", uri->key);
	else
		mh_error_append(error, "; the identity needs the role \"%s\" on the vault %s",
		                uri->type == KEY_URI_TYPE_CERT ? "Key Vault Reader" : "Key Vault Crypto User",
		                uri->vault);
}

void service_error_advise(const struct key_uri *uri, enum key_uri_cloud cloud, struct mh_error *error)
{
	char resource[URL_SCOPE_MAX];

	if (error == NULL)
		return;
	switch (error->reason) {
	case MH_R_UNAUTHORIZED:
		url_resource(uri->service, cloud, resource);
		mh_error_append(error,
		                "; the token has expired or is for another resource: `az account get-access-token "
		                "--resource %s` gives a new one",
		                resource);
		break;
	case MH_R_FORBIDDEN:
		advise_forbidden(uri, error);
		break;
	case MH_R_NOT_FOUND:
		mh_error_append(error, "; `az keyvault %s list --%s-name %s` lists the names that exist",
		                uri->type == KEY_URI_TYPE_CERT ? "certificate" : "key",
		                uri->service == KEY_URI_MANAGED_HSM ? "hsm" : "vault", uri->vault);
		break;
	case MH_R_CONNECT:
		mh_error_append(error, "; is \"%s\" the right name, and does the network let this machine reach it?",
		                uri->vault);
		break;
	case MH_R_TIMEOUT:
		mh_error_append(error, "; `timeout` and `connect-timeout` say how long to wait");
		break;
	case MH_R_TLS:
		/* A wrong pin is no matter of CAs; libcurl's text is the only thing that tells. */
		if (strstr(error->text, "pinned") != NULL)
			mh_error_append(error, "; the setting `pin` names the keys that are expected");
		else
			mh_error_append(error,
			                "; for a service behind a private CA, name the CA's certificate in `ca-file`");
		break;
	default:
		break;
	}
}
