// SPDX-License-Identifier: Apache-2.0
// What a client may say about a key or a certificate beside what it is made of.
#ifndef EMULATOR_WISHES_H
#define EMULATOR_WISHES_H
#include "request.h"

// Members that were absent are left unset.
struct wishes {
	bool has_enabled, enabled;
	bool has_exportable, exportable;
	bool has_nbf, has_exp;
	int64_t nbf, exp;
	bool has_ops;
	unsigned ops;
	json_t *tags; // borrowed
	json_t *release_policy; // borrowed
};

// Reads the request's body; ops is the value of key_ops wherever it stands. False with the answer set.
bool wishes_read(struct request *request, const json_t *ops, struct wishes *wishes);
void wishes_apply(struct key_version *version, const struct wishes *wishes);
#endif
