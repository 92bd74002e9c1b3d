// SPDX-License-Identifier: Apache-2.0
// Understands the paths that real clients send: a trailing slash, an empty version segment, actions in any case.
#include "router.h"

#include "errors.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_SEGMENTS 6

struct route {
	const char *method;
	const char *action; // NULL: the collection or the key itself
	enum operation operation;
	handler *handle;
};

// Of /keys and /deletedkeys
static const struct route key_collection[] = { { "GET", NULL, OPERATION_LIST, handle_list }, { NULL, NULL, 0, NULL } };
static const struct route deleted_collection[] = { { "GET", NULL, OPERATION_LIST_DELETED, handle_list_deleted },
	                                           { NULL, NULL, 0, NULL } };
// Of /keys/{name}
static const struct route key_routes[] = {
	{ "GET", NULL, OPERATION_GET, handle_get },
	{ "PUT", NULL, OPERATION_IMPORT, handle_import },
	{ "PATCH", NULL, OPERATION_UPDATE, handle_update },
	{ "DELETE", NULL, OPERATION_DELETE, handle_delete },
	{ "POST", "create", OPERATION_CREATE, handle_create },
	{ "GET", "versions", OPERATION_VERSIONS, handle_versions },
	{ "POST", "rotate", OPERATION_ROTATE, handle_rotate },
	{ "GET", "rotationpolicy", OPERATION_GET_POLICY, handle_get_policy },
	{ "PUT", "rotationpolicy", OPERATION_SET_POLICY, handle_set_policy },
	{ "POST", "backup", OPERATION_BACKUP, handle_backup },
	{ NULL, NULL, 0, NULL },
};
// Of /keys/{name}/{version}; those with an action of /keys/{name} too
static const struct route version_routes[] = {
	{ "GET", NULL, OPERATION_GET, handle_get },
	{ "PATCH", NULL, OPERATION_UPDATE, handle_update },
	{ "POST", "sign", OPERATION_SIGN, handle_crypto },
	{ "POST", "verify", OPERATION_VERIFY, handle_crypto },
	{ "POST", "encrypt", OPERATION_ENCRYPT, handle_crypto },
	{ "POST", "decrypt", OPERATION_DECRYPT, handle_crypto },
	{ "POST", "wrapkey", OPERATION_WRAP, handle_crypto },
	{ "POST", "unwrapkey", OPERATION_UNWRAP, handle_crypto },
	{ NULL, NULL, 0, NULL },
};
// Of /deletedkeys/{name}
static const struct route deleted_routes[] = {
	{ "GET", NULL, OPERATION_GET_DELETED, handle_get_deleted },
	{ "DELETE", NULL, OPERATION_PURGE, handle_purge },
	{ "POST", "recover", OPERATION_RECOVER, handle_recover },
	{ NULL, NULL, 0, NULL },
};
// Of /certificates and so on, as above
static const struct route certificate_collection[] = {
	{ "GET", NULL, OPERATION_LIST_CERTIFICATES, handle_list_certificates }, { NULL, NULL, 0, NULL }
};
static const struct route deleted_certificate_collection[] = {
	{ "GET", NULL, OPERATION_LIST_DELETED_CERTIFICATES, handle_list_deleted_certificates }, { NULL, NULL, 0, NULL }
};
static const struct route certificate_routes[] = {
	{ "GET", NULL, OPERATION_GET_CERTIFICATE, handle_get_certificate },
	{ "PATCH", NULL, OPERATION_UPDATE_CERTIFICATE, handle_update_certificate },
	{ "DELETE", NULL, OPERATION_DELETE_CERTIFICATE, handle_delete_certificate },
	{ "POST", "create", OPERATION_CREATE_CERTIFICATE, handle_create_certificate },
	{ "GET", "pending", OPERATION_GET_PENDING, handle_get_pending },
	{ "POST", "import", OPERATION_IMPORT_CERTIFICATE, handle_import_certificate },
	{ "GET", "versions", OPERATION_CERTIFICATE_VERSIONS, handle_certificate_versions },
	{ "GET", "policy", OPERATION_GET_CERTIFICATE_POLICY, handle_get_certificate_policy },
	{ "PATCH", "policy", OPERATION_SET_CERTIFICATE_POLICY, handle_set_certificate_policy },
	{ NULL, NULL, 0, NULL },
};
static const struct route certificate_version_routes[] = {
	{ "GET", NULL, OPERATION_GET_CERTIFICATE, handle_get_certificate },
	{ "PATCH", NULL, OPERATION_UPDATE_CERTIFICATE, handle_update_certificate },
	{ NULL, NULL, 0, NULL },
};
static const struct route deleted_certificate_routes[] = {
	{ "GET", NULL, OPERATION_GET_DELETED_CERTIFICATE, handle_get_deleted_certificate },
	{ "DELETE", NULL, OPERATION_PURGE_CERTIFICATE, handle_purge_certificate },
	{ "POST", "recover", OPERATION_RECOVER_CERTIFICATE, handle_recover_certificate },
	{ NULL, NULL, 0, NULL },
};
// Of /certificates/contacts, /certificates/issuers and /certificates/issuers/{name}: there are none.
static const struct route contacts_routes[] = { { "GET", NULL, OPERATION_GET_CONTACTS, handle_get_contacts },
	                                        { NULL, NULL, 0, NULL } };
static const struct route issuers_routes[] = { { "GET", NULL, OPERATION_LIST_ISSUERS, handle_list_issuers },
	                                       { NULL, NULL, 0, NULL } };
static const struct route issuer_routes[] = { { "GET", NULL, OPERATION_GET_ISSUER, handle_get_issuer },
	                                      { NULL, NULL, 0, NULL } };
// Of /secrets/{name} and /secrets/{name}/{version}
static const struct route secret_routes[] = { { "GET", NULL, OPERATION_GET_SECRET, handle_get_secret },
	                                      { NULL, NULL, 0, NULL } };
static const struct route restore_routes[] = { { "POST", NULL, OPERATION_RESTORE, handle_restore },
	                                       { NULL, NULL, 0, NULL } };
static const struct route rng_routes[] = { { "POST", NULL, OPERATION_RNG, handle_rng }, { NULL, NULL, 0, NULL } };

static bool same_action(const char *one, const char *other)
{
	return one && other ? strcasecmp(one, other) == 0 : one == other;
}

static bool has_action(const struct route *routes, const char *action)
{
	for (; routes->method; routes++)
		if (same_action(routes->action, action))
			return true;
	return false;
}

static handler *pick(struct request *request, const struct route *routes, const char *action)
{
	if (!has_action(routes, action)) {
		fail(request, ERROR_ACTION_NOT_SUPPORTED, action, NULL, NULL);
		return NULL;
	}
	for (; routes->method; routes++) {
		if (!same_action(routes->action, action) || strcmp(routes->method, request->method) != 0)
			continue;
		request->operation = routes->operation;
		return routes->handle;
	}
	fail(request, ERROR_METHOD_NOT_ALLOWED, request->method, NULL, NULL);
	return NULL;
}

static bool take_name(struct request *request, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-')
			length = 0;
	if (length == 0 && !*name) {
		fail(request, ERROR_NO_OPERATION, NULL, NULL, NULL);
	} else if (length == 0 || length > KEY_NAME_MAX) {
		fail(request, ERROR_BAD_NAME, name, NULL, NULL);
	} else {
		memcpy(request->name, name, length + 1);
		return true;
	}
	return false;
}

static bool is_version(const char *text)
{
	return strlen(text) == KEY_VERSION_LENGTH && strspn(text, "0123456789abcdefABCDEF") == KEY_VERSION_LENGTH;
}

// What can be done with an object, and with one version of it.
struct object_routes {
	const struct route *object, *version;
};

static const struct object_routes keys = { key_routes, version_routes };
static const struct object_routes certificates = { certificate_routes, certificate_version_routes };
static const struct object_routes secrets = { secret_routes, secret_routes };

static handler *route_object(struct request *request, const struct object_routes *routes, char *const *segments,
                             size_t count)
{
	if (!take_name(request, segments[1]))
		return NULL;
	if (count == 2)
		return pick(request, routes->object, NULL);
	if (count == 3 && has_action(routes->object, segments[2]))
		return pick(request, routes->object, segments[2]);
	if (count == 3 && has_action(routes->version, segments[2]))
		return pick(request, routes->version, segments[2]);
	if (count == 3 && !is_version(segments[2]) && strcmp(request->method, "POST") == 0)
		return pick(request, routes->object, segments[2]); // says that there is no such action
	if (count > 4 || (*segments[2] && !is_version(segments[2]))) {
		fail(request, ERROR_BAD_PATH, NULL, NULL, NULL);
		return NULL;
	}
	snprintf(request->version, sizeof(request->version), "%s", segments[2]);
	return pick(request, routes->version, count == 4 ? segments[3] : NULL);
}

static handler *route_key(struct request *request, char *const *segments, size_t count)
{
	if (count == 2 && strcasecmp(segments[1], "restore") == 0 && strcmp(request->method, "POST") == 0)
		return pick(request, restore_routes, NULL);
	return route_object(request, &keys, segments, count);
}

static handler *route_certificate(struct request *request, char *const *segments, size_t count)
{
	if (strcasecmp(segments[1], "contacts") == 0 && count == 2)
		return pick(request, contacts_routes, NULL);
	if (strcasecmp(segments[1], "issuers") == 0 && count <= 3)
		return pick(request, count == 3 ? issuer_routes : issuers_routes, NULL);
	return route_object(request, &certificates, segments, count);
}

static handler *route_deleted(struct request *request, const struct route *routes, char *const *segments, size_t count)
{
	if (!take_name(request, segments[1]))
		return NULL;
	if (count <= 3)
		return pick(request, routes, count == 3 ? segments[2] : NULL);
	fail(request, ERROR_BAD_PATH, NULL, NULL, NULL);
	return NULL;
}

static handler *not_found(struct request *request)
{
	fail(request, ERROR_NOT_FOUND_PATH, NULL, NULL, NULL);
	return NULL;
}

// What only Key Vault has.
static handler *route_vault(struct request *request, char *const *segments, size_t count)
{
	if (strcasecmp(segments[0], "certificates") == 0)
		return count == 1 ? pick(request, certificate_collection, NULL)
		                  : route_certificate(request, segments, count);
	if (strcasecmp(segments[0], "deletedcertificates") == 0)
		return count == 1 ? pick(request, deleted_certificate_collection, NULL)
		                  : route_deleted(request, deleted_certificate_routes, segments, count);
	if (strcasecmp(segments[0], "secrets") == 0 && count > 1)
		return route_object(request, &secrets, segments, count);
	return not_found(request);
}

static handler *route_segments(struct request *request, char *const *segments, size_t count)
{
	if (strcasecmp(segments[0], "keys") == 0)
		return count == 1 ? pick(request, key_collection, NULL) : route_key(request, segments, count);
	if (strcasecmp(segments[0], "deletedkeys") == 0)
		return count == 1 ? pick(request, deleted_collection, NULL)
		                  : route_deleted(request, deleted_routes, segments, count);
	if (request->service->kind == SERVICE_KEY_VAULT)
		return route_vault(request, segments, count);
	if (strcasecmp(segments[0], "rng") == 0 && count == 1)
		return pick(request, rng_routes, NULL);
	return not_found(request);
}

handler *route(struct request *request, const char *path)
{
	char *segments[MAX_SEGMENTS];
	char *copy = strdup(path + strspn(path, "/"));
	char *rest = copy;
	handler *found = NULL;
	size_t count = 0;

	request->operation = OPERATION_OTHER;
	while (rest && count < MAX_SEGMENTS)
		segments[count++] = strsep(&rest, "/");
	while (count > 1 && !*segments[count - 1] && !rest)
		count--;
	if (rest)
		fail(request, ERROR_BAD_PATH, NULL, NULL, NULL);
	else if (copy)
		found = route_segments(request, segments, count);
	else
		fail(request, ERROR_INTERNAL, NULL, NULL, NULL);
	free(copy);
	return found;
}
