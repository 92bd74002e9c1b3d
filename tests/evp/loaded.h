/* SPDX-License-Identifier: Apache-2.0 */
/* All that a store gives. */
#ifndef MH_TESTS_EVP_LOADED_H
#define MH_TESTS_EVP_LOADED_H

#include <openssl/x509.h>

#include "tests/evp/fixture.h"

/* What a store gave, in order: N(ame), K(ey), P(ublic key), C(ertificate), and - for a load that gave nothing. */
struct loaded {
	char kinds[256];
	char names[2048]; /* each followed by a space */
	EVP_PKEY *key; /* the last */
	X509 *certificate;
};

/* As programs do it: load until the end. A store that has none is a failure. */
struct loaded load_all(struct fixture *fixture, const char *uri, int expected);
void loaded_free(struct loaded *loaded);

/* A failure unless it gives exactly these. */
void gives(struct fixture *fixture, const char *uri, int expected, const char *kinds);

void nothing_is_on_the_queue(void);

#endif
