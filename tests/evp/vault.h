/* SPDX-License-Identifier: Apache-2.0 */
/* A service that answers as a script says, with a provider that is configured for it: for what an emulator would
 * never do. And the answers: keys, certificates, lists. */
#ifndef MH_TESTS_EVP_VAULT_H
#define MH_TESTS_EVP_VAULT_H

#include <openssl/evp.h>

#include "tests/evp/fixture.h"
#include "tests/http/server.h"

#define VERSION "0123456789abcdef0123456789abcdef"
#define OLD_VERSION "fedcba9876543210fedcba9876543210"

struct vault {
	struct server *server;
	struct fixture fixture;
	char ca_file[64];
	char *endpoint, *environment_ca_file; /* as they were before */
};

struct vault vault_start(void);
void vault_stop(struct vault *vault);

/* Answers in this order; each body is given by the caller and stays. A status that is not 200 has no body. */
struct vault_answer {
	int status;
	const char *body;
};
void vault_script(struct vault *vault, const struct vault_answer *answers, size_t count);
#define VAULT_SCRIPT(vault, answers) vault_script(vault, answers, sizeof(answers) / sizeof((answers)[0]))

/* True when request number begins so: "GET /keys/k?". */
int vault_asked(struct vault *vault, unsigned number, const char *begin);

/* The caller frees these. An EC key on P-256, its JWK and a certificate for it. */
EVP_PKEY *vault_key(void);
char *vault_key_answer(EVP_PKEY *key, const char *name, const char *version);
char *vault_certificate_answer(EVP_PKEY *key, const char *name, const char *version, const char *key_version);

#endif
