/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's side of OpenSSL's error queue. */
#include "provider/errors.h"

#include <stdarg.h>

void provider_errors_init(struct provider_errors *errors, const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in)
{
	errors->core = core;
	for (int reason = 1; reason < MH_R_COUNT; reason++)
		errors->reasons[reason - 1] =
			(OSSL_ITEM){ (unsigned)reason, (void *)(uintptr_t)mh_reason_text((enum mh_reason)reason) };
	for (; in->function_id != 0; in++) {
		switch (in->function_id) {
		case OSSL_FUNC_CORE_NEW_ERROR:
			errors->new_error = OSSL_FUNC_core_new_error(in);
			break;
		case OSSL_FUNC_CORE_SET_ERROR_DEBUG:
			errors->set_error_debug = OSSL_FUNC_core_set_error_debug(in);
			break;
		case OSSL_FUNC_CORE_VSET_ERROR:
			errors->vset_error = OSSL_FUNC_core_vset_error(in);
			break;
		default:
			break;
		}
	}
}

static MH_PRINTF(6, 0) void raise_list(const struct provider_errors *errors, const char *file, int line,
                                       const char *function, enum mh_reason reason, const char *format,
                                       va_list arguments)
{
	if (errors->new_error == NULL || errors->set_error_debug == NULL || errors->vset_error == NULL)
		return;
	errors->new_error(errors->core);
	errors->set_error_debug(errors->core, file, line, function);
	errors->vset_error(errors->core, (uint32_t)reason, format, arguments);
}

int provider_raise_text(const struct provider_errors *errors, const char *file, int line, const char *function,
                        enum mh_reason reason, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	raise_list(errors, file, line, function, reason, format, arguments);
	va_end(arguments);
	return 0;
}

int provider_raise(const struct provider_errors *errors, const char *file, int line, const char *function,
                   const struct mh_error *error)
{
	enum mh_reason reason = error->reason == MH_R_NONE ? MH_R_INTERNAL : error->reason;

	return provider_raise_text(errors, file, line, function, reason, "%s", error->text);
}
