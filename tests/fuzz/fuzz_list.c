/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists and certificates. What is accepted is within the documented bounds, and a token for the next page has nothing
 * in it that could end a parameter or a line. A refused answer gives a reason and a printable message.
 */
#include <string.h>

#include "http/certificate.h"
#include "http/list.h"
#include "tests/fuzz/must.h"

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"

static void is_name(const char *name)
{
	MUST(strlen(name) >= 1 && strlen(name) <= KEY_URI_KEY_MAX && name[strspn(name, NAME_CHARACTERS)] == '\0');
}

static void is_version(const char *version)
{
	MUST(strlen(version) == KEY_URI_VERSION_LENGTH && version[strspn(version, "0123456789abcdef")] == '\0');
}

static void refused(const struct mh_error *error)
{
	MUST(error->reason == MH_R_BAD_ANSWER || error->reason == MH_R_NOT_FOUND);
	MUST(error->text[0] != '\0');
	for (const char *c = error->text; *c != '\0'; c++)
		MUST((unsigned char)*c >= ' ' && *c != 0x7f);
}

static void list(struct mh_span json, const struct key_uri *uri, enum key_uri_collection collection)
{
	struct list_page *page = calloc(1, sizeof(*page));
	struct mh_error error = { 0 };

	MUST(page != NULL);
	if (list_parse(json, uri, collection, page, &error).ok) {
		MUST(page->count <= LIST_PAGE_MAX && strlen(page->next) < LIST_TOKEN_MAX);
		for (const char *c = page->next; *c != '\0'; c++)
			MUST(*c > ' ' && *c < 0x7f && strchr("&#\"<>\\^`{|}", *c) == NULL);
		for (size_t i = 0; i < page->count; i++) {
			is_name(page->entries[i].name);
			if (uri->all_versions)
				is_version(page->entries[i].version);
			else
				MUST(page->entries[i].version[0] == '\0');
		}
	} else {
		refused(&error);
	}
	free(page);
}

static void one_certificate(struct mh_span json)
{
	struct certificate certificate;
	struct mh_error error = { 0 };

	certificate_init(&certificate);
	if (certificate_parse(json, &certificate, &error).ok) {
		is_name(certificate.name);
		is_version(certificate.version);
		is_version(certificate.key_version);
		MUST(certificate.der.length >= 1 && certificate.der.length <= CERTIFICATE_DER_MAX);
	} else {
		refused(&error);
	}
	certificate_free(&certificate);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct key_uri STORE = { .service = KEY_URI_KEY_VAULT, .vault = "demo" };
	static const struct key_uri VERSIONS = { .vault = "demo", .key = "k", .all_versions = true };
	/* A block of its own: reading past the end is then seen. */
	uint8_t *copy = malloc(size + 1);
	struct mh_span json = { copy, size };

	MUST(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	list(json, &STORE, KEY_URI_KEYS);
	list(json, &STORE, KEY_URI_CERTIFICATES);
	list(json, &VERSIONS, KEY_URI_KEYS);
	one_certificate(json);
	free(copy);
	return 0;
}
