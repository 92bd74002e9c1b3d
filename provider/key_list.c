/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/key_list.h"

#include <string.h>

#include <openssl/crypto.h>

#include "provider/key.h"

#define PAGES_MAX 100000 /* 2.5 million keys; a service that goes on is not one */

struct key_list {
	const struct hsm *hsm;
	struct key_uri uri;
	enum key_uri_collection collection;
	size_t at; /* in page */
	unsigned pages;
	struct list_page page;
};

struct key_list *key_list_new(const struct hsm *hsm, const struct key_uri *uri, enum key_uri_collection collection)
{
	struct key_list *list = OPENSSL_zalloc(sizeof(*list));

	if (list == NULL)
		return NULL;
	list->hsm = hsm;
	list->uri = *uri;
	list->collection = collection;
	return list;
}

void key_list_free(struct key_list *list)
{
	OPENSSL_free(list);
}

bool key_list_at_end(const struct key_list *list)
{
	return list->pages > 0 && list->at == list->page.count && list->page.next[0] == '\0';
}

static mh_result next_page(struct key_list *list, struct mh_error *error)
{
	char uri[KEY_URI_TEXT_MAX];

	if (!hsm_usable(list->hsm, error).ok)
		return MH_FAILURE;
	if (list->pages == PAGES_MAX) {
		key_uri_format(&list->uri, uri);
		return mh_fail(error, MH_R_BAD_ANSWER, "list %s: the list has no end after %d pages", uri, PAGES_MAX);
	}
	list->pages++;
	list->at = 0;
	return client_list(list->hsm->client, &list->uri, list->collection, &list->page, error);
}

mh_result key_list_next(struct key_list *list, struct key_uri *uri, const struct list_entry **entry,
                        struct mh_error *error)
{
	*entry = NULL;
	while (list->at == list->page.count) {
		if (key_list_at_end(list))
			return MH_SUCCESS;
		if (!next_page(list, error).ok)
			return MH_FAILURE;
	}
	*entry = &list->page.entries[list->at++];
	*uri = list->uri;
	uri->all_versions = false;
	memcpy(uri->key, (*entry)->name, sizeof(uri->key));
	memcpy(uri->version, (*entry)->version, sizeof(uri->version));
	return MH_SUCCESS;
}
