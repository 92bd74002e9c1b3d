/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the composite signatures for the table of algorithms; none below OpenSSL 3.4. */
#ifndef MH_PROVIDER_SIGNATURE_COMPOSITE_H
#define MH_PROVIDER_SIGNATURE_COMPOSITE_H

#include <openssl/core_dispatch.h>

#include "provider/compat.h"

#if MH_COMPOSITE_SIGNATURES

extern const OSSL_DISPATCH signature_rsa_sha256_functions[];
extern const OSSL_DISPATCH signature_rsa_sha384_functions[];
extern const OSSL_DISPATCH signature_rsa_sha512_functions[];
extern const OSSL_DISPATCH signature_ecdsa_sha224_functions[];
extern const OSSL_DISPATCH signature_ecdsa_sha256_functions[];
extern const OSSL_DISPATCH signature_ecdsa_sha384_functions[];
extern const OSSL_DISPATCH signature_ecdsa_sha512_functions[];

#define COMPOSITE_SIGNATURES(properties, description)                                                                  \
	{ "RSA-SHA2-256:RSA-SHA256:sha256WithRSAEncryption:1.2.840.113549.1.1.11", properties,                         \
	  signature_rsa_sha256_functions, description },                                                               \
		{ "RSA-SHA2-384:RSA-SHA384:sha384WithRSAEncryption:1.2.840.113549.1.1.12", properties,                 \
		  signature_rsa_sha384_functions, description },                                                       \
		{ "RSA-SHA2-512:RSA-SHA512:sha512WithRSAEncryption:1.2.840.113549.1.1.13", properties,                 \
		  signature_rsa_sha512_functions, description },                                                       \
		{ "ECDSA-SHA2-224:ECDSA-SHA224:ecdsa-with-SHA224:1.2.840.10045.4.3.1", properties,                     \
		  signature_ecdsa_sha224_functions, description },                                                     \
		{ "ECDSA-SHA2-256:ECDSA-SHA256:ecdsa-with-SHA256:1.2.840.10045.4.3.2", properties,                     \
		  signature_ecdsa_sha256_functions, description },                                                     \
		{ "ECDSA-SHA2-384:ECDSA-SHA384:ecdsa-with-SHA384:1.2.840.10045.4.3.3", properties,                     \
		  signature_ecdsa_sha384_functions, description },                                                     \
		{ "ECDSA-SHA2-512:ECDSA-SHA512:ecdsa-with-SHA512:1.2.840.10045.4.3.4", properties,                     \
		  signature_ecdsa_sha512_functions, description },

#else

#define COMPOSITE_SIGNATURES(properties, description)

#endif

#endif
