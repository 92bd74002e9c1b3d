/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accepted text has nothing in it that could lead a request elsewhere, gives parts of the documented alphabets only,
 * and its documented form parses to the same parts. Refused text gives an all-zero result and a printable message.
 */
#include <string.h>

#include "tests/fuzz/must.h"
#include "uri/key_uri.h"

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
#define URI_CHARACTERS NAME_CHARACTERS ":/?&=."

static bool consists_of(const char *text, const char *characters)
{
	return text[strspn(text, characters)] == '\0';
}

static void key_is_well_formed(const char *key, const char *version)
{
	MUST(strlen(key) <= KEY_URI_KEY_MAX && consists_of(key, NAME_CHARACTERS));
	MUST(strlen(version) == 0 || strlen(version) == KEY_URI_VERSION_LENGTH);
	MUST(consists_of(version, "0123456789abcdef"));
	MUST(key[0] != '\0' || version[0] == '\0');
}

static bool same_key(const struct key_uri *a, const struct key_uri *b)
{
	return a->service == b->service && strcmp(a->vault, b->vault) == 0 && strcmp(a->key, b->key) == 0 &&
	       strcmp(a->version, b->version) == 0;
}

static void accepted(const char *text, const struct key_uri *uri)
{
	char formatted[KEY_URI_TEXT_MAX];
	struct key_uri again;

	MUST(strlen(text) < KEY_URI_TEXT_MAX && consists_of(text, URI_CHARACTERS));
	MUST(strlen(uri->vault) >= 3 && strlen(uri->vault) <= KEY_URI_VAULT_MAX);
	MUST(consists_of(uri->vault, NAME_CHARACTERS));
	key_is_well_formed(uri->key, uri->version);

	key_uri_format(uri, formatted);
	MUST(key_uri_parse(formatted, &again, NULL).ok);
	MUST(same_key(uri, &again));
	MUST(again.cloud == KEY_URI_CLOUD_UNSAID && again.type == KEY_URI_TYPE_ANY && again.wrap_bits == 0);
	MUST(uri->wrap_bits == 0 || (uri->wrap_bits % 64 == 0 && uri->wrap_bits >= 128 && uri->wrap_bits <= 256));
	MUST(uri->wrap_bits == 0 || uri->key[0] != '\0');
}

static void refused(const struct key_uri *uri, const struct mh_error *error)
{
	static const struct key_uri NOTHING;

	MUST(memcmp(uri, &NOTHING, sizeof(*uri)) == 0);
	MUST(error->reason == MH_R_BAD_URI && error->text[0] != '\0');
	for (const char *c = error->text; *c != '\0'; c++)
		MUST(*c >= ' ' && *c <= '~');
}

/* What is accepted ends in the parts that came out. */
static void kid(const char *text)
{
	char key[KEY_URI_KEY_MAX + 1];
	char version[KEY_URI_VERSION_LENGTH + 1];
	char tail[KEY_URI_TEXT_MAX];
	int length;

	if (!key_uri_parse_kid(text, key, version, NULL).ok) {
		MUST(key[0] == '\0' && version[0] == '\0');
		return;
	}
	key_is_well_formed(key, version);
	length = snprintf(tail, sizeof(tail), "/keys/%s/%s", key, version);
	MUST(version[0] != '\0' && strlen(text) > (size_t)length);
	MUST(strcasecmp(text + strlen(text) - (size_t)length, tail) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A block of its own: reading past the text's end is then seen. */
	char *text = malloc(size + 1);
	struct mh_error error = { 0 };
	struct key_uri uri;

	MUST(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	memset(&uri, 0xff, sizeof(uri));
	if (key_uri_parse(text, &uri, &error).ok)
		accepted(text, &uri);
	else
		refused(&uri, &error);
	kid(text);
	free(text);
	return 0;
}
