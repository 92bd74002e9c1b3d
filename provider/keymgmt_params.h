/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of KEYMGMT that have files of their own: parameter tables, and key generation. */
#ifndef MH_PROVIDER_KEYMGMT_PARAMS_H
#define MH_PROVIDER_KEYMGMT_PARAMS_H

#include <openssl/core_dispatch.h>

#include "provider/key.h"

/* keymgmt_params.c */
OSSL_FUNC_keymgmt_gettable_params_fn keymgmt_gettable_params_rsa, keymgmt_gettable_params_ec;
OSSL_FUNC_keymgmt_settable_params_fn keymgmt_settable_params_ec;
OSSL_FUNC_keymgmt_import_types_fn keymgmt_key_types_rsa, keymgmt_key_types_ec;
OSSL_FUNC_keymgmt_gen_settable_params_fn keymgmt_gen_settable_params_rsa, keymgmt_gen_settable_params_ec,
	keymgmt_gen_settable_params_oct;

/* keymgmt.c: what every KEYMGMT's LOAD does. NULL when the reference is none, or of a key of another type. */
struct key *keymgmt_take_reference(const void *reference, size_t size, enum key_type type);

/* keymgmt_gen.c */
OSSL_FUNC_keymgmt_gen_init_fn keymgmt_gen_init_rsa, keymgmt_gen_init_ec, keymgmt_gen_init_oct;
OSSL_FUNC_keymgmt_gen_set_template_fn keymgmt_gen_set_template;
OSSL_FUNC_keymgmt_gen_set_params_fn keymgmt_gen_set_params;
OSSL_FUNC_keymgmt_gen_fn keymgmt_gen;
OSSL_FUNC_keymgmt_gen_cleanup_fn keymgmt_gen_cleanup;

#endif
