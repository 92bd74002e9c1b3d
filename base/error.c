/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"

#define TEXT_SIZE sizeof(((struct mh_error *)0)->text)

static const char *const REASONS[] = {
	[MH_R_NONE] = "no error",
	[MH_R_BAD_URI] = "bad key URI",
	[MH_R_BAD_CONFIGURATION] = "bad configuration",
	[MH_R_NO_CREDENTIAL] = "no credential",
	[MH_R_CONNECT] = "cannot connect to the service",
	[MH_R_TLS] = "TLS with the service failed",
	[MH_R_TIMEOUT] = "timeout",
	[MH_R_TRANSPORT] = "connection to the service failed",
	[MH_R_ANSWER_TOO_LARGE] = "answer too large",
	[MH_R_BAD_ANSWER] = "unexpected answer of the service",
	[MH_R_UNAUTHORIZED] = "unauthorized",
	[MH_R_FORBIDDEN] = "forbidden",
	[MH_R_NOT_FOUND] = "not found",
	[MH_R_THROTTLED] = "throttled by the service",
	[MH_R_SERVICE] = "error of the service",
	[MH_R_UNSUPPORTED_KEY] = "unsupported key",
	[MH_R_UNSUPPORTED_DIGEST] = "unsupported digest",
	[MH_R_UNSUPPORTED_PADDING] = "unsupported padding",
	[MH_R_UNSUPPORTED_OPERATION] = "unsupported operation",
	[MH_R_BAD_PARAMETER] = "bad parameter",
	[MH_R_BAD_DIGEST_LENGTH] = "bad digest length",
	[MH_R_BUFFER_TOO_SMALL] = "buffer too small",
	[MH_R_BAD_SIGNATURE] = "signature does not verify",
	[MH_R_DECRYPT] = "cannot be decrypted",
	[MH_R_BAD_KEY_FILE] = "bad key file",
	[MH_R_MEMORY] = "out of memory",
	[MH_R_INTERNAL] = "internal error",
};

_Static_assert(sizeof(REASONS) / sizeof(REASONS[0]) == MH_R_COUNT, "a text for every reason");

const char *mh_reason_text(enum mh_reason reason)
{
	/* Unsigned, because the value may come from a number on the error queue. */
	return (unsigned)reason < MH_R_COUNT ? REASONS[reason] : "unknown reason";
}

/* Copies text behind the first `length` bytes of error->text, as far as it fits. */
static void put(struct mh_error *error, size_t length, const char *text)
{
	size_t room = TEXT_SIZE - 1 - length;
	size_t more = strlen(text);

	if (more > room)
		more = mh_cut_length(text, room);
	memcpy(error->text + length, text, more);
	error->text[length + more] = '\0';
}

/* Formats into a text of its own: the arguments may point into the error's. */
static void MH_PRINTF(2, 0) format_text(char text[static TEXT_SIZE], const char *format, va_list arguments)
{
	int length = vsnprintf(text, TEXT_SIZE, format, arguments);

	if (length < 0)
		text[0] = '\0';
	else if ((size_t)length >= TEXT_SIZE)
		text[mh_cut_length(text, TEXT_SIZE - 1)] = '\0';
	mh_make_printable(text);
}

mh_result mh_fail(struct mh_error *error, enum mh_reason reason, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list arguments;

	if (error == NULL)
		return MH_FAILURE;
	va_start(arguments, format);
	format_text(text, format, arguments);
	va_end(arguments);
	error->reason = reason;
	put(error, 0, text);
	return MH_FAILURE;
}

void mh_error_prefix(struct mh_error *error, const char *format, ...)
{
	char before[TEXT_SIZE];
	char after[TEXT_SIZE];
	va_list arguments;

	if (error == NULL)
		return;
	va_start(arguments, format);
	format_text(before, format, arguments);
	va_end(arguments);
	memcpy(after, error->text, sizeof(after));
	put(error, 0, before);
	put(error, strlen(error->text), ": ");
	put(error, strlen(error->text), after);
}

void mh_error_append(struct mh_error *error, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list arguments;

	if (error == NULL)
		return;
	va_start(arguments, format);
	format_text(text, format, arguments);
	va_end(arguments);
	put(error, strlen(error->text), text);
}
