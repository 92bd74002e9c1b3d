// SPDX-License-Identifier: Apache-2.0
// One request after its URL was understood, and the answer that a handler gives to it.
#ifndef EMULATOR_REQUEST_H
#define EMULATOR_REQUEST_H
#include "key_store.h"
#include "operations.h"
#include "service.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define REQUEST_ID_LENGTH 36

struct answer {
	unsigned status; // 0: none yet
	char *body; // freed with the request; NULL for an empty one
	size_t length;
	bool challenge; // add WWW-Authenticate
	char *location; // where to ask for the outcome, and with Retry-After; freed with the request; mostly NULL
};

struct request {
	const struct service *service;
	struct key_store *store;
	enum operation operation;
	const char *method;
	const char *host; // of the Host header, checked
	char name[KEY_NAME_MAX + 1];
	char version[KEY_VERSION_LENGTH + 1]; // "" when the URL has none
	const char *api_version;
	int api_index;
	const char *max_results; // NULL when absent
	const char *skip_token; // NULL when absent
	json_t *body; // an object, or NULL when the request had no body
	char id[REQUEST_ID_LENGTH + 1];
	bool rsnull; // the switch --rsnull was given
	struct answer answer;
};

// Every handler fills request->answer, by one of these or by fail() of errors.h.
// Takes the reference to value, also on failure. NULL stands for "no memory" and answers 500.
void answer_json(struct request *request, unsigned status, json_t *value);
void answer_empty(struct request *request, unsigned status);
#endif
