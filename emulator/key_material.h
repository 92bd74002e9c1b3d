// SPDX-License-Identifier: Apache-2.0
// The secret and public parts of one key version. Immutable after it was made, so that cryptography needs no lock.
#ifndef EMULATOR_KEY_MATERIAL_H
#define EMULATOR_KEY_MATERIAL_H
#include "key_types.h"

#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdint.h>

#define KEY_MATERIAL_MAX_SECRET 32

struct key_material {
	atomic_uint references;
	enum key_type type;
	unsigned bits;
	const struct curve *curve; // EC only
	EVP_PKEY *pkey; // RSA and EC
	uint8_t secret[KEY_MATERIAL_MAX_SECRET]; // oct
	size_t secret_length;
	char *n, *e; // RSA, base64url as the JWK shows them
	char *x, *y; // EC, fixed width
};

struct key_spec {
	enum key_type type;
	unsigned bits; // RSA and oct
	const struct curve *curve; // EC
	uint64_t exponent; // RSA, 0 for 65537
	atomic_bool *cancel; // when it becomes true the making of an RSA key ends with failure; may be NULL
};

// Each returns a new reference, NULL on failure.
struct key_material *key_material_generate(const struct key_spec *spec);
// Takes ownership of pkey, also on failure. curve is NULL for RSA.
struct key_material *key_material_from_pkey(EVP_PKEY *pkey, const struct curve *curve);
struct key_material *key_material_from_secret(const uint8_t *secret, size_t length);

struct key_material *key_material_ref(struct key_material *material);
void key_material_free(struct key_material *material);
#endif
