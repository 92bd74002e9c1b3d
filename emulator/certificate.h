// SPDX-License-Identifier: Apache-2.0
// One version of a certificate with its chain. Immutable after it was made; its private key is the key version's.
#ifndef EMULATOR_CERTIFICATE_H
#define EMULATOR_CERTIFICATE_H
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

struct certificate {
	char *pem; // the certificate, then its chain
	char *cer; // DER in base64, padded
	char *x5t; // SHA-1 of the DER in base64url
	int64_t from, until; // Unix seconds
	bool exportable; // its secret shows the private key
	bool pem_secret; // its secret is PEM, not PKCS#12
};

// chain may be NULL. Keeps neither. NULL on failure.
struct certificate *certificate_new(X509 *leaf, const STACK_OF(X509) * chain, bool exportable, bool pem_secret);
// From the member pem of another one.
struct certificate *certificate_from_pem(const char *pem, bool exportable, bool pem_secret);
void certificate_free(struct certificate *certificate);

// The value of its secret: PEM, or PKCS#12 without a password in base64. The caller cleanses and frees;
// NULL on failure.
char *certificate_secret(const struct certificate *certificate, EVP_PKEY *key);
// Standard base64, padded; the caller frees. NULL without memory.
char *base64_text(const uint8_t *bytes, int length);
// What of a time the certificate shows, in Unix seconds; 0 when it is none.
int64_t certificate_time(const ASN1_TIME *time);
// Reads every certificate of a PEM text; NULL when there is none.
STACK_OF(X509) * certificates_from_pem(const char *pem, size_t length);
#endif
