/* SPDX-License-Identifier: Apache-2.0 */
#include "http/url.h"

#include <stdio.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define HEX_DIGITS DIGITS "abcdefABCDEF"

#define ENDPOINT_MAX 300
#define API_VERSION_MAX 40
#define PATH_TEXT_MAX 256

static const char *const clouds[] = { "any", "public", "usgov", "china" };

static bool consists_of(const char *text, const char *characters, size_t length_min, size_t length_max)
{
	size_t length = strlen(text);

	return length >= length_min && length <= length_max && strspn(text, characters) == length;
}

static bool is_port(const char *text)
{
	unsigned port = 0;

	if (!consists_of(text, DIGITS, 1, 5))
		return false;
	for (; *text != '\0'; text++)
		port = port * 10 + (unsigned)(*text - '0');
	return port > 0 && port <= 65535;
}

static bool is_endpoint(const char *text)
{
	size_t host;

	if (strlen(text) > ENDPOINT_MAX || strncmp(text, "https://", 8) != 0)
		return false;
	text += 8;
	if (*text == '[') { /* an IPv6 address */
		host = strspn(text + 1, HEX_DIGITS ":.");
		if (host < 2 || text[host + 1] != ']')
			return false;
		text += host + 2;
	} else {
		host = strspn(text, LETTERS DIGITS "-.");
		if (host == 0 || *text == '-' || *text == '.')
			return false;
		text += host;
	}
	return *text == '\0' || (*text == ':' && is_port(text + 1));
}

mh_result url_check_address(const struct service_address *address, struct mh_error *error)
{
	if (address->endpoint != NULL && !is_endpoint(address->endpoint))
		return mh_fail(error, MH_R_BAD_CONFIGURATION,
		               "endpoint must be https://<host> or https://<host>:<port> and nothing more");
	if (address->api_version == NULL || !consists_of(address->api_version, LETTERS DIGITS "-.", 1, API_VERSION_MAX))
		return mh_fail(error, MH_R_BAD_CONFIGURATION, "api-version must be like 2025-07-01 or 7.4");
	return MH_SUCCESS;
}

static mh_result check_store(const struct service_address *address, const struct key_uri *uri, struct mh_error *error)
{
	enum key_uri_cloud cloud = address->cloud == KEY_URI_CLOUD_UNSAID ? KEY_URI_CLOUD_PUBLIC : address->cloud;

	if (uri->cloud != KEY_URI_CLOUD_UNSAID && uri->cloud != cloud)
		return mh_fail(error, MH_R_BAD_URI, "the key is in the cloud \"%s\" and the configured one is \"%s\"",
		               clouds[uri->cloud], clouds[cloud]);
	if (!consists_of(uri->vault, LETTERS DIGITS "-", 1, KEY_URI_VAULT_MAX) || uri->vault[0] == '-')
		return mh_fail(error, MH_R_BAD_URI, "the name of the HSM or vault is not valid");
	return MH_SUCCESS;
}

static mh_result check_key(const struct key_uri *uri, struct mh_error *error)
{
	if (!consists_of(uri->key, LETTERS DIGITS "-", 1, KEY_URI_KEY_MAX))
		return mh_fail(error, MH_R_BAD_URI, "the URI names no key, or not a valid one");
	if (uri->version[0] != '\0' &&
	    !consists_of(uri->version, HEX_DIGITS, KEY_URI_VERSION_LENGTH, KEY_URI_VERSION_LENGTH))
		return mh_fail(error, MH_R_BAD_URI, "the key's version is not valid");
	return MH_SUCCESS;
}

static mh_result write_url(const struct service_address *address, const struct key_uri *uri, const char *path,
                           char url[static URL_TEXT_MAX], struct mh_error *error)
{
	const char *suffix = key_uri_host_suffix(uri->service, address->cloud);
	bool own_host = address->endpoint == NULL;
	int length = snprintf(url, URL_TEXT_MAX, "%s%s%s%s?api-version=%s", own_host ? "https://" : address->endpoint,
	                      own_host ? uri->vault : "", own_host ? suffix : "", path, address->api_version);

	if (length < 0 || length >= URL_TEXT_MAX)
		return mh_fail(error, MH_R_INTERNAL, "the request's URL is too long");
	return MH_SUCCESS;
}

mh_result url_for_store(const struct service_address *address, const struct key_uri *uri, const char *path,
                        char url[static URL_TEXT_MAX], struct mh_error *error)
{
	if (!check_store(address, uri, error).ok)
		return MH_FAILURE;
	return write_url(address, uri, path, url, error);
}

mh_result url_for_key(const struct service_address *address, const struct key_uri *uri, const char *action,
                      char url[static URL_TEXT_MAX], struct mh_error *error)
{
	char path[PATH_TEXT_MAX];
	int length;

	if (!check_store(address, uri, error).ok || !check_key(uri, error).ok)
		return MH_FAILURE;
	length = snprintf(path, sizeof(path), "/keys/%s%s%s%s%s", uri->key, uri->version[0] != '\0' ? "/" : "",
	                  uri->version, action != NULL ? "/" : "", action != NULL ? action : "");
	if (length < 0 || length >= PATH_TEXT_MAX)
		return mh_fail(error, MH_R_INTERNAL, "the request's URL is too long");
	return write_url(address, uri, path, url, error);
}

void url_resource(enum key_uri_service service, enum key_uri_cloud cloud, char resource[static URL_SCOPE_MAX])
{
	/* The service's resource is its hosts' common suffix, in each cloud. */
	snprintf(resource, URL_SCOPE_MAX, "https://%s", key_uri_host_suffix(service, cloud) + 1);
}

void url_scope(enum key_uri_service service, enum key_uri_cloud cloud, char scope[static URL_SCOPE_MAX])
{
	snprintf(scope, URL_SCOPE_MAX, "https://%s/.default", key_uri_host_suffix(service, cloud) + 1);
}

mh_result url_collection_path(enum key_uri_collection collection, const struct key_uri *uri,
                              char path[static URL_PATH_MAX], struct mh_error *error)
{
	const char *name = key_uri_collection_name(collection);

	if (uri->key[0] == '\0') {
		snprintf(path, URL_PATH_MAX, "/%s", name);
		return MH_SUCCESS;
	}
	if (!check_key(uri, error).ok)
		return MH_FAILURE;
	if (uri->all_versions)
		snprintf(path, URL_PATH_MAX, "/%s/%s/versions", name, uri->key);
	else
		snprintf(path, URL_PATH_MAX, "/%s/%s%s%s", name, uri->key, uri->version[0] != '\0' ? "/" : "",
		         uri->version);
	return MH_SUCCESS;
}

mh_result url_append(char url[static URL_TEXT_MAX], const char *query, struct mh_error *error)
{
	size_t length = strlen(url), more = strlen(query);

	if (more >= URL_TEXT_MAX - length)
		return mh_fail(error, MH_R_INTERNAL, "the request's URL is too long");
	memcpy(url + length, query, more + 1);
	return MH_SUCCESS;
}
