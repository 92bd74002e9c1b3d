/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of keys, of certificates and of their versions, one page at a time: {"value":[{"kid":...,"attributes":
 * {...}},...],"nextLink":...}. Nothing in an answer says where the next request goes: of a nextLink only the token of
 * its $skiptoken is used, in a URL of our own.
 */
#ifndef MH_HTTP_LIST_H
#define MH_HTTP_LIST_H

#include "http/client.h"

#define LIST_PAGE_MAX 128 /* entries; the service has 25 */
#define LIST_TOKEN_MAX 1200 /* with the terminating zero; recorded ones have up to 300 characters */
#define LIST_ANSWER_MAX ((size_t)256 * 1024) /* 25 entries with 15 tags of 2 x 256 characters each, and room */

struct list_entry {
	char name[KEY_URI_KEY_MAX + 1];
	char version[KEY_URI_VERSION_LENGTH + 1]; /* "" unless versions are listed */
	bool enabled; /* attributes.enabled; true when absent */
	bool managed; /* a key that belongs to a certificate */
};

struct list_page {
	struct list_entry entries[LIST_PAGE_MAX];
	size_t count;
	char next[LIST_TOKEN_MAX]; /* the token of the page that follows, "" after the last one */
};

/* GET /keys, /certificates or, with uri->all_versions, /keys/{key}/versions ... . page: all zero for the first page;
 * then, as it came, for the one that follows. After a failure it is not to be used. */
mh_result client_list(struct client *client, const struct key_uri *uri, enum key_uri_collection collection,
                      struct list_page *page, struct mh_error *error) MH_MUST_CHECK;

/* Parses an answer. uri as above; of all versions, every entry must be one of that name. MH_R_BAD_ANSWER. No I/O. */
mh_result list_parse(struct mh_span json, const struct key_uri *uri, enum key_uri_collection collection,
                     struct list_page *page, struct mh_error *error) MH_MUST_CHECK;

#endif
