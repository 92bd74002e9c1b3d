// SPDX-License-Identifier: Apache-2.0
// Certificates, policies, pending operations and secrets as the service shows them. NULL without memory.
#ifndef EMULATOR_CERTIFICATE_SHOW_H
#define EMULATOR_CERTIFICATE_SHOW_H
#include "request.h"

json_t *certificate_show(const struct request *request, const struct key *key, const struct key_version *version);
json_t *certificate_show_deleted(const struct request *request, const struct key *key,
                                 const struct key_version *version);
// Elements of lists.
json_t *certificate_show_item(const struct request *request, const struct key *key, const struct key_version *version);
json_t *certificate_show_version(const struct request *request, const struct key *key,
                                 const struct key_version *version);
json_t *certificate_show_deleted_item(const struct request *request, const struct key *key,
                                      const struct key_version *version);

json_t *policy_show(const struct request *request, const struct key *key);
// done is false only in the answer to the request that began it.
json_t *pending_show(const struct request *request, const struct key *key, bool done);
// With the private key in it, when that may be shown.
json_t *secret_show(const struct request *request, const struct key *key, const struct key_version *version);
#endif
