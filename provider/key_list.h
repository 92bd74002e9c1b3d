/* SPDX-License-Identifier: Apache-2.0 */
/* Walks through a list of keys, certificates or versions, however long it is, with one page of it in memory. */
#ifndef MH_PROVIDER_KEY_LIST_H
#define MH_PROVIDER_KEY_LIST_H

#include "http/list.h"
#include "provider/hsm.h"

struct key_list;

/* uri names a store, or all versions of a key; collection: what of it is listed. No request. NULL when memory is
 * short. */
struct key_list *key_list_new(const struct hsm *hsm, const struct key_uri *uri, enum key_uri_collection collection);
void key_list_free(struct key_list *list);

/* The URI of the next one in *uri (what it is listed as: `type` and `cloud` are the list's) and its entry, which lives
 * until the next call; NULL after the last. Asks the service when the page is used up. A failure is final. */
mh_result key_list_next(struct key_list *list, struct key_uri *uri, const struct list_entry **entry,
                        struct mh_error *error) MH_MUST_CHECK;

/* True when it is known, without a request, that there are no more. */
bool key_list_at_end(const struct key_list *list);

#endif
