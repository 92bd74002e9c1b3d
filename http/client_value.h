/* SPDX-License-Identifier: Apache-2.0 */
/* What the answers to key operations and to random requests have in common: {"kid":..., "value":"<base64url>"}. Inside
 * http/ only. */
#ifndef MH_HTTP_CLIENT_VALUE_H
#define MH_HTTP_CLIENT_VALUE_H

#include "http/transport.h"
#include "uri/key_uri.h"

/* Whether an answer about key and version is about the key that was asked for. The service ignores case in names. */
bool client_is_asked_key(const struct key_uri *asked, const char *key, const char *version);

/* Decodes the member value into value, whose size is capacity, and checks that kid, when present, is the key of uri
 * (NULL: no key). The body is treated as a secret: overwritten as far as it is one, no copy left. */
mh_result client_read_value(struct http_response *response, const struct key_uri *uri, uint8_t *value, size_t capacity,
                            size_t *length, struct mh_error *error) MH_MUST_CHECK;

#endif
