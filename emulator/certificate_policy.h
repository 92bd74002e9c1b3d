// SPDX-License-Identifier: Apache-2.0
// Policies of certificates: what a client sent, checked and completed as the service completes it. A complete policy is
// the object that the service shows, without its id.
#ifndef EMULATOR_CERTIFICATE_POLICY_H
#define EMULATOR_CERTIFICATE_POLICY_H
#include "certificate.h"
#include "key_material.h"

#include <jansson.h>

struct policy_problem {
	const char *property;
	bool missing; // otherwise it has a bad value
};

// given is what the client sent; base, which may be NULL, a complete policy that it changes. A new reference, NULL with
// *problem filled when it is no policy.
json_t *policy_complete(const json_t *given, const json_t *base, int64_t now, struct policy_problem *problem);
// The complete policy of a certificate that was made elsewhere; given (NULL: nothing) may say exportable, reuse_key,
// lifetime_actions and issuer. NULL without memory.
json_t *policy_of_certificate(const X509 *certificate, const struct key_material *material, bool pem,
                              const json_t *given, int64_t now);

// Of a complete policy:
void policy_key_spec(const json_t *policy, struct key_spec *spec, bool *hsm);
bool policy_exportable(const json_t *policy);
bool policy_reuses_key(const json_t *policy);
bool policy_is_pem(const json_t *policy);
const char *policy_issuer(const json_t *policy);

// Makes the certificate that a complete policy describes. *csr is what would be sent to an issuer, base64 of DER; the
// caller frees. NULL on failure.
struct certificate *policy_self_sign(const json_t *policy, const struct key_material *material, int64_t now,
                                     char **csr);

// The moment so many calendar months later.
int64_t months_later(int64_t from, int months);

// The names of key usage bits, in their order; NULL ends.
extern const char *const key_usage_names[];
#endif
