/* SPDX-License-Identifier: Apache-2.0 */
#include "http/certificate.h"

#include <string.h>
#include <strings.h>

#include "base/base64url.h"
#include "http/call.h"
#include "http/json_body.h"

void certificate_init(struct certificate *certificate)
{
	memset(certificate, 0, sizeof(*certificate));
	mh_buffer_init(&certificate->der, CERTIFICATE_DER_MAX);
}

void certificate_free(struct certificate *certificate)
{
	mh_buffer_free(&certificate->der);
}

/* To base64url without padding; false for what is not base64 with it (RFC 4648 section 4). */
static bool change_alphabet(const char *text, struct mh_buffer *changed)
{
	size_t length = strlen(text);

	if (length == 0 || length % 4 != 0 || !mh_buffer_append(changed, text, length).ok)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '-' || text[i] == '_')
			return false;
		if (text[i] == '+')
			changed->data[i] = '-';
		if (text[i] == '/')
			changed->data[i] = '_';
	}
	for (int padding = 0; padding < 2 && changed->data[changed->length - 1] == '='; padding++)
		changed->length--;
	return true;
}

static mh_result read_der(const char *text, struct mh_buffer *der, struct mh_error *error)
{
	struct mh_buffer changed;
	size_t written = 0;
	bool good;

	mh_buffer_clear(der);
	mh_buffer_init(&changed, CERTIFICATE_DER_MAX / 3 * 4 + 4);
	good = change_alphabet(text, &changed) && mh_buffer_reserve(der, CERTIFICATE_DER_MAX).ok &&
	       mh_base64url_decode((const char *)changed.data, changed.length, der->data, CERTIFICATE_DER_MAX, &written)
	               .ok;
	mh_buffer_free(&changed);
	if (!good)
		return mh_fail(error, MH_R_BAD_ANSWER, "the certificate's \"cer\" is not base64 of at most %zu bytes",
		               CERTIFICATE_DER_MAX);
	der->length = written;
	der->data[written] = 0;
	return MH_SUCCESS;
}

/* The private key has the certificate's name and, as far as is known, its version. */
static mh_result read_key_version(const json_t *root, struct certificate *certificate, struct mh_error *error)
{
	const json_t *kid = json_object_get(root, "kid");
	char name[KEY_URI_KEY_MAX + 1];

	memcpy(certificate->key_version, certificate->version, sizeof(certificate->key_version));
	if (kid == NULL || json_is_null(kid))
		return MH_SUCCESS;
	if (!json_is_string(kid) ||
	    !key_uri_parse_kid(json_string_value(kid), name, certificate->key_version, NULL).ok ||
	    strcasecmp(name, certificate->name) != 0)
		return mh_fail(error, MH_R_BAD_ANSWER,
		               "the certificate's \"kid\" is not https://<host>/keys/<its name>/<version>");
	return MH_SUCCESS;
}

static mh_result read_certificate(const json_t *root, struct certificate *certificate, struct mh_error *error)
{
	const char *id = json_body_string(root, "id"), *cer = json_body_string(root, "cer");
	const json_t *member = json_object_get(root, "cer");

	if (id == NULL)
		return mh_fail(error, MH_R_BAD_ANSWER, "the answer holds no certificate with an \"id\"");
	if (!key_uri_parse_id(id, KEY_URI_CERTIFICATES, certificate->name, certificate->version, NULL).ok ||
	    certificate->version[0] == '\0')
		return mh_fail(error, MH_R_BAD_ANSWER,
		               "the certificate's \"id\" is not https://<host>/certificates/<name>/<version>");
	if (member == NULL || json_is_null(member))
		return mh_fail(error, MH_R_NOT_FOUND, "the certificate has not been issued yet");
	if (cer == NULL)
		return mh_fail(error, MH_R_BAD_ANSWER, "the certificate's \"cer\" is not a string");
	if (!read_key_version(root, certificate, error).ok)
		return MH_FAILURE;
	return read_der(cer, &certificate->der, error);
}

mh_result certificate_parse(struct mh_span json, struct certificate *certificate, struct mh_error *error)
{
	mh_result result;
	json_t *root;

	if (!json_body_parse(json, &root, error).ok)
		return MH_FAILURE;
	result = read_certificate(root, certificate, error);
	json_decref(root);
	return result;
}

static bool is_asked(const struct key_uri *asked, const struct certificate *certificate)
{
	return strcasecmp(asked->key, certificate->name) == 0 &&
	       (asked->version[0] == '\0' || strcasecmp(asked->version, certificate->version) == 0);
}

mh_result client_get_certificate(struct client *client, const struct key_uri *uri, struct certificate *certificate,
                                 struct mh_error *error)
{
	struct key_uri asked = *uri;
	char path[URL_PATH_MAX];
	struct client_call call = { .attempt = "get certificate", .method = "GET", .uri = &asked, .root_path = path };
	struct http_response response;
	mh_result result;

	asked.type = KEY_URI_TYPE_CERT; /* for the advice in errors */
	if (uri->key[0] == '\0' || uri->all_versions)
		return mh_fail(error, MH_R_BAD_URI, "the URI names no single certificate");
	if (!url_collection_path(KEY_URI_CERTIFICATES, uri, path, error).ok)
		return MH_FAILURE;
	http_response_init(&response);
	result = client_call(client, &call, &response, error);
	if (result.ok) {
		result = certificate_parse((struct mh_span){ response.body.data, response.body.length }, certificate,
		                           error);
		if (result.ok && !is_asked(uri, certificate))
			result = mh_fail(error, MH_R_BAD_ANSWER,
			                 "the service answered with another certificate or version");
		if (!result.ok)
			result = client_call_bad_answer(&call, &response, error);
	}
	http_response_free(&response);
	return result;
}
