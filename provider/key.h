/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one key object that STORE, KEYMGMT, SIGNATURE and the key files share: either a key in the HSM (its URI and
 * its public half), or an ordinary software key of our private library context. Errors come back in struct
 * mh_error.
 */
#ifndef MH_PROVIDER_KEY_H
#define MH_PROVIDER_KEY_H

#include <stdatomic.h>

#include <openssl/types.h>

#include "base/error.h"
#include "provider/hsm.h"
#include "provider/sign_algorithm.h"
#include "uri/key_uri.h"

enum key_type { KEY_RSA, KEY_EC, KEY_OCT };

struct key {
	atomic_int references;
	const struct hsm *hsm;
	enum key_type type;
	/* In hsm->libctx. Of a key in the HSM: the public half, never another one. Of a software key: all of it;
	 * NULL for an empty key, and for a symmetric one, which has no public half and is always in the HSM. */
	EVP_PKEY *pkey;
	bool in_hsm;
	struct key_uri uri; /* in_hsm: with the version that it is pinned to */
	unsigned operations; /* in_hsm: enum jwk_operation bits, 0 when not known */
	const struct sign_curve *curve; /* in_hsm and EC */
	atomic_uint oct_bits; /* oct: 128, 192, 256; 0 as long as it is not known */
};

/* Fails with the reason when keys in the HSM cannot be used at all, because of a bad configuration. */
mh_result hsm_usable(const struct hsm *hsm, struct mh_error *error) MH_MUST_CHECK;

/* An empty software key; the caller has the one reference. NULL when memory is short. */
struct key *key_new(const struct hsm *hsm, enum key_type type);
struct key *key_reference(struct key *key);
void key_free(struct key *key);

/* A software key that owns pkey. NULL (and pkey stays the caller's) when memory is short. */
struct key *key_new_software(const struct hsm *hsm, enum key_type type, EVP_PKEY *pkey);

/* "RSA", "EC" or "AES-KW": the names of the KEYMGMT. */
const char *key_type_name(enum key_type type);

/* Asks the service for the key: one request. Without a version in uri the key is pinned to the one that the service
 * answers. public_only gives a software key with the public half, and fails for a symmetric key. */
mh_result key_load(const struct hsm *hsm, const struct key_uri *uri, bool public_only, struct key **key,
                   struct mh_error *error) MH_MUST_CHECK;

/* The same from the service's description of the key, without a request. */
mh_result key_from_jwk(const struct hsm *hsm, const struct key_uri *uri, const struct jwk *jwk, bool public_only,
                       struct key **key, struct mh_error *error) MH_MUST_CHECK;

/* A key in the HSM from its URI (with a version) and public half, without a request; takes a reference of pkey.
 * Fails for a type that is not supported. */
mh_result key_new_in_hsm(const struct hsm *hsm, const struct key_uri *uri, EVP_PKEY *pkey, struct key **key,
                         struct mh_error *error) MH_MUST_CHECK;

/* A symmetric key in the HSM, without a request; bits is 128, 192, 256, or 0 for not known. NULL when memory is
 * short. */
struct key *key_new_oct(const struct hsm *hsm, const struct key_uri *uri, unsigned bits);

/* Whether the private half is there, in the HSM or in software; whether the public half is. */
bool key_has_private(const struct key *key);
bool key_has_public(const struct key *key);

/* Bytes that a signature can take at most. */
size_t key_signature_size(const struct key *key);

struct key_signature_request {
	enum sign_padding padding; /* RSA alone */
	const struct sign_digest
		*digest; /* NULL: RSA PKCS#1 v1.5 then takes a DigestInfo, ECDSA the integer as bytes */
	struct mh_span value; /* the digest */
};

/* Signs in the HSM: one request. Converts to OpenSSL's form and, unless switched off, verifies under the loaded
 * public key before anything is returned. signature holds capacity >= key_signature_size() bytes. OpenSSL's error
 * queue is left as it was. */
mh_result key_sign(const struct key *key, const struct key_signature_request *request, uint8_t *signature,
                   size_t capacity, size_t *length, struct mh_error *error) MH_MUST_CHECK;

/* RSA decryption schemes of the service: RSA1_5, RSA-OAEP (SHA-1), RSA-OAEP-256 (RFC 7518 section 4). */
enum key_decryption { KEY_DECRYPT_PKCS1, KEY_DECRYPT_OAEP_SHA1, KEY_DECRYPT_OAEP_SHA256 };

/* Decrypts one RSA block in the HSM: one request. plaintext holds capacity >= key_signature_size() bytes and is the
 * caller's to cleanse. Whatever about the block itself makes the service refuse it (its length, its padding), the
 * error is the same: MH_R_DECRYPT, with one text, and nothing of it is logged. OpenSSL's error queue is left as it
 * was. */
mh_result key_decrypt(const struct key *key, enum key_decryption scheme, struct mh_span ciphertext, uint8_t *plaintext,
                      size_t capacity, size_t *length, struct mh_error *error) MH_MUST_CHECK;

#endif
