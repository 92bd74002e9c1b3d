/* SPDX-License-Identifier: Apache-2.0 */
/* The chain of a certificate of a Key Vault, without the private key that may lie beside it. */
#ifndef MH_PROVIDER_CERTIFICATE_CHAIN_H
#define MH_PROVIDER_CERTIFICATE_CHAIN_H

#include <openssl/x509.h>

#include "base/error.h"
#include "provider/hsm.h"

#define CERTIFICATE_CHAIN_MAX 16

/* One request. uri is the certificate's, with its version; leaf its DER, which is left out of the chain. *chain is
 * the caller's, in the order of the service's file; perhaps empty. A private key in the file is never decoded.
 * OpenSSL's error queue is left as it was. */
mh_result certificate_chain_load(const struct hsm *hsm, const struct key_uri *uri, struct mh_span leaf,
                                 STACK_OF(X509) * *chain, struct mh_error *error) MH_MUST_CHECK;

/* The certificates of a PEM file, or of the base64 of a PKCS#12 file without a password. As above, without a
 * request. */
mh_result certificate_chain_parse(OSSL_LIB_CTX *libctx, bool pem, struct mh_span text, struct mh_span leaf,
                                  STACK_OF(X509) * *chain, struct mh_error *error) MH_MUST_CHECK;

#endif
