/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA signatures: r||s of fixed width (RFC 7518 section 3.4) -> DER ECDSA-Sig-Value (RFC 3279 section 2.2.3). */
#ifndef MH_PROVIDER_ECDSA_DER_H
#define MH_PROVIDER_ECDSA_DER_H

#include "base/buffer.h"

/* The longest DER of two integers of JWK_EC_FIELD_MAX bytes. */
#define ECDSA_DER_MAX 141

/* raw has an even length; *length is set. Fails on an odd or empty raw, an r or s of zero, or when it does not fit. */
mh_result ecdsa_raw_to_der(struct mh_span raw, uint8_t *der, size_t capacity, size_t *length) MH_MUST_CHECK;

#endif
