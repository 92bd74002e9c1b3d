// SPDX-License-Identifier: Apache-2.0
// Names the service has for kinds of keys, curves and permitted operations.
#ifndef EMULATOR_KEY_TYPES_H
#define EMULATOR_KEY_TYPES_H
#include <stdbool.h>
#include <stddef.h>

enum key_type { KEY_RSA, KEY_EC, KEY_OCT };

struct curve {
	const char *name; // as in `crv`
	const char *group; // as OpenSSL names it
	const char *algorithm; // the one signature algorithm that fits
	size_t width; // bytes of a coordinate, and of r and s
	unsigned bits;
};

// NULL when the service has no such curve.
const struct curve *curve_by_name(const char *name);

// Parses `kty` in any of the forms that the service takes; *hsm tells whether the -HSM form was asked for.
bool key_type_by_name(const char *name, enum key_type *type, bool *hsm);
// "RSA-HSM" and so on.
const char *key_type_name(enum key_type type, bool hsm);

enum key_op {
	KEY_OP_ENCRYPT = 1,
	KEY_OP_DECRYPT = 2,
	KEY_OP_SIGN = 4,
	KEY_OP_VERIFY = 8,
	KEY_OP_WRAP = 16,
	KEY_OP_UNWRAP = 32,
	KEY_OP_DERIVE = 64,
	KEY_OP_IMPORT = 128,
	KEY_OP_EXPORT = 256,
};

// 0 when there is no such operation.
unsigned key_op_by_name(const char *name);
const char *key_op_name(unsigned op);
#endif
