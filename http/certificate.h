/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of a Key Vault: {"id":...,"kid":...,"cer":"<base64>",...}. A Managed HSM has none. */
#ifndef MH_HTTP_CERTIFICATE_H
#define MH_HTTP_CERTIFICATE_H

#include "http/client.h"

#define CERTIFICATE_DER_MAX ((size_t)32 * 1024)

struct certificate {
	char name[KEY_URI_KEY_MAX + 1];
	char version[KEY_URI_VERSION_LENGTH + 1];
	char key_version[KEY_URI_VERSION_LENGTH + 1]; /* of its private key /keys/<name>/<key_version>, from `kid` */
	struct mh_buffer der; /* as the service gave it: not yet known to be a certificate */
};

/* For what client_get_certificate() and certificate_parse() fill; certificate_free() in every case. */
void certificate_init(struct certificate *certificate);
void certificate_free(struct certificate *certificate);

/* GET /certificates/{name}[/{version}]. Never the secret of that name, which may hold the private key. MH_R_NOT_FOUND
 * also for a certificate that has not been issued yet. */
mh_result client_get_certificate(struct client *client, const struct key_uri *uri, struct certificate *certificate,
                                 struct mh_error *error) MH_MUST_CHECK;

/* Parses an answer. MH_R_BAD_ANSWER, or MH_R_NOT_FOUND as above. No I/O. */
mh_result certificate_parse(struct mh_span json, struct certificate *certificate, struct mh_error *error) MH_MUST_CHECK;

#endif
