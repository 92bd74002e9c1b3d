// SPDX-License-Identifier: Apache-2.0
// Turns a JSON value into the bytes of an answer, in the member order of the service.
#include "request.h"

#include <stdlib.h>
#include <string.h>

void answer_empty(struct request *request, unsigned status)
{
	free(request->answer.body);
	request->answer.body = NULL;
	request->answer.length = 0;
	request->answer.status = status;
}

void answer_json(struct request *request, unsigned status, json_t *value)
{
	char *text = value ? json_dumps(value, request->service->json_flags) : NULL;

	json_decref(value);
	answer_empty(request, text ? status : 500);
	request->answer.body = text;
	request->answer.length = text ? strlen(text) : 0;
}
