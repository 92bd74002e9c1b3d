/* SPDX-License-Identifier: Apache-2.0 */
/* What a store gives to OpenSSL, provider-object(7): names, certificates, keys. Each returns the callback's answer. */
#ifndef MH_PROVIDER_STORE_OBJECT_H
#define MH_PROVIDER_STORE_OBJECT_H

#include <openssl/core.h>

#include "provider/key.h"

/* Takes the caller's reference of key. */
int store_give_key(struct key *key, OSSL_CALLBACK *object_cb, void *object_cbarg);

/* der is a certificate. */
int store_give_certificate(struct mh_span der, OSSL_CALLBACK *object_cb, void *object_cbarg);

/* description may be NULL. */
int store_give_name(const char *name, const char *description, OSSL_CALLBACK *object_cb, void *object_cbarg);

#endif
