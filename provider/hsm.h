/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key needs in order to work: the service's client and a library context of our own. No OpenSSL provider
 * types here: another front end can make one. Read-only after it is made, shared by all threads; outlives every
 * key.
 */
#ifndef MH_PROVIDER_HSM_H
#define MH_PROVIDER_HSM_H

#include <stdatomic.h>

#include <openssl/types.h>

#include "base/log.h"
#include "http/client.h"

/* What only a try can tell, remembered for all keys. */
struct hsm_findings {
	atomic_int rsnull; /* RSNULL: 1 the service has it, -1 it has not, 0 not known */
};

struct hsm {
	OSSL_LIB_CTX *libctx; /* has the default provider alone; all own cryptography happens in it */
	struct client *client; /* NULL when the configuration is bad: then unusable says why */
	struct mh_error unusable;
	struct mh_log *log; /* may be NULL */
	bool verify_after_sign;
	struct hsm_findings *findings;
};

#endif
