/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key files: a key in the HSM in the form of a PEM file that programs take for a private key. It holds no secret:
 * DER of
 *
 *     ManagedHsmKey ::= SEQUENCE {
 *         version    INTEGER,                        -- 1: a key pair, 2: a symmetric key
 *         uri        UTF8String,
 *         publicKey  SubjectPublicKeyInfo OPTIONAL,  -- in version 1, and only there
 *         bits       INTEGER OPTIONAL                -- in version 2, and only there: 128, 192, 256; 0 when not known
 *     }
 *
 * with the URI in its documented form, with the version. Loading one costs no request; whether the public half fits
 * the key in the HSM shows at the first signature, which is verified.
 */
#ifndef MH_PROVIDER_KEY_FILE_H
#define MH_PROVIDER_KEY_FILE_H

#include "provider/key.h"

#define KEY_FILE_PEM_NAME "MANAGED HSM KEY"
#define KEY_FILE_DER_MAX 16384

/* *der is freed with OPENSSL_free. key is in the HSM. */
mh_result key_file_encode(const struct key *key, uint8_t **der, size_t *length, struct mh_error *error) MH_MUST_CHECK;

/* Refuses (MH_R_BAD_KEY_FILE) what is not exactly this form in DER, another version of it, a URI without a key version,
 * and a public key that is no key or of a type the service does not have. *key is the caller's reference. */
mh_result key_file_decode(const struct hsm *hsm, struct mh_span der, struct key **key,
                          struct mh_error *error) MH_MUST_CHECK;

#endif
