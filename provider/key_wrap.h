/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES keys in the HSM (kty oct-HSM) wrap and unwrap other keys there: AES key wrap (RFC 3394; A128KW, A192KW, A256KW
 * of RFC 7518 section 4.4) and AES key wrap with padding (RFC 5649). One request per operation, and no more than three
 * for the first one of a key whose size nobody said.
 */
#ifndef MH_PROVIDER_KEY_WRAP_H
#define MH_PROVIDER_KEY_WRAP_H

#include "provider/key.h"

/* Of our choice, so that a request stays below what the client sends: a PKCS#8 key of RSA-8192 fits. */
#define KEY_WRAP_PLAINTEXT_MAX 5120
#define KEY_WRAP_BLOCK_MAX (KEY_WRAP_PLAINTEXT_MAX + 8)

struct wrap_algorithm {
	const char *name; /* the service's */
	unsigned bits; /* of the key that it is for; 0 for any */
	bool padded; /* RFC 5649: takes any length */
};

/* NULL for a name that the service does not have. */
const struct wrap_algorithm *wrap_algorithm_find(const char *name);

/* The one that an AES key of that size has without padding; NULL for bits 0. */
const struct wrap_algorithm *wrap_algorithm_of_size(unsigned bits);

/* In all four functions algorithm NULL means RFC 3394 with what fits the key's size. When the size is not known, the
 * three are tried from the largest as long as the service answers 400, and the size of the one that worked is kept in
 * the key. A length that cannot be is refused without a request: MH_R_BAD_PARAMETER for what is to be wrapped. */

/* How long the wrapped block will be. */
mh_result key_wrap_size(const struct wrap_algorithm *algorithm, size_t plaintext_length, size_t *size,
                        struct mh_error *error) MH_MUST_CHECK;

/* How long what is in a block can be at most; without padding exactly. */
mh_result key_unwrap_size(const struct key *key, const struct wrap_algorithm *algorithm, size_t block_length,
                          size_t *size, struct mh_error *error) MH_MUST_CHECK;

/* block holds key_wrap_size() bytes. */
mh_result key_wrap(struct key *key, const struct wrap_algorithm *algorithm, struct mh_span plaintext, uint8_t *block,
                   size_t *length, struct mh_error *error) MH_MUST_CHECK;

/* plaintext holds key_unwrap_size() bytes and is the caller's to cleanse; after a failure it is clean. Whatever about
 * the block makes the service refuse it, or us, the error is the same: MH_R_DECRYPT with a text that depends on the
 * key and on algorithm alone. */
mh_result key_unwrap(struct key *key, const struct wrap_algorithm *algorithm, struct mh_span block, uint8_t *plaintext,
                     size_t *length, struct mh_error *error) MH_MUST_CHECK;

#endif
