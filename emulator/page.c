// SPDX-License-Identifier: Apache-2.0
// A page begins after the name or version that its token names, so that pages stay whole when keys come and go.
#include "page.h"

#include "base64url.h"
#include "errors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE 25

struct page {
	size_t size;
	char *after; // the token decoded: the last name or version of the page before; freed by the caller
};

static bool read_page(struct request *request, struct page *page)
{
	char *end = NULL;
	unsigned long size;
	uint8_t *bytes;
	size_t length;

	page->size = PAGE_SIZE;
	page->after = NULL;
	if (request->max_results) {
		size = strtoul(request->max_results, &end, 10);
		if (end == request->max_results || *end || size < 1 || size > PAGE_SIZE) {
			fail(request, ERROR_BAD_MAX_RESULTS, NULL, NULL, NULL);
			return false;
		}
		page->size = size;
	}
	if (!request->skip_token) {
		page->after = strdup("");
		return page->after != NULL;
	}
	if (!base64url_bytes(request->skip_token, strlen(request->skip_token), BASE64URL_REFUSE_PADDING, &bytes,
	                     &length)) {
		fail(request, ERROR_BAD_PROPERTY, "$skiptoken", NULL, NULL);
		return false;
	}
	page->after = strndup((char *)bytes, length);
	free(bytes);
	return page->after != NULL;
}

// Managed HSM leaves the api-version out of its nextLink, Key Vault puts it first.
static json_t *next_link(const struct request *request, const char *path, const char *last)
{
	char *token = base64url_text((const uint8_t *)last, strlen(last));
	char size[32] = "";
	char *link = NULL;
	json_t *text;
	int made;

	if (request->max_results)
		snprintf(size, sizeof(size), "maxresults=%s&", request->max_results);
	if (request->service->kind == SERVICE_MANAGED_HSM)
		made = asprintf(&link, "https://%s/%s?%s$skiptoken=%s", request->host, path, size, token ? token : "");
	else
		made = asprintf(&link, "https://%s/%s?api-version=%s&%s$skiptoken=%s", request->host, path,
		                request->api_version, size, token ? token : "");
	text = made < 0 ? NULL : json_string(link);
	if (made >= 0)
		free(link);
	free(token);
	return text;
}

static void answer_page(struct request *request, json_t *items, const char *path, const char *last, bool more)
{
	json_t *page = json_pack("{s:o}", "value", items);

	if (more)
		json_object_set_new(page, "nextLink", next_link(request, path, last));
	else if (request->service->kind == SERVICE_KEY_VAULT)
		json_object_set_new(page, "nextLink", json_null());
	answer_json(request, 200, page);
}

static bool listed(const struct key *key, const struct listing *listing)
{
	return key->policy || !listing->certificates_only;
}

// The next one that belongs into the list, NULL at the end.
static struct key *next_listed(struct key_store *store, enum key_place place, const char *after,
                               const struct listing *listing)
{
	struct key *key = key_store_next(store, place, after);

	while (key && !listed(key, listing))
		key = key_store_next(store, place, key->name);
	return key;
}

void answer_list(struct request *request, enum key_place place, const struct listing *listing)
{
	json_t *items;
	struct key *key, *last = NULL;
	struct page page;

	if (!read_page(request, &page))
		return;
	items = json_array();
	key_store_wait_seeded(request->store);
	key_store_lock_shared(request->store);
	key = next_listed(request->store, place, page.after, listing);
	while (key && json_array_size(items) < page.size) {
		json_array_append_new(items, listing->show(request, key, key_find_version(key, NULL)));
		last = key;
		key = next_listed(request->store, place, key->name, listing);
	}
	answer_page(request, items, listing->collection, last ? last->name : "", key != NULL);
	key_store_unlock(request->store);
	free(page.after);
}

// The index of the version after the one named, 0 for "".
static size_t version_after(const struct key *key, const char *id)
{
	for (size_t i = 0; *id && i < key->version_count; i++)
		if (strcmp(key->versions[i].id, id) == 0)
			return i + 1;
	return 0;
}

void answer_versions(struct request *request, const struct listing *listing)
{
	char path[KEY_NAME_MAX + 32];
	const char *last = "";
	struct page page;
	struct key *key;
	json_t *items;
	size_t at;

	if (!read_page(request, &page))
		return;
	key = key_store_acquire(request->store, KEY_LIVE, request->name, false);
	if (key && !listed(key, listing))
		key = NULL;
	if (!key && request->service->kind == SERVICE_MANAGED_HSM) {
		fail(request, ERROR_KEY_NOT_FOUND, NULL, NULL, NULL);
	} else {
		// Key Vault answers an empty list for a key that does not exist.
		items = json_array();
		at = key ? version_after(key, page.after) : 0;
		while (key && at < key->version_count && json_array_size(items) < page.size) {
			json_array_append_new(items, listing->show(request, key, &key->versions[at]));
			last = key->versions[at++].id;
		}
		snprintf(path, sizeof(path), "%s/%s/versions", listing->collection, request->name);
		answer_page(request, items, path, last, key && at < key->version_count);
	}
	key_store_unlock(request->store);
	free(page.after);
}

void answer_empty_list(struct request *request)
{
	answer_page(request, json_array(), "", "", false);
}
