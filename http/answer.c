/* SPDX-License-Identifier: Apache-2.0 */
#include "http/answer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <curl/curl.h>

#define RETRY_AFTER_MAX_MS 1000000000L /* beyond every deadline; keeps the arithmetic in range */

enum header_kind { HEADER_REQUEST_ID, HEADER_CHALLENGE, HEADER_RETRY_MS, HEADER_RETRY_SECONDS };

static const struct header {
	const char *name;
	enum header_kind kind;
	unsigned rank; /* of the retry headers: the order in which Azure's own clients look for them */
} headers[] = {
	{ "x-ms-request-id", HEADER_REQUEST_ID, 0 }, { "www-authenticate", HEADER_CHALLENGE, 0 },
	{ "retry-after-ms", HEADER_RETRY_MS, 3 },    { "x-ms-retry-after-ms", HEADER_RETRY_MS, 2 },
	{ "retry-after", HEADER_RETRY_SECONDS, 1 },
};

void answer_begin(struct answer *answer, struct http_response *response, size_t max_answer)
{
	answer->response = response;
	answer->header_bytes = 0;
	answer->stop = ANSWER_GOES_ON;
	answer->retry_after_rank = 0;
	mh_buffer_clear(&response->body);
	response->body.maximum = max_answer;
	response->status = 0;
	response->request_id[0] = '\0';
	response->retry_after_ms = -1;
	response->challenge[0] = '\0';
}

/* Cuts at capacity; what is not printable ASCII becomes '?'. */
static void copy_printable(char *to, size_t capacity, const char *from, size_t length)
{
	size_t i;

	if (length > capacity - 1)
		length = capacity - 1;
	for (i = 0; i < length; i++)
		to[i] = (from[i] >= 0x20 && from[i] < 0x7f) ? from[i] : '?';
	to[length] = '\0';
}

static bool parse_number(const char *text, long limit, long *number)
{
	long value = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value > limit / 10 ? limit : value * 10 + (*text - '0');
		if (value > limit)
			value = limit;
	}
	*number = value;
	return true;
}

/* RFC 9110 section 10.2.3: seconds or a date. */
static bool parse_retry_after(const char *text, long *milliseconds)
{
	time_t date, now;
	long seconds;

	if (parse_number(text, RETRY_AFTER_MAX_MS / 1000, &seconds)) {
		*milliseconds = seconds * 1000;
		return true;
	}
	date = curl_getdate(text, NULL);
	if (date == -1)
		return false;
	now = time(NULL);
	if (date <= now)
		*milliseconds = 0;
	else if (date - now >= RETRY_AFTER_MAX_MS / 1000)
		*milliseconds = RETRY_AFTER_MAX_MS;
	else
		*milliseconds = (long)(date - now) * 1000;
	return true;
}

static void take_header(struct answer *answer, const struct header *header, const char *value, size_t length)
{
	struct http_response *response = answer->response;
	char text[64];
	long milliseconds;
	bool understood;

	switch (header->kind) {
	case HEADER_REQUEST_ID:
		copy_printable(response->request_id, sizeof(response->request_id), value, length);
		return;
	case HEADER_CHALLENGE:
		copy_printable(response->challenge, sizeof(response->challenge), value, length);
		return;
	case HEADER_RETRY_MS:
	case HEADER_RETRY_SECONDS:
		if (length >= sizeof(text) || header->rank < answer->retry_after_rank)
			return;
		copy_printable(text, sizeof(text), value, length);
		understood = header->kind == HEADER_RETRY_MS ? parse_number(text, RETRY_AFTER_MAX_MS, &milliseconds)
		                                             : parse_retry_after(text, &milliseconds);
		if (!understood)
			return;
		response->retry_after_ms = milliseconds;
		answer->retry_after_rank = header->rank;
		return;
	}
}

size_t answer_header(char *data, size_t size, size_t count, void *context)
{
	struct answer *answer = context;
	size_t length = size * count, i, name_length, value_at;
	const char *colon;

	if (length > ANSWER_HEADERS_MAX - answer->header_bytes) {
		answer->stop = ANSWER_HEADERS_TOO_LARGE;
		return 0;
	}
	answer->header_bytes += length;
	colon = memchr(data, ':', length);
	if (colon == NULL)
		return length;
	name_length = (size_t)(colon - data);
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (strlen(headers[i].name) != name_length || strncasecmp(headers[i].name, data, name_length) != 0)
			continue;
		value_at = name_length + 1;
		while (value_at < length && (data[value_at] == ' ' || data[value_at] == '\t'))
			value_at++;
		while (length > value_at && isspace((unsigned char)data[length - 1]))
			length--;
		take_header(answer, &headers[i], data + value_at, length - value_at);
		break;
	}
	return size * count;
}

size_t answer_body(char *data, size_t size, size_t count, void *context)
{
	struct answer *answer = context;
	struct mh_buffer *body = &answer->response->body;
	size_t length = size * count;

	if (length > body->maximum - body->length) {
		answer->stop = ANSWER_BODY_TOO_LARGE;
		return 0;
	}
	if (!mh_buffer_append(body, data, length).ok) {
		answer->stop = ANSWER_NO_MEMORY;
		return 0;
	}
	return length;
}

static const char *skip_separators(const char *text)
{
	return text + strspn(text, " \t,");
}

/* Moves *text past one parameter value, quoted or bare. */
static void read_value(const char **text, const char **value, size_t *length)
{
	const char *start = *text, *end;

	if (*start == '"') {
		end = strchr(++start, '"');
		if (end == NULL)
			end = start + strlen(start);
		*text = *end == '"' ? end + 1 : end;
	} else {
		end = start + strcspn(start, " \t,");
		*text = end;
	}
	*value = start;
	*length = (size_t)(end - start);
}

bool answer_challenge_parameter(const char *challenge, const char *name, char *value, size_t capacity)
{
	const char *at = skip_separators(challenge), *found;
	size_t name_length, length;

	while (*at != '\0') {
		name_length = strcspn(at, "= \t,");
		if (at[name_length] != '=') { /* the scheme's name */
			at = skip_separators(at + name_length);
			continue;
		}
		if (name_length == strlen(name) && strncasecmp(at, name, name_length) == 0) {
			at += name_length + 1;
			read_value(&at, &found, &length);
			if (length == 0 || length >= capacity)
				return false;
			memcpy(value, found, length);
			value[length] = '\0';
			return true;
		}
		at += name_length + 1;
		read_value(&at, &found, &length);
		at = skip_separators(at);
	}
	return false;
}
