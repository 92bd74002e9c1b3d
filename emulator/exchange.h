// SPDX-License-Identifier: Apache-2.0
// One HTTP exchange from headers and body to the answer, free of the HTTP library.
#ifndef EMULATOR_EXCHANGE_H
#define EMULATOR_EXCHANGE_H
#include "faults.h"
#include "request.h"

// What the process was started with.
struct emulator {
	const char *token;
	const char *tenant;
	struct key_store *hsm, *vault; // vault is NULL when none was asked for
	const char *vault_name; // NULL with it
	bool vault_first; // a host that names neither is the vault, for keys too
	bool rsnull;
	struct stats *stats;
	struct faults *faults;
	struct pauses *pauses;
	struct rate_limits *limits;
};

struct incoming {
	const char *method, *path, *host;
	const char *authorization; // NULL when absent
	const char *api_version, *max_results, *skip_token; // of the query, NULL when absent
	char *body; // not NUL-terminated
	size_t body_length;
	bool body_too_large;
	bool *connection_counted;
};

// Fills the request and its answer, and the fault that is still to be applied to the answer's bytes.
void exchange_run(const struct emulator *emulator, const struct incoming *incoming, struct request *request,
                  struct fault *fault);
void request_clear(struct request *request);

// Parses an object, refusing depth that would exhaust the stack. NULL when it is none.
json_t *parse_object(const char *text, size_t length);
#endif
