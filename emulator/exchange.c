// SPDX-License-Identifier: Apache-2.0
// The order in which a request is judged: URL, fault, host, token, api-version, body, limit, and then its handler.
#include "exchange.h"

#include "errors.h"
#include "rate_limits.h"
#include "pause.h"
#include "router.h"
#include "stats.h"
#include "token.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_DEPTH 32
#define MAX_HOST 255

json_t *parse_object(const char *text, size_t length)
{
	bool in_string = false;
	unsigned depth = 0;
	json_t *value;

	for (size_t i = 0; i < length; i++) {
		if (in_string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			in_string = !in_string;
		else if (!in_string && (text[i] == '{' || text[i] == '[') && ++depth > MAX_DEPTH)
			return NULL;
		else if (!in_string && (text[i] == '}' || text[i] == ']') && depth > 0)
			depth--;
	}
	value = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(value))
		return value;
	json_decref(value);
	return NULL;
}

static bool host_valid(const char *host)
{
	size_t length = strlen(host);

	return length > 0 && length <= MAX_HOST &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") == length;
}

// A vault is addressed by its name or by Key Vault's suffix.
static bool names_vault(const struct emulator *emulator, const char *host)
{
	size_t length = strlen(emulator->vault_name);

	return (strncasecmp(host, emulator->vault_name, length) == 0 && host[length] == '.') ||
	       strcasestr(host, ".vault.");
}

static bool is_collection(const char *path, const char *collection)
{
	size_t length = strlen(collection);

	return strncasecmp(path, collection, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

// What no HSM has.
static bool only_in_vaults(const char *path)
{
	path += strspn(path, "/");
	return is_collection(path, "certificates") || is_collection(path, "deletedcertificates") ||
	       is_collection(path, "secrets");
}

static void choose_service(const struct emulator *emulator, struct request *request, bool vault)
{
	request->service = vault ? &service_key_vault : &service_managed_hsm;
	request->store = vault ? emulator->vault : emulator->hsm;
}

// Clients that know one URL for everything send there what is for the HSM and what is for the vault. Then the path
// decides. True when the host leaves it open, and the HSM was chosen.
static bool choose_by_url(const struct emulator *emulator, struct request *request, const struct incoming *incoming)
{
	bool named = emulator->vault && names_vault(emulator, incoming->host);
	bool open = emulator->vault && !named && !strcasestr(incoming->host, ".managedhsm.");
	bool vault = named || (open && (emulator->vault_first || only_in_vaults(incoming->path)));

	choose_service(emulator, request, vault);
	return open && !vault;
}

// Whether the store has the key that the request names, in the version that it names.
static bool has_key(struct key_store *store, const struct request *request, bool with_certificate)
{
	struct key *key;
	bool found;

	key_store_lock_shared(store);
	key = key_store_find(store, KEY_LIVE, request->name);
	found = key && (!with_certificate || key->policy) && key_find_version(key, request->version);
	key_store_unlock(store);
	return found;
}

// What is done with a key that exists; new ones are the HSM's.
static bool uses_key(enum operation operation)
{
	return operation == OPERATION_GET || operation == OPERATION_VERSIONS || operation == OPERATION_UPDATE ||
	       operation == OPERATION_DELETE || (operation >= OPERATION_ROTATE && operation <= OPERATION_BACKUP) ||
	       (operation >= OPERATION_SIGN && operation <= OPERATION_UNWRAP);
}

// A certificate tells its key's address, which has the host that the client used: what the HSM does not have may be
// the key of a certificate.
static bool means_certificate_key(const struct emulator *emulator, const struct request *request)
{
	if (!uses_key(request->operation) || has_key(emulator->hsm, request, false))
		return false;
	if (has_key(emulator->vault, request, true))
		return true;
	key_store_wait_seeded(emulator->vault);
	return has_key(emulator->vault, request, true);
}

static void make_id(char id[REQUEST_ID_LENGTH + 1])
{
	uint8_t bytes[16] = { 0 };
	char *at = id;

	RAND_bytes(bytes, sizeof(bytes));
	bytes[6] = (uint8_t)(0x40 | (bytes[6] & 15));
	bytes[8] = (uint8_t)(0x80 | (bytes[8] & 63));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = "0123456789abcdef"[bytes[i] >> 4];
		*at++ = "0123456789abcdef"[bytes[i] & 15];
	}
	*at = '\0';
}

static bool take_api_version(struct request *request, const struct incoming *incoming)
{
	// Managed HSM takes its own nextLink, which names none.
	if (!incoming->api_version && incoming->skip_token && request->service->kind == SERVICE_MANAGED_HSM) {
		request->api_version = "";
		request->api_index = api_version_newest();
		return true;
	}
	request->api_version = incoming->api_version ? incoming->api_version : "";
	request->api_index = api_version_index(request->service, request->api_version);
	if (request->api_index < 0)
		fail(request, ERROR_BAD_API_VERSION, request->api_version, NULL, NULL);
	return request->api_index >= 0;
}

static bool wants_body(enum operation operation)
{
	return operation == OPERATION_CREATE || operation == OPERATION_IMPORT || operation == OPERATION_UPDATE ||
	       operation == OPERATION_SET_POLICY || operation == OPERATION_RESTORE ||
	       operation == OPERATION_CREATE_CERTIFICATE || operation == OPERATION_IMPORT_CERTIFICATE ||
	       operation == OPERATION_UPDATE_CERTIFICATE || operation == OPERATION_SET_CERTIFICATE_POLICY ||
	       (operation >= OPERATION_SIGN && operation <= OPERATION_RNG);
}

static bool take_body(struct request *request, const struct incoming *incoming)
{
	if (!wants_body(request->operation))
		return true;
	request->body = parse_object(incoming->body, incoming->body_length);
	if (!request->body)
		fail(request, ERROR_BAD_BODY, NULL, NULL, NULL);
	return request->body != NULL;
}

// True when the fault leaves it to the handlers to answer.
static bool apply_fault(const struct emulator *emulator, struct request *request, const struct fault *fault)
{
	if (fault->latency_ms)
		pause_ms(emulator->pauses, fault->latency_ms);
	if (fault->status) {
		answer_empty(request, 0);
		fail_with_status(request, fault->status);
	}
	return !fault->status && !fault->reset && !fault->garbage && !fault->huge;
}

void exchange_run(const struct emulator *emulator, const struct incoming *incoming, struct request *request,
                  struct fault *fault)
{
	handler *handle;
	bool undecided;

	memset(request, 0, sizeof(*request));
	make_id(request->id);
	undecided = choose_by_url(emulator, request, incoming);
	request->host = host_valid(incoming->host) ? incoming->host : "invalid";
	request->method = incoming->method;
	request->max_results = incoming->max_results;
	request->skip_token = incoming->skip_token;
	request->rsnull = emulator->rsnull;

	handle = route(request, incoming->path);
	if (undecided && handle && means_certificate_key(emulator, request))
		choose_service(emulator, request, true);
	stats_count(emulator->stats, request->operation, incoming->connection_counted);
	*fault = faults_take(emulator->faults, request->operation);
	if (fault->active && !apply_fault(emulator, request, fault))
		return;
	// A token is asked for before it is told whether the URL leads anywhere.
	if (request->host != incoming->host)
		fail(request, ERROR_BAD_PATH, NULL, NULL, NULL);
	else if (!token_check(request, incoming->authorization, emulator->token) || !handle)
		return;
	else if (incoming->body_too_large)
		fail(request, ERROR_BODY_TOO_LARGE, NULL, NULL, NULL);
	else if (take_api_version(request, incoming) && take_body(request, incoming) &&
	         rate_limits_allow(emulator->limits, request))
		handle(request);
}

void request_clear(struct request *request)
{
	json_decref(request->body);
	free(request->answer.body);
	free(request->answer.location);
}
