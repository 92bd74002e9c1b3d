// SPDX-License-Identifier: Apache-2.0
// base64url (RFC 4648 section 5) as the service speaks it: never padded in answers.
#ifndef EMULATOR_BASE64URL_H
#define EMULATOR_BASE64URL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Returns a NUL-terminated string that the caller frees, NULL without memory.
char *base64url_text(const uint8_t *bytes, size_t length);

enum base64url_padding {
	BASE64URL_REFUSE_PADDING,
	// Managed HSM was seen to read '=' as six zero bits, so that a padded digest comes out too long.
	BASE64URL_PADDING_IS_ZERO,
};

// Decodes text of the given length. On success *bytes is a buffer that the caller frees, never NULL.
bool base64url_bytes(const char *text, size_t text_length, enum base64url_padding padding, uint8_t **bytes,
                     size_t *length);
#endif
