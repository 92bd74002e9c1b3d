// SPDX-License-Identifier: Apache-2.0
// The cryptography itself: bytes in, bytes out, no JSON. One file per kind of key.
#ifndef EMULATOR_CRYPTO_H
#define EMULATOR_CRYPTO_H
#include "algorithms.h"
#include "key_material.h"

#include <stdbool.h>
#include <stdint.h>

#define CRYPTO_IV_MAX 16
#define CRYPTO_TAG_LENGTH 16

struct span {
	const uint8_t *bytes;
	size_t length;
};

// A result is a buffer that the caller frees; on failure nothing is to be freed.
struct output {
	uint8_t *bytes;
	size_t length;
};

bool rsa_sign(const struct key_material *key, const struct algorithm *algorithm, struct span value,
              struct output *signature);
bool rsa_verify(const struct key_material *key, const struct algorithm *algorithm, struct span value,
                struct span signature);
bool rsa_encrypt(const struct key_material *key, const struct algorithm *algorithm, struct span plaintext,
                 struct output *ciphertext);
bool rsa_decrypt(const struct key_material *key, const struct algorithm *algorithm, struct span ciphertext,
                 struct output *plaintext);

// Signatures are r||s, each as wide as a coordinate.
bool ec_sign(const struct key_material *key, struct span digest, struct output *signature);
bool ec_verify(const struct key_material *key, struct span digest, struct span signature);

bool hmac_sign(const struct key_material *key, const struct algorithm *algorithm, struct span message,
               struct output *mac);

// For GCM iv and tag are made by encrypt and needed by decrypt; for CBC the caller gives the iv.
struct aes_extras {
	uint8_t iv[CRYPTO_IV_MAX];
	size_t iv_length;
	uint8_t tag[CRYPTO_TAG_LENGTH];
	struct span aad;
};

bool aes_encrypt(const struct key_material *key, const struct algorithm *algorithm, struct span plaintext,
                 struct aes_extras *extras, struct output *ciphertext);
bool aes_decrypt(const struct key_material *key, const struct algorithm *algorithm, struct span ciphertext,
                 const struct aes_extras *extras, struct output *plaintext);
#endif
