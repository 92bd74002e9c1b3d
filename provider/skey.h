/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES keys in the HSM as opaque EVP_SKEY of OpenSSL >= 3.5, and the ciphers and MACs that take one; nothing below.
 *
 * All have names of their own. A property query decides between providers only when there is one, and libssl fetches
 * its ciphers, and HMAC for every session ticket, without: under the names of the default provider they would come from
 * us wherever we are listed first.
 */
#ifndef MH_PROVIDER_SKEY_H
#define MH_PROVIDER_SKEY_H

#include <openssl/core_dispatch.h>

#include "provider/compat.h"
#include "provider/key.h"

#if MH_SKEY

#define SKEY_NAME "MANAGEDHSM-AES"
#define SKEY_PARAM_URI "managedhsm-uri" /* of the import */

/* What EVP_SKEY holds. */
struct skey {
	struct key *key; /* a reference */
	char uri[KEY_URI_TEXT_MAX]; /* with the version that it is pinned to */
};

extern const OSSL_ALGORITHM skeymgmt_algorithms[];
extern const OSSL_ALGORITHM cipher_algorithms[];
extern const OSSL_ALGORITHM mac_algorithms[];

#endif

#endif
