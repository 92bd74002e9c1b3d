/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS groups on EC keys, provider-base(7) "CAPABILITIES". libssl takes a group only from the provider whose KEYMGMT
 * it gets when it fetches the group's algorithm. Listed before `default`, that is ours for "EC": without this table
 * TLS would silently lose P-256, P-384 and P-521. Listed after it, libssl drops the table again. Numbers: IANA "TLS
 * Supported Groups".
 */
#include "provider/tls_groups.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/prov_ssl.h>

#define ANY 0

struct group {
	unsigned id, security_bits;
	int min_tls, max_tls, min_dtls, max_dtls;
};

enum { SECP224R1, SECP256K1, SECP256R1, SECP384R1, SECP521R1, BRAINPOOL256, BRAINPOOL384, BRAINPOOL512 };

/* TLS 1.3 knows the NIST curves alone by these numbers (RFC 8446 section 4.2.7). */
static const struct group groups[] = {
	[SECP224R1] = { 21, 112, TLS1_VERSION, TLS1_2_VERSION, DTLS1_VERSION, DTLS1_2_VERSION },
	[SECP256K1] = { 22, 128, TLS1_VERSION, TLS1_2_VERSION, DTLS1_VERSION, DTLS1_2_VERSION },
	[SECP256R1] = { 23, 128, TLS1_VERSION, ANY, DTLS1_VERSION, ANY },
	[SECP384R1] = { 24, 192, TLS1_VERSION, ANY, DTLS1_VERSION, ANY },
	[SECP521R1] = { 25, 256, TLS1_VERSION, ANY, DTLS1_VERSION, ANY },
	[BRAINPOOL256] = { 26, 128, TLS1_VERSION, TLS1_2_VERSION, DTLS1_VERSION, DTLS1_2_VERSION },
	[BRAINPOOL384] = { 27, 192, TLS1_VERSION, TLS1_2_VERSION, DTLS1_VERSION, DTLS1_2_VERSION },
	[BRAINPOOL512] = { 28, 256, TLS1_VERSION, TLS1_2_VERSION, DTLS1_VERSION, DTLS1_2_VERSION },
};

/* OSSL_PARAM has no const; libssl only reads. */
#define TEXT(key, text)                                                                                                \
	{                                                                                                              \
		key, OSSL_PARAM_UTF8_STRING, (void *)(uintptr_t)(text), sizeof(text), OSSL_PARAM_UNMODIFIED            \
	}
#define UNSIGNED(key, number)                                                                                          \
	{                                                                                                              \
		key, OSSL_PARAM_UNSIGNED_INTEGER, (void *)(uintptr_t) & (number), sizeof(unsigned),                    \
			OSSL_PARAM_UNMODIFIED                                                                          \
	}
#define SIGNED(key, number)                                                                                            \
	{                                                                                                              \
		key, OSSL_PARAM_INTEGER, (void *)(uintptr_t) & (number), sizeof(int), OSSL_PARAM_UNMODIFIED            \
	}

#define ENTRY(tls_name, openssl_name, group)                                                                           \
	{                                                                                                              \
		TEXT(OSSL_CAPABILITY_TLS_GROUP_NAME, tls_name),                                                        \
			TEXT(OSSL_CAPABILITY_TLS_GROUP_NAME_INTERNAL, openssl_name),                                   \
			TEXT(OSSL_CAPABILITY_TLS_GROUP_ALG, "EC"),                                                     \
			UNSIGNED(OSSL_CAPABILITY_TLS_GROUP_ID, groups[group].id),                                      \
			UNSIGNED(OSSL_CAPABILITY_TLS_GROUP_SECURITY_BITS, groups[group].security_bits),                \
			SIGNED(OSSL_CAPABILITY_TLS_GROUP_MIN_TLS, groups[group].min_tls),                              \
			SIGNED(OSSL_CAPABILITY_TLS_GROUP_MAX_TLS, groups[group].max_tls),                              \
			SIGNED(OSSL_CAPABILITY_TLS_GROUP_MIN_DTLS, groups[group].min_dtls),                            \
			SIGNED(OSSL_CAPABILITY_TLS_GROUP_MAX_DTLS, groups[group].max_dtls), OSSL_PARAM_END             \
	}

static const OSSL_PARAM entries[][10] = {
	ENTRY("secp224r1", "secp224r1", SECP224R1),
	ENTRY("P-224", "secp224r1", SECP224R1),
	ENTRY("secp256k1", "secp256k1", SECP256K1),
	ENTRY("secp256r1", "prime256v1", SECP256R1),
	ENTRY("P-256", "prime256v1", SECP256R1),
	ENTRY("secp384r1", "secp384r1", SECP384R1),
	ENTRY("P-384", "secp384r1", SECP384R1),
	ENTRY("secp521r1", "secp521r1", SECP521R1),
	ENTRY("P-521", "secp521r1", SECP521R1),
	ENTRY("brainpoolP256r1", "brainpoolP256r1", BRAINPOOL256),
	ENTRY("brainpoolP384r1", "brainpoolP384r1", BRAINPOOL384),
	ENTRY("brainpoolP512r1", "brainpoolP512r1", BRAINPOOL512),
};

int provider_tls_groups(OSSL_CALLBACK *callback, void *argument)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		if (callback(entries[i], argument) != 1)
			return 0;
	return 1;
}
