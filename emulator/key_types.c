// SPDX-License-Identifier: Apache-2.0
// Tables of the names that the service has for kinds of keys, curves and permitted operations.
#include "key_types.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct curve curves[] = {
	{ "P-256", "P-256", "ES256", 32, 256 },
	{ "P-384", "P-384", "ES384", 48, 384 },
	{ "P-521", "P-521", "ES512", 66, 521 },
	{ "P-256K", "secp256k1", "ES256K", 32, 256 },
};

const struct curve *curve_by_name(const char *name)
{
	for (size_t i = 0; i < COUNT(curves); i++)
		if (strcmp(curves[i].name, name) == 0)
			return &curves[i];
	return NULL;
}

static const struct {
	const char *name;
	enum key_type type;
	bool hsm;
} types
	[] = {
		{ "RSA", KEY_RSA, false },  { "RSA-HSM", KEY_RSA, true }, { "EC", KEY_EC, false },
		{ "EC-HSM", KEY_EC, true }, { "oct", KEY_OCT, false },    { "oct-HSM", KEY_OCT, true },
		{ "AES", KEY_OCT, false }, // an early name that Managed HSM still took in 7.4-preview.1
	};

bool key_type_by_name(const char *name, enum key_type *type, bool *hsm)
{
	for (size_t i = 0; i < COUNT(types); i++) {
		if (strcmp(types[i].name, name) != 0)
			continue;
		*type = types[i].type;
		*hsm = types[i].hsm;
		return true;
	}
	return false;
}

const char *key_type_name(enum key_type type, bool hsm)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (types[i].type == type && types[i].hsm == hsm)
			return types[i].name;
	return "";
}

static const struct {
	const char *name;
	unsigned op;
} ops[] = {
	{ "encrypt", KEY_OP_ENCRYPT },  { "decrypt", KEY_OP_DECRYPT }, { "sign", KEY_OP_SIGN },
	{ "verify", KEY_OP_VERIFY },    { "wrapKey", KEY_OP_WRAP },    { "unwrapKey", KEY_OP_UNWRAP },
	{ "deriveKey", KEY_OP_DERIVE }, { "import", KEY_OP_IMPORT },   { "export", KEY_OP_EXPORT },
};

unsigned key_op_by_name(const char *name)
{
	for (size_t i = 0; i < COUNT(ops); i++)
		if (strcmp(ops[i].name, name) == 0)
			return ops[i].op;
	return 0;
}

const char *key_op_name(unsigned op)
{
	for (size_t i = 0; i < COUNT(ops); i++)
		if (ops[i].op == op)
			return ops[i].name;
	return "";
}
