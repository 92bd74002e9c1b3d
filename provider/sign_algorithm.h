/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signature algorithms of the service (RFC 7518 section 3, RFC 8812) as tables, and what OpenSSL calls them.
 * No I/O; thread-safe.
 */
#ifndef MH_PROVIDER_SIGN_ALGORITHM_H
#define MH_PROVIDER_SIGN_ALGORITHM_H

#include <openssl/types.h>

#include "base/buffer.h"
#include "base/error.h"
#include "http/jwk.h"

enum sign_padding { SIGN_PKCS1, SIGN_PSS };

struct sign_digest {
	const char *name; /* as OpenSSL's default provider names it, "SHA2-256" */
	const char *group_name; /* as TLS, CMS and x509 name it, "SHA256" */
	size_t size;
	int nid;
	const char *rsa_pkcs1; /* JWA name, NULL where the service has none */
	const char *rsa_pss;
	struct mh_span
		digest_info; /* DER before the digest in PKCS#1 v1.5, RFC 8017 section 9.2 note 1; MD5-SHA1 has none */
	bool ecdsa; /* whether ECDSA signs it */
};

struct sign_curve {
	enum jwk_curve curve;
	const char *group; /* OpenSSL's name of the group */
	const char *jwa; /* the one algorithm that the service has for this curve */
	size_t digest_size; /* bytes that the service takes */
};

/* The row of a digest that can be signed, or NULL. */
const struct sign_digest *sign_digest_find(const EVP_MD *md);

/* The service's algorithm that pads what it is given as PKCS#1 v1.5 type 1 and signs it; not every HSM has it. */
#define SIGN_RSNULL "RSNULL"

const struct sign_curve *sign_curve_find(enum jwk_curve curve);

/* Takes a DER DigestInfo apart: *digest its row, *value the digest within data. Fails (no error text) when data is
 * none. */
mh_result sign_digest_info_parse(struct mh_span data, const struct sign_digest **digest,
                                 struct mh_span *value) MH_MUST_CHECK;

/* DER of the AlgorithmIdentifier (RFC 5280 4.1.1.2; RFC 4055, RFC 5758). *der is freed with OPENSSL_free. */
mh_result sign_rsa_identifier(enum sign_padding padding, const struct sign_digest *digest, uint8_t **der,
                              size_t *length) MH_MUST_CHECK;
mh_result sign_ecdsa_identifier(const struct sign_digest *digest, uint8_t **der, size_t *length) MH_MUST_CHECK;

/* Makes an ECDSA digest as long as the service wants it: a longer one is cut to its leftmost bytes, a shorter one
 * gets zeros in front. Both stand for the same integer in ECDSA (FIPS 186-5 section 6.4.1), as long as the curve's
 * order is not longer in bits than size in bytes says; only P-521 with more than 64 bytes is not representable and
 * fails. */
mh_result sign_ecdsa_fit(const struct sign_curve *curve, struct mh_span value, uint8_t *out) MH_MUST_CHECK;

#define SIGN_ECDSA_DIGEST_MAX 64

#endif
