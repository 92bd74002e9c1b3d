// SPDX-License-Identifier: Apache-2.0
// Names in certificates as Key Vault writes them in policies.
#ifndef EMULATOR_X509_NAMES_H
#define EMULATOR_X509_NAMES_H
#include <jansson.h>
#include <openssl/x509v3.h>

// "CN=a, O=\"b, c\"" in the order of Windows: the last part of the text is the first of the name. NULL when it is no
// name; the empty text is the empty name.
X509_NAME *subject_parse(const char *text);
// The same text back; the caller frees, NULL without memory.
char *subject_text(const X509_NAME *name);

// From the policy's `sans`: emails, dns_names, upns, uris, ipAddresses. NULL when one is malformed or none is there.
GENERAL_NAMES *sans_parse(const json_t *sans);
// What of them a certificate has, as that object; NULL when it has none.
json_t *sans_show(const X509 *certificate);
#endif
