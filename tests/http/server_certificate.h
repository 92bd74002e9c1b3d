/* SPDX-License-Identifier: Apache-2.0 */
/* The test server's key and self-signed certificate, made when it starts, in a library context of its own. */
#ifndef MH_TESTS_HTTP_SERVER_CERTIFICATE_H
#define MH_TESTS_HTTP_SERVER_CERTIFICATE_H

#include <openssl/x509.h>

struct server_certificate {
	OSSL_LIB_CTX *libctx;
	EVP_PKEY *key;
	X509 *certificate;
	char *pem;
	char pin[64]; /* "sha256//" and base64 of the SubjectPublicKeyInfo's SHA-256 */
};

/* For 127.0.0.1 and dns_name if that is not NULL; "-" makes one for "elsewhere.test" alone. Aborts on failure. */
void server_certificate_make(struct server_certificate *made, const char *dns_name);
void server_certificate_free(struct server_certificate *made);

#endif
