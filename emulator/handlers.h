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
// certificates_read.c
handler handle_get_certificate, handle_list_certificates, handle_certificate_versions, handle_get_deleted_certificate,
	handle_list_deleted_certificates, handle_get_certificate_policy, handle_get_pending, handle_get_contacts,
	handle_list_issuers, handle_get_issuer, handle_get_secret;
// certificates_write.c
handler handle_create_certificate, handle_import_certificate, handle_update_certificate, handle_set_certificate_policy;
// certificates_lifecycle.c
handler handle_delete_certificate, handle_recover_certificate, handle_purge_certificate;

// keys_write.c: the key that the request names, with the store's lock held exclusively, also after NULL. NULL, with the
// answer set, when there is none or when it lives and dies with its certificate.
struct key *key_to_change(struct request *request, enum key_place place);
// rotation_policy.c: when a version made now expires by the key's policy, 0 for never. Needs the store's lock.
int64_t rotation_policy_expiry(const struct key *key, int64_t now);
#endif
