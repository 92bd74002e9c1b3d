/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key as the service describes it: JSON Web Key (RFC 7517, RFC 7518 section 6) with attributes -> struct.
 * No I/O; thread-safe.
 */
#ifndef MH_HTTP_JWK_H
#define MH_HTTP_JWK_H

#include "base/buffer.h"
#include "base/error.h"
#include "uri/key_uri.h"

#define JWK_RSA_MODULUS_MAX 1024 /* bytes: RSA-8192; the service has up to 4096 bits */
#define JWK_RSA_EXPONENT_MAX 8
#define JWK_EC_FIELD_MAX 66

enum jwk_kind { JWK_RSA, JWK_EC, JWK_OCT };
enum jwk_curve { JWK_P256, JWK_P384, JWK_P521, JWK_P256K };

enum jwk_operation { /* bits of `key_ops` */
	             JWK_OP_SIGN = 1 << 0,
	             JWK_OP_VERIFY = 1 << 1,
	             JWK_OP_ENCRYPT = 1 << 2,
	             JWK_OP_DECRYPT = 1 << 3,
	             JWK_OP_WRAP_KEY = 1 << 4,
	             JWK_OP_UNWRAP_KEY = 1 << 5
};

struct jwk {
	enum jwk_kind kind;
	char key[KEY_URI_KEY_MAX + 1]; /* from `kid` */
	char version[KEY_URI_VERSION_LENGTH + 1]; /* from `kid` */
	unsigned operations; /* enum jwk_operation bits; unknown names are left out */
	bool enabled; /* attributes.enabled; true when absent */
	unsigned size_bits; /* RSA: modulus bits; EC: field bits; oct: attributes.key_size or 0 */
	/* RSA: big-endian, leading zeros stripped */
	uint8_t n[JWK_RSA_MODULUS_MAX];
	size_t n_length;
	uint8_t e[JWK_RSA_EXPONENT_MAX];
	size_t e_length;
	/* EC: fixed width field_length, big-endian */
	enum jwk_curve curve;
	size_t field_length;
	uint8_t x[JWK_EC_FIELD_MAX];
	uint8_t y[JWK_EC_FIELD_MAX];
};

/* Parses the body of a get-key answer, {"key":{...},"attributes":{...}}. Refuses what is not JSON of that form, unknown
 * kty or crv, members of the wrong type or length, an RSA modulus under 2048 bits or even, an exponent that is even or
 * below 3, coordinates wider than the field (shorter ones are padded). The point is not checked to be on the curve:
 * whoever builds a public key from it does that. Error: MH_R_BAD_ANSWER or MH_R_UNSUPPORTED_KEY. */
mh_result jwk_parse(struct mh_span json, struct jwk *jwk, struct mh_error *error) MH_MUST_CHECK;

/* "sign", "unwrapKey" and so on (RFC 7517 section 4.3). */
const char *jwk_operation_name(enum jwk_operation operation);

/* The bit of such a name, whatever its case; 0 for an unknown one. */
unsigned jwk_operation_find(const char *name, size_t length);

/* "P-256", "P-384", "P-521", "P-256K" (RFC 7518, RFC 8812 calls the last secp256k1; the service says P-256K). */
const char *jwk_curve_name(enum jwk_curve curve);

#endif
