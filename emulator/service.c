// SPDX-License-Identifier: Apache-2.0
// The two services as tables: headers, api-versions, default operations. Values are as recorded from the real ones.
#include "service.h"

#include <jansson.h>
#include <string.h>

static const struct header hsm_headers[] = {
	{ "Cache-Control", "no-cache" },
	{ "Content-Security-Policy", "default-src 'self'" },
	{ "Content-Type", "application/json; charset=utf-8" },
	{ "Strict-Transport-Security", "max-age=31536000; includeSubDomains" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "SAMEORIGIN" },
	{ NULL, NULL },
};

static const struct header vault_headers[] = {
	{ "Cache-Control", "no-cache" },
	{ "Pragma", "no-cache" },
	{ "Content-Type", "application/json; charset=utf-8" },
	{ "Expires", "-1" },
	{ "Strict-Transport-Security", "max-age=31536000;includeSubDomains" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "x-ms-keyvault-region", "emulator" },
	{ "x-ms-keyvault-service-version", "1.9.0.0" },
	{ NULL, NULL },
};

const struct service service_managed_hsm = {
	.kind = SERVICE_MANAGED_HSM,
	.resource = "https://managedhsm.azure.net",
	.json_flags = JSON_COMPACT | JSON_SORT_KEYS,
	.family = "Ipv4",
	.has_oct = true,
	.always_hsm = true,
	.answers_alg = true,
	.headers = hsm_headers,
};

const struct service service_key_vault = {
	.kind = SERVICE_KEY_VAULT,
	.resource = "https://vault.azure.net",
	.json_flags = JSON_COMPACT,
	.family = "InterNetwork",
	.headers = vault_headers,
};

static const char *const api_versions[] = {
	"2015-06-01",
	"2016-10-01",
	"7.0",
	"7.1-preview",
	"7.1",
	"7.2-preview",
	"7.2",
	"7.3-preview",
	"7.3",
	"7.4-preview.1",
	"7.4",
	"7.5-preview.1",
	"7.5",
	"7.6-preview.1",
	"7.6-preview.2",
	"7.6",
	"2025-06-01-preview",
	"2025-07-01",
	"2026-01-01-preview",
	"2026-03-01-preview",
	"2026-04-01",
	"2026-05-01-preview",
	"2026-07-01-preview",
};

static const char *const feature_since[] = {
	[API_ROTATION] = "7.3-preview",
	[API_HMAC] = "7.6-preview.2",
	[API_OCT_KEY_SIZE] = "2026-01-01-preview",
	[API_EC_DERIVE_KEY] = "2026-01-01-preview",
};

#define API_VERSION_COUNT ((int)(sizeof(api_versions) / sizeof(api_versions[0])))

static int find_version(const char *text)
{
	for (int i = 0; i < API_VERSION_COUNT; i++)
		if (strcmp(api_versions[i], text) == 0)
			return i;
	return -1;
}

int api_version_index(const struct service *service, const char *text)
{
	int index = find_version(text);

	// Managed HSM came with 7.2.
	if (service->kind == SERVICE_MANAGED_HSM && index >= 0 && index < find_version("7.2-preview"))
		return -1;
	return index;
}

bool api_version_has(int index, enum api_feature feature)
{
	return index >= find_version(feature_since[feature]);
}

int api_version_newest(void)
{
	return API_VERSION_COUNT - 1;
}

#define CRYPT_OPS (KEY_OP_ENCRYPT | KEY_OP_DECRYPT | KEY_OP_WRAP | KEY_OP_UNWRAP)
#define SIGN_OPS (KEY_OP_SIGN | KEY_OP_VERIFY)

unsigned service_default_ops(const struct service *service, enum key_type type, int api_version)
{
	switch (type) {
	case KEY_RSA:
		return CRYPT_OPS | SIGN_OPS;
	case KEY_EC:
		if (service->kind == SERVICE_MANAGED_HSM && api_version_has(api_version, API_EC_DERIVE_KEY))
			return SIGN_OPS | KEY_OP_DERIVE;
		return SIGN_OPS;
	case KEY_OCT:
		return CRYPT_OPS | SIGN_OPS | KEY_OP_DERIVE;
	}
	return 0;
}

static const unsigned vault_order[] = { KEY_OP_ENCRYPT, KEY_OP_DECRYPT, KEY_OP_SIGN,   KEY_OP_VERIFY, KEY_OP_WRAP,
	                                KEY_OP_UNWRAP,  KEY_OP_DERIVE,  KEY_OP_IMPORT, KEY_OP_EXPORT, 0 };
static const unsigned hsm_order[] = { KEY_OP_DERIVE,  KEY_OP_WRAP,    KEY_OP_VERIFY, KEY_OP_SIGN,   KEY_OP_UNWRAP,
	                              KEY_OP_ENCRYPT, KEY_OP_DECRYPT, KEY_OP_IMPORT, KEY_OP_EXPORT, 0 };
static const unsigned hsm_rsa_create_order[] = { KEY_OP_WRAP,   KEY_OP_DECRYPT, KEY_OP_ENCRYPT,
	                                         KEY_OP_UNWRAP, KEY_OP_SIGN,    KEY_OP_VERIFY,
	                                         KEY_OP_IMPORT, KEY_OP_EXPORT,  0 };
static const unsigned hsm_ec_order[] = { KEY_OP_VERIFY, KEY_OP_DERIVE, KEY_OP_SIGN, KEY_OP_IMPORT, KEY_OP_EXPORT, 0 };

const unsigned *service_op_order(const struct service *service, enum key_type type, bool creating)
{
	if (service->kind == SERVICE_KEY_VAULT)
		return vault_order;
	if (type == KEY_EC)
		return hsm_ec_order;
	return type == KEY_RSA && creating ? hsm_rsa_create_order : hsm_order;
}
