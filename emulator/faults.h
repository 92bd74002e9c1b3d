// SPDX-License-Identifier: Apache-2.0
// Faults that a test asks for. One set is in force at a time.
#ifndef EMULATOR_FAULTS_H
#define EMULATOR_FAULTS_H
#include "operations.h"

#include <jansson.h>
#include <stdbool.h>

struct fault {
	bool active;
	unsigned latency_ms;
	unsigned status; // 0: the real answer
	long retry_after; // seconds, -1: no such header
	bool reset; // the connection is reset instead of an answer
	bool truncate; // half of the body, then the connection ends
	bool garbage; // a body that is no JSON
	bool huge; // a JSON body of 50 MB
	bool slow_body; // a byte every tenth of a second
	bool flip_signature; // one bit of a signature is wrong
	enum operation operation; // OPERATION_COUNT: any
	long count; // requests that are left, -1: no end
};

// Reads the JSON of POST /emulator/faults. On failure *bad names the member that is unknown or has no fitting value.
bool fault_parse(json_t *body, struct fault *fault, const char **bad);

// The fault in force. Threads may use one object at once.
struct faults;

// NULL without memory.
struct faults *faults_new(void);
void faults_free(struct faults *faults);
void faults_set(struct faults *faults, const struct fault *fault);
void faults_clear(struct faults *faults);
// What applies to a request of this operation; counts it. Nothing in force: .active is false.
struct fault faults_take(struct faults *faults, enum operation operation);
#endif
