// SPDX-License-Identifier: Apache-2.0
// Makes certificates and certificate requests (RFC 5280, RFC 2986).
#ifndef EMULATOR_X509_ISSUE_H
#define EMULATOR_X509_ISSUE_H
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>

struct x509_extension {
	int nid; // NID_undef ends a list
	const char *value; // in the words of x509v3_config(5); NULL: left out
};

struct x509_wish {
	EVP_PKEY *key; // the subject's; private when there is no issuer
	const X509_NAME *subject;
	int64_t from, until; // Unix seconds
	X509 *issuer; // NULL: self-signed
	EVP_PKEY *issuer_key;
	const struct x509_extension *extensions;
	const GENERAL_NAMES *names; // subjectAltName; NULL: none
};

// NULL on failure.
X509 *x509_issue(const struct x509_wish *wish);
// A request for what the wish describes, without the key identifiers, which are the issuer's business. NULL on failure.
X509_REQ *x509_request(const struct x509_wish *wish);
// An X509_NAME with nothing but a common name; NULL without memory.
X509_NAME *x509_common_name(const char *text);
#endif
