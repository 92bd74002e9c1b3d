/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service's addresses and token scopes, made from checked parts only: a bearer token goes nowhere else.
 * Inside http/ only.
 */
#ifndef MH_HTTP_URL_H
#define MH_HTTP_URL_H

#include "base/buffer.h"
#include "base/error.h"
#include "uri/key_uri.h"

#define URL_TEXT_MAX 2048
#define URL_PATH_MAX 256
#define URL_SCOPE_MAX 64

struct service_address {
	const char *endpoint; /* "https://host[:port]" instead of the name's own host, or NULL */
	enum key_uri_cloud cloud;
	const char *api_version;
};

/* MH_R_BAD_CONFIGURATION unless endpoint (may be NULL) is https, a host and perhaps a port, and api_version a
 * version. */
mh_result url_check_address(const struct service_address *address, struct mh_error *error) MH_MUST_CHECK;

/* Writes https://<vault><suffix>/keys/<key>[/<version>][/<action>]?api-version=<v>. action may be NULL. Refuses a
 * URI of another cloud, and parts that the grammar of key URIs does not allow (MH_R_BAD_URI). */
mh_result url_for_key(const struct service_address *address, const struct key_uri *uri, const char *action,
                      char url[static URL_TEXT_MAX], struct mh_error *error) MH_MUST_CHECK;

/* The same for the store that uri is in: https://<vault><suffix><path>?api-version=<v>. path is ours, not a user's. */
mh_result url_for_store(const struct service_address *address, const struct key_uri *uri, const char *path,
                        char url[static URL_TEXT_MAX], struct mh_error *error) MH_MUST_CHECK;

/* "https://managedhsm.azure.net", the resource that tokens are for. */
void url_resource(enum key_uri_service service, enum key_uri_cloud cloud, char resource[static URL_SCOPE_MAX]);

/* The resource with "/.default". */
void url_scope(enum key_uri_service service, enum key_uri_cloud cloud, char scope[static URL_SCOPE_MAX]);

/* Writes /<collection>[/<name>[/<version>]], or /<collection>/<name>/versions for a URI of all versions, for
 * url_for_store(). Refuses parts that the grammar of key URIs does not allow (MH_R_BAD_URI). */
mh_result url_collection_path(enum key_uri_collection collection, const struct key_uri *uri,
                              char path[static URL_PATH_MAX], struct mh_error *error) MH_MUST_CHECK;

/* Puts query, which is "&name=value" and ours, behind the URL that is there. */
mh_result url_append(char url[static URL_TEXT_MAX], const char *query, struct mh_error *error) MH_MUST_CHECK;

#endif
