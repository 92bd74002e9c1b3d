/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret that was taken out of an answer is not in it any more: where it stood there are A's, nothing else has
 * changed, and the text is what a JSON parser finds there. An answer from which nothing is taken stays as it was.
 */
#include <string.h>

#include "http/json_body.h"
#include "tests/fuzz/must.h"

#define BODY_MAX 4096

/* jansson's reading of the untouched answer, if it has the member at its top. */
static void agrees_with_jansson(const uint8_t *data, size_t size, const uint8_t *blanked, const struct mh_buffer *text)
{
	json_t *before, *after;
	struct mh_error error;

	if (!json_body_parse((struct mh_span){ blanked, size }, &after, &error).ok)
		return;
	/* The caller's check: only when the A's are the member was the text the member. */
	if (json_body_string(after, "value") != NULL &&
	    strspn(json_body_string(after, "value"), "A") == strlen(json_body_string(after, "value")) &&
	    json_body_parse((struct mh_span){ data, size }, &before, &error).ok) {
		const char *value = json_body_string(before, "value");
		bool was_all_a = value != NULL && strspn(value, "A") == strlen(value);

		MUST(value != NULL);
		MUST(was_all_a || strcmp(value, mh_buffer_text(text)) == 0);
		json_decref(before);
	}
	json_decref(after);
}

static void check(const uint8_t *data, size_t size, bool any_text)
{
	uint8_t body[BODY_MAX];
	struct mh_buffer text;
	size_t raw_length = 0, changed = 0;
	bool taken;

	memcpy(body, data, size);
	mh_buffer_init_secret(&text, BODY_MAX);
	if (any_text) {
		taken = json_body_take_secret_text(body, size, "value", &text, &raw_length);
	} else {
		taken = json_body_take_secret(body, size, "value", &text);
		raw_length = text.length;
	}
	for (size_t i = 0; i < size; i++) {
		MUST(body[i] == data[i] || (taken && body[i] == 'A'));
		changed += body[i] != data[i];
	}
	MUST(taken || changed == 0);
	if (taken) {
		MUST(changed <= raw_length && text.length <= raw_length && raw_length <= size);
		agrees_with_jansson(data, size, body, &text);
	}
	mh_buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > BODY_MAX)
		return 0;
	check(data, size, false);
	check(data, size, true);
	return 0;
}
