/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests through EVP share: contexts with the provider, keys by URI, plain verification, the service's
 * counters. */
#ifndef MH_TESTS_EVP_FIXTURE_H
#define MH_TESTS_EVP_FIXTURE_H

#include <check.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

enum order { DEFAULT_FIRST, DEFAULT_LAST };

/* A library context with both providers, loaded in that order. */
struct fixture {
	OSSL_LIB_CTX *libctx;
	OSSL_PROVIDER *base, *hsm;
};

struct fixture fixture_open(enum order order);
void fixture_close(struct fixture *fixture);

/* The key that uri names, or NULL; what: OSSL_STORE_INFO_PKEY or _PUBKEY. */
EVP_PKEY *load_key(OSSL_LIB_CTX *libctx, const char *uri, int what);

/* The public half, as a key of a context that has never heard of the provider. */
EVP_PKEY *plain_public_key(EVP_PKEY *key);

/* RSA-PSS when pss; digest is a name. */
int plain_verify(EVP_PKEY *public_key, const char *digest, int pss, const void *message, size_t length,
                 const unsigned char *sig, size_t siglen);

struct stats {
	long connections, requests, get, sign;
};
void stats_reset(void);
struct stats stats_read(void);
void fault_set(const char *json);
void fault_clear(void);

/* Imports a key into the HSM by the service's own API; json is the body of PUT /keys/{name}. */
void key_import(const char *name, const char *json);

/* The reason code and text of the newest error on the queue that the provider put there; empties the queue. */
int last_reason(char *text, size_t size);

TCase *tests_sign(void);
TCase *tests_skey(void);
TCase *tests_store(void);
TCase *tests_certificate(void);
TCase *tests_key(void);
TCase *tests_context(void);
TCase *tests_failure(void);
TCase *tests_decrypt(void);
TCase *tests_regression(void);
TCase *tests_composite(void);
TCase *tests_rand(void);
TCase *tests_create(void);
TCase *tests_wrap(void);
TCase *tests_wrap_unknown_size(void);

#endif
