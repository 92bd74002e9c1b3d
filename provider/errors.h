/* SPDX-License-Identifier: Apache-2.0 */
/* struct mh_error -> OpenSSL's error queue, by the core's own functions (provider-base(7)). */
#ifndef MH_PROVIDER_ERRORS_H
#define MH_PROVIDER_ERRORS_H

#include <openssl/core_dispatch.h>

#include "base/error.h"

struct provider_errors {
	const OSSL_CORE_HANDLE *core;
	OSSL_FUNC_core_new_error_fn *new_error;
	OSSL_FUNC_core_set_error_debug_fn *set_error_debug;
	OSSL_FUNC_core_vset_error_fn *vset_error;
	OSSL_ITEM reasons[MH_R_COUNT]; /* for OSSL_FUNC_PROVIDER_GET_REASON_STRINGS; ends with a zero item */
};

/* Takes what is needed from the core's dispatch table. */
void provider_errors_init(struct provider_errors *errors, const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in);

/* Puts one error on the queue. Always returns 0, so that an entry point can `return RAISE(...)`. */
int provider_raise(const struct provider_errors *errors, const char *file, int line, const char *function,
                   const struct mh_error *error);

/* The same from parts. */
int provider_raise_text(const struct provider_errors *errors, const char *file, int line, const char *function,
                        enum mh_reason reason, const char *format, ...) MH_PRINTF(6, 7);

#define RAISE(errors, error) provider_raise((errors), OPENSSL_FILE, OPENSSL_LINE, OPENSSL_FUNC, (error))
#define RAISE_TEXT(errors, reason, ...)                                                                                \
	provider_raise_text((errors), OPENSSL_FILE, OPENSSL_LINE, OPENSSL_FUNC, (reason), __VA_ARGS__)

#endif
