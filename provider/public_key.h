/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON Web Key's public half -> an OpenSSL key. */
#ifndef MH_PROVIDER_PUBLIC_KEY_H
#define MH_PROVIDER_PUBLIC_KEY_H

#include <openssl/types.h>

#include "base/error.h"
#include "http/jwk.h"

/* Builds the key with libctx's own algorithms. *pkey is the caller's. Fails (MH_R_BAD_ANSWER) when the numbers are
 * no key, a point off its curve for example, and with MH_R_UNSUPPORTED_KEY for a symmetric key. OpenSSL's error
 * queue is left as it was. */
mh_result public_key_from_jwk(OSSL_LIB_CTX *libctx, const struct jwk *jwk, EVP_PKEY **pkey,
                              struct mh_error *error) MH_MUST_CHECK;

#endif
