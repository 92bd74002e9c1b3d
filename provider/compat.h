/* SPDX-License-Identifier: Apache-2.0 */
/* What depends on the version of OpenSSL that is compiled against; the only place for such conditions. */
#ifndef MH_PROVIDER_COMPAT_H
#define MH_PROVIDER_COMPAT_H

#include <openssl/opensslv.h>

/* Signature algorithms whose name has the digest in it, and EVP_PKEY_sign_message_init(): OpenSSL 3.4. */
#if OPENSSL_VERSION_PREREQ(3, 4)
#define MH_COMPOSITE_SIGNATURES 1
#else
#define MH_COMPOSITE_SIGNATURES 0
#endif

/* Opaque symmetric keys, EVP_SKEY, and ciphers and MACs that take one: OpenSSL 3.5. */
#if OPENSSL_VERSION_PREREQ(3, 5)
#define MH_SKEY 1
#else
#define MH_SKEY 0
#endif

#endif
