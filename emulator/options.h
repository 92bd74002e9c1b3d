// SPDX-License-Identifier: Apache-2.0
// The command line.
#ifndef EMULATOR_OPTIONS_H
#define EMULATOR_OPTIONS_H
#include "rate_limits.h"

#include <stdbool.h>
#include <sys/socket.h>

struct options {
	struct sockaddr_storage listen;
	bool loopback;
	const char *hsm, *vault; // vault is NULL without one
	bool vault_first;
	const char *state; // NULL: nothing is kept
	char *token; // owned; NULL: a random one
	const char *tenant;
	const char *ca_file; // where to write the certificate of the authority; NULL: nowhere
	const char *ready_file; // where to write port and token once it answers; NULL: nowhere
	bool rsnull, empty;
	struct rate_limits *limits; // owned
};

enum options_result { OPTIONS_GOOD, OPTIONS_BAD, OPTIONS_HELP };

// Strings that are not owned are those of argv or constants.
enum options_result options_parse(struct options *options, int argc, char **argv);
void options_clear(struct options *options);
#endif
