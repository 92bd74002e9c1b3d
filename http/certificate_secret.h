/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secret behind a certificate of a Key Vault: the only place where the service has the chain. It may hold the
 * private key too, so it is fetched for nobody who did not ask for the chain, and treated as a secret all the way.
 */
#ifndef MH_HTTP_CERTIFICATE_SECRET_H
#define MH_HTTP_CERTIFICATE_SECRET_H

#include "http/client.h"

#define CERTIFICATE_SECRET_MAX ((size_t)128 * 1024)

struct certificate_secret {
	bool pem; /* application/x-pem-file; otherwise application/x-pkcs12 */
	struct mh_buffer text; /* PEM, or base64 of the PKCS#12 */
};

/* For what client_get_certificate_secret() fills; certificate_secret_free() in every case, it cleanses. */
void certificate_secret_init(struct certificate_secret *secret);
void certificate_secret_free(struct certificate_secret *secret);

/* GET /secrets/{name}/{version}; uri is that of a certificate, with its version. */
mh_result client_get_certificate_secret(struct client *client, const struct key_uri *uri,
                                        struct certificate_secret *secret, struct mh_error *error) MH_MUST_CHECK;

#endif
