// SPDX-License-Identifier: Apache-2.0
// Reads certificates with their private keys, as clients send them.
#ifndef EMULATOR_CERTIFICATE_IMPORT_H
#define EMULATOR_CERTIFICATE_IMPORT_H
#include "key_material.h"

#include <openssl/x509.h>

struct imported {
	struct key_material *material;
	X509 *leaf; // the certificate of that key
	STACK_OF(X509) * chain; // the others, from its issuer upwards as far as they fit together; may be NULL
	bool pem;
};

enum import_result {
	IMPORT_GOOD,
	IMPORT_BAD_PKCS12,
	IMPORT_BAD_PEM,
	IMPORT_PEM_WITHOUT_KEY,
	IMPORT_BAD_KEY, // of a kind or size that is not served
};

// value is PEM, or PKCS#12 in base64; password may be NULL. The caller clears *imported whatever the result.
enum import_result certificate_read(const char *value, const char *password, struct imported *imported);
void imported_clear(struct imported *imported);
// As PEM: a private key and certificates.
enum import_result certificate_read_pem(const char *text, const char *password, struct imported *imported);
#endif
