// SPDX-License-Identifier: Apache-2.0
// Every algorithm of the service as one table row, so that a new one is a row and not a branch.
#ifndef EMULATOR_ALGORITHMS_H
#define EMULATOR_ALGORITHMS_H
#include "key_types.h"

#include <stddef.h>

enum scheme {
	SCHEME_RSA_PKCS1, // signatures
	SCHEME_RSA_PSS,
	SCHEME_RSA_RAW_PKCS1, // RSNULL: padding around what the caller built
	SCHEME_ECDSA,
	SCHEME_HMAC,
	SCHEME_RSA_OAEP, // encryption and wrapping
	SCHEME_RSA_PKCS1_ENCRYPT,
	SCHEME_AES_GCM,
	SCHEME_AES_CBC,
	SCHEME_AES_CBC_PAD,
	SCHEME_AES_WRAP,
	SCHEME_AES_WRAP_PAD,
};

struct algorithm {
	const char *name;
	enum scheme scheme;
	enum key_type key_type;
	const char *digest; // NULL where there is none
	size_t digest_length; // of a value to sign; 0: any
	unsigned key_bits; // AES: the size that fits; 0: any
	unsigned ops; // of enum key_op
};

// NULL when there is none of that name.
const struct algorithm *algorithm_by_name(const char *name);
#endif
