/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What AES keys in the HSM (kty oct-HSM) do beside wrapping: AES-GCM and AES-CBC (NIST SP 800-38D, SP 800-38A) and
 * HMAC (RFC 2104). One request per message, for the service knows no message in parts.
 */
#ifndef MH_PROVIDER_KEY_CIPHER_H
#define MH_PROVIDER_KEY_CIPHER_H

#include "provider/key.h"

/* Of our choice, for the service's limits are not documented: a request stays below 64 KiB. */
#define KEY_CIPHER_TEXT_MAX ((size_t)32 * 1024)
#define KEY_CIPHER_AAD_MAX ((size_t)8 * 1024)

#define KEY_CIPHER_BLOCK 16
#define KEY_CIPHER_IV_MAX 16

enum cipher_mode { CIPHER_GCM, CIPHER_CBC, CIPHER_CBC_PAD };

/* Bytes of the mode's iv. */
size_t cipher_mode_iv_length(enum cipher_mode mode);

struct key_cipher_message {
	enum cipher_mode mode;
	unsigned bits; /* of the key: 128, 192, 256 */
	struct mh_span iv; /* not for encrypting with GCM */
	struct mh_span aad; /* GCM */
	struct mh_span tag; /* decrypting with GCM */
	struct mh_span text;
};

/* Fails when the key's size is known and another. */
mh_result key_cipher_check(const struct key *key, unsigned bits, struct mh_error *error) MH_MUST_CHECK;

/* Bytes that come out at most, and exactly but for CIPHER_CBC_PAD decrypted. Fails for a length that cannot be:
 * MH_R_BAD_PARAMETER. */
mh_result key_cipher_size(enum cipher_mode mode, bool encrypt, size_t length, size_t *size,
                          struct mh_error *error) MH_MUST_CHECK;

/* One request. out holds key_cipher_size() bytes; after a failure it is clean. sealed: for GCM, else NULL. */
mh_result key_cipher_encrypt(struct key *key, const struct key_cipher_message *message, uint8_t *out, size_t *length,
                             struct client_sealed *sealed, struct mh_error *error) MH_MUST_CHECK;

/* The same the other way; out is the caller's to cleanse. Whatever about the message makes the service refuse it, the
 * error is the same: MH_R_DECRYPT with a text that depends on the key and on the algorithm alone. */
mh_result key_cipher_decrypt(struct key *key, const struct key_cipher_message *message, uint8_t *out, size_t *length,
                             struct mh_error *error) MH_MUST_CHECK;

#define KEY_MAC_MAX 64

struct mac_algorithm {
	const char *name; /* the service's */
	const char *digest; /* OpenSSL's */
	size_t length, block; /* of that digest, in bytes */
};

/* NULL for a digest that the service has no HMAC with. Case does not matter. */
const struct mac_algorithm *mac_algorithm_find(const char *digest);

/* HMAC of the message: one request. mac holds KEY_MAC_MAX bytes. */
mh_result key_mac(const struct key *key, const struct mac_algorithm *algorithm, struct mh_span message, uint8_t *mac,
                  struct mh_error *error) MH_MUST_CHECK;

#endif
