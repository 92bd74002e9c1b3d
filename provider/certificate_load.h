/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate of a Key Vault, checked to be one. */
#ifndef MH_PROVIDER_CERTIFICATE_LOAD_H
#define MH_PROVIDER_CERTIFICATE_LOAD_H

#include "http/certificate.h"
#include "provider/hsm.h"

/* One request. certificate is the caller's, initialised by certificate_init() and freed by certificate_free() in every
 * case; its der is exactly one X.509 certificate. MH_R_NOT_FOUND when there is none, or none yet. OpenSSL's error
 * queue is left as it was. */
mh_result certificate_load(const struct hsm *hsm, const struct key_uri *uri, struct certificate *certificate,
                           struct mh_error *error) MH_MUST_CHECK;

#endif
