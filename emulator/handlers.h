// SPDX-License-Identifier: Apache-2.0
// One function per operation: each reads the request and sets its answer.
#ifndef EMULATOR_HANDLERS_H
#define EMULATOR_HANDLERS_H
#include "request.h"

typedef void handler(struct request *request);

// keys_read.c
handler handle_get, handle_list, handle_versions, handle_get_deleted, handle_list_deleted;
// keys_write.c
handler handle_create, handle_import, handle_update;
// keys_lifecycle.c
handler handle_delete, handle_recover, handle_purge, handle_rotate;
// rotation_policy.c
handler handle_get_policy, handle_set_policy;
// keys_backup.c
handler handle_backup, handle_restore;
// crypto_api.c: sign, verify, encrypt, decrypt, wrapkey, unwrapkey
handler handle_crypto, handle_rng;

// rotation_policy.c: when a version made now expires by the key's policy, 0 for never. Needs the store's lock.
int64_t rotation_policy_expiry(const struct key *key, int64_t now);
#endif
