/* SPDX-License-Identifier: Apache-2.0 */
/* The TLS groups that work with our KEYMGMT "EC". */
#ifndef MH_PROVIDER_TLS_GROUPS_H
#define MH_PROVIDER_TLS_GROUPS_H

#include <openssl/core.h>

/* Calls back once per group name; stops and returns 0 when the callback does, else 1. */
int provider_tls_groups(OSSL_CALLBACK *callback, void *argument);

#endif
