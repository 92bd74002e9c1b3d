/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Success or failure, as a type of its own.
 *
 * OpenSSL's functions answer 1, 0 or -1, libcurl's 0 for success. A bool would take any of them silently
 * (-1 becomes true). A struct does not convert, so the compiler finds the place where one was meant for the other.
 */
#ifndef MH_BASE_RESULT_H
#define MH_BASE_RESULT_H

#include <stdbool.h>

typedef struct {
	bool ok;
} mh_result;

#define MH_SUCCESS ((mh_result){ true })
#define MH_FAILURE ((mh_result){ false })

#define MH_MUST_CHECK __attribute__((warn_unused_result))
#define MH_PRINTF(format_at, arguments_at) __attribute__((format(printf, format_at, arguments_at)))

#endif
