// SPDX-License-Identifier: Apache-2.0
// The emulator's own certificate authority and its server certificate.
#ifndef EMULATOR_TLS_IDENTITY_H
#define EMULATOR_TLS_IDENTITY_H
#include <stdbool.h>

struct tls_identity {
	char *ca_certificate; // all PEM, NUL-terminated
	char *certificate;
	char *private_key;
};

// Makes a server certificate for localhost, 127.0.0.1, ::1, <hsm>.managedhsm.azure.net and <vault>.vault.azure.net;
// NULL names are left out. The authority is kept in directory, unless that is NULL: clients' trust outlives a restart.
bool tls_identity_make(struct tls_identity *identity, const char *directory, const char *hsm, const char *vault);
void tls_identity_clear(struct tls_identity *identity);
#endif
