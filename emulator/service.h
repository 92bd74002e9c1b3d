// SPDX-License-Identifier: Apache-2.0
// What differs between Managed HSM and Key Vault on the wire, besides the wording of errors (errors.c).
#ifndef EMULATOR_SERVICE_H
#define EMULATOR_SERVICE_H
#include "key_types.h"

#include <stdbool.h>
#include <stddef.h>

enum service_kind { SERVICE_MANAGED_HSM, SERVICE_KEY_VAULT };

struct header {
	const char *name, *value;
};

struct service {
	enum service_kind kind;
	const char *resource; // the audience of its tokens
	size_t json_flags; // order of members
	const char *family; // how it spells IPv4 in x-ms-keyvault-network-info
	bool has_oct;
	bool always_hsm; // `kty` is shown in its -HSM form whatever was asked
	bool answers_alg; // `alg` is repeated in the answer of an operation with a key
	const struct header *headers; // fixed ones, ended by a NULL name
};

extern const struct service service_managed_hsm, service_key_vault;

// The positions of api-versions from which something changes.
enum api_feature {
	API_ROTATION, // 7.3-preview
	API_HMAC, // 7.6-preview.2
	API_OCT_KEY_SIZE, // 2026-01-01-preview: key_size in the attributes of oct keys
	API_EC_DERIVE_KEY, // deriveKey among an EC key's default key_ops
};

// -1 when the service knows no such version.
int api_version_index(const struct service *service, const char *text);
bool api_version_has(int index, enum api_feature feature);
int api_version_newest(void);

// The operations of a key for which none were asked.
unsigned service_default_ops(const struct service *service, enum key_type type, int api_version);
// The order in which they are shown: a list ended by 0. The real service's order changes between create and get.
const unsigned *service_op_order(const struct service *service, enum key_type type, bool creating);
#endif
