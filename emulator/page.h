// SPDX-License-Identifier: Apache-2.0
// Lists in pages: `maxresults`, `$skiptoken` and `nextLink`.
#ifndef EMULATOR_PAGE_H
#define EMULATOR_PAGE_H
#include "request.h"

struct listing {
	const char *collection; // as in the URL
	// One element; version is the newest one in a list of keys or certificates.
	json_t *(*show)(const struct request *request, const struct key *key, const struct key_version *version);
	bool certificates_only; // otherwise all keys, those of certificates among them
};

void answer_list(struct request *request, enum key_place place, const struct listing *listing);
// The versions of what the request names.
void answer_versions(struct request *request, const struct listing *listing);
// A list of which the emulator has nothing.
void answer_empty_list(struct request *request);
#endif
