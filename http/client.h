/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The REST client of Managed HSM and Key Vault keys: one function per operation of the service.
 * Knows URLs, api-version, JSON bodies, error bodies and tokens; no key arithmetic and no OpenSSL objects.
 * Thread-safe: one client serves all threads of a provider instance.
 */
#ifndef MH_HTTP_CLIENT_H
#define MH_HTTP_CLIENT_H

#include "http/jwk.h"
#include "http/token_source.h"
#include "http/transport.h"
#include "uri/key_uri.h"

struct client;

struct client_config {
	const char *endpoint; /* "https://host[:port]", used instead of name + suffix for every URI; or NULL. Copied */
	enum key_uri_cloud cloud; /* KEY_URI_CLOUD_UNSAID means public */
	const char *api_version; /* copied */
	unsigned timeout_ms; /* one operation, retries included */
	struct mh_log *log; /* may be NULL; outlives the client */
};

/* Checks endpoint (https, host, optional port, nothing else) and api_version (characters). transport and tokens are
 * borrowed and outlive the client. */
mh_result client_new(const struct client_config *config, struct transport *transport, const struct token_source *tokens,
                     struct client **client, struct mh_error *error) MH_MUST_CHECK;
void client_free(struct client *client);

/* GET /keys/{key}[/{version}]. */
mh_result client_get_key(struct client *client, const struct key_uri *uri, struct jwk *jwk,
                         struct mh_error *error) MH_MUST_CHECK;

enum client_operation { CLIENT_SIGN, CLIENT_DECRYPT, CLIENT_WRAP_KEY, CLIENT_UNWRAP_KEY };

/* POST /keys/{key}/{version}/sign, decrypt, wrapkey or unwrapkey: one block in, one out. algorithm is a JWA name
 * ("RS256", "RSA-OAEP"). value: for a signature the digest, of that algorithm's length; for HS256 and its like the
 * message itself. What the service answers is written into out, whose size is capacity, as it gives it (signatures: RSA
 * big-endian, ECDSA r||s of fixed width, RFC 7518 section 3.4); *length is set. Except for signatures, requests and
 * answers are treated as secrets. */
mh_result client_key_operation(struct client *client, const struct key_uri *uri, enum client_operation operation,
                               const char *algorithm, struct mh_span value, uint8_t *out, size_t capacity,
                               size_t *length, struct mh_error *error) MH_MUST_CHECK;

#define CLIENT_GCM_IV_LENGTH 12
#define CLIENT_GCM_TAG_LENGTH 16

/* What an AES key shall encrypt or decrypt. Members of length 0, value excepted, are not sent. */
struct client_cipher {
	const char *algorithm; /* "A256GCM", "A128CBC", "A192CBCPAD" */
	struct mh_span iv; /* CBC; GCM when decrypting: when encrypting, the service makes it */
	struct mh_span aad; /* GCM */
	struct mh_span tag; /* GCM when decrypting */
	struct mh_span value;
};

/* What the service makes when it encrypts with GCM. */
struct client_sealed {
	uint8_t iv[CLIENT_GCM_IV_LENGTH];
	uint8_t tag[CLIENT_GCM_TAG_LENGTH];
};

/* POST /keys/{key}/{version}/encrypt and decrypt with an AES key; out and capacity as above, out is clean after a
 * failure. sealed is NULL but for GCM. Values are treated as secrets. */
mh_result client_encrypt(struct client *client, const struct key_uri *uri, const struct client_cipher *input,
                         uint8_t *out, size_t capacity, size_t *length, struct client_sealed *sealed,
                         struct mh_error *error) MH_MUST_CHECK;
mh_result client_decrypt(struct client *client, const struct key_uri *uri, const struct client_cipher *input,
                         uint8_t *out, size_t capacity, size_t *length, struct mh_error *error) MH_MUST_CHECK;

/* What a new key shall be. */
struct client_new_key {
	enum jwk_kind kind;
	bool software; /* Key Vault: not in its HSM; a Managed HSM has nothing else */
	unsigned size_bits; /* RSA, oct */
	enum jwk_curve curve; /* EC */
	unsigned public_exponent; /* RSA; 0: the service's own, 65537 */
	unsigned operations; /* enum jwk_operation bits; 0: the service's own choice */
	bool exportable; /* the service wants a release policy then */
	const char *release_policy; /* its JSON, or NULL */
	const char *tags; /* "name=value,name=value", or NULL */
};

/* POST /keys/{key}/create: a new key, or a new version of one that exists. Not repeated when its outcome is unknown.
 * uri has no version; jwk is the new key. */
mh_result client_create_key(struct client *client, const struct key_uri *uri, const struct client_new_key *wish,
                            struct jwk *jwk, struct mh_error *error) MH_MUST_CHECK;

#define CLIENT_RANDOM_MAX 128

/* POST /rng of a Managed HSM: length bytes, 1 to CLIENT_RANDOM_MAX. uri names the store. On failure out is cleansed. */
mh_result client_random(struct client *client, const struct key_uri *uri, uint8_t *out, size_t length,
                        struct mh_error *error) MH_MUST_CHECK;

#endif
