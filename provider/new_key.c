/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/new_key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#define RSA_BITS_DEFAULT 2048
#define OCT_BITS_DEFAULT 256
#define POLICY_FILE_MAX ((size_t)32 * 1024)

typedef mh_result read_fn(struct new_key *wish, const char *name, const char *value, struct mh_error *error);

static mh_result bad(struct mh_error *error, const char *name, const char *value, const char *expected)
{
	return mh_fail(error, MH_R_BAD_PARAMETER, "the option %s:%.64s is not understood: it is %s", name, value,
	               expected);
}

static mh_result read_uri(struct new_key *wish, const char *name, const char *value, struct mh_error *error)
{
	struct key_uri uri;

	if (!key_uri_parse(value, &uri, error).ok)
		return MH_FAILURE;
	if (uri.key[0] == '\0' || uri.version[0] != '\0' || uri.type != KEY_URI_TYPE_ANY)
		return bad(error, name, value, "the URI of a key without a version, managedhsm:HSM:KEY");
	snprintf(wish->uri, sizeof(wish->uri), "%s", value);
	return MH_SUCCESS;
}

static mh_result read_operations(struct new_key *wish, const char *name, const char *value, struct mh_error *error)
{
	wish->operations = 0;
	while (*value != '\0') {
		size_t length = strcspn(value, ",");
		unsigned bit = jwk_operation_find(value, length);

		if (bit == 0)
			return bad(
				error, name, value,
				"a list such as sign,verify of sign, verify, encrypt, decrypt, wrapKey and unwrapKey");
		wish->operations |= bit;
		value += length;
		value += *value == ',';
	}
	return MH_SUCCESS;
}

static mh_result read_flag(bool *flag, const char *name, const char *value, struct mh_error *error)
{
	*flag = strcmp(value, "yes") == 0;
	return *flag || strcmp(value, "no") == 0 ? MH_SUCCESS : bad(error, name, value, "yes or no");
}

static mh_result read_exportable(struct new_key *wish, const char *name, const char *value, struct mh_error *error)
{
	return read_flag(&wish->exportable, name, value, error);
}

static mh_result read_new_version(struct new_key *wish, const char *name, const char *value, struct mh_error *error)
{
	return read_flag(&wish->new_version, name, value, error);
}

static mh_result read_protection(struct new_key *wish, const char *name, const char *value, struct mh_error *error)
{
	wish->software = strcmp(value, "software") == 0;
	return wish->software || strcmp(value, "hsm") == 0 ? MH_SUCCESS : bad(error, name, value, "hsm or software");
}

static mh_result read_policy(struct new_key *wish, const char *name, const char *value, struct mh_error *error)
{
	char *text = OPENSSL_zalloc(POLICY_FILE_MAX + 1);
	FILE *file = text == NULL ? NULL : fopen(value, "re");
	size_t length = file == NULL ? 0 : fread(text, 1, POLICY_FILE_MAX, file);
	bool good =
		file != NULL && ferror(file) == 0 && length > 0 && length < POLICY_FILE_MAX && strlen(text) == length;

	if (file != NULL)
		fclose(file);
	if (!good) {
		OPENSSL_free(text);
		return bad(error, name, value, "a file with the policy's JSON, at most 32 KiB");
	}
	OPENSSL_free(wish->release_policy);
	wish->release_policy = text;
	return MH_SUCCESS;
}

static mh_result read_tags(struct new_key *wish, const char *name, const char *value, struct mh_error *error)
{
	(void)name;
	OPENSSL_free(wish->tags);
	wish->tags = OPENSSL_strdup(value);
	return wish->tags != NULL ? MH_SUCCESS : mh_fail(error, MH_R_MEMORY, "out of memory");
}

const char *const new_key_options[] = { "managedhsm-uri",        "managedhsm-key-ops",
	                                "managedhsm-exportable", "managedhsm-release-policy",
	                                "managedhsm-tags",       "managedhsm-new-version",
	                                "managedhsm-protection", NULL };

static read_fn *const readers[] = { read_uri,  read_operations,  read_exportable, read_policy,
	                            read_tags, read_new_version, read_protection };

mh_result new_key_option(struct new_key *wish, const char *name, const char *value, struct mh_error *error)
{
	wish->asked = true;
	for (size_t i = 0; new_key_options[i] != NULL; i++)
		if (strcmp(new_key_options[i], name) == 0)
			return readers[i](wish, name, value, error);
	return mh_fail(error, MH_R_INTERNAL, "there is no option %s", name);
}

/* OpenSSL's names of the curves, and those of RFC 7518 and the service. */
static mh_result find_curve(const char *name, enum jwk_curve *curve, struct mh_error *error)
{
	for (enum jwk_curve c = JWK_P256; c <= JWK_P256K; c++) {
		bool nist = OPENSSL_strcasecmp(name, jwk_curve_name(c)) == 0;

		if (nist || OPENSSL_strcasecmp(name, sign_curve_find(c)->group) == 0 ||
		    (c == JWK_P256 && OPENSSL_strcasecmp(name, "secp256r1") == 0)) {
			*curve = c;
			return MH_SUCCESS;
		}
	}
	return mh_fail(error, MH_R_UNSUPPORTED_KEY,
	               "the service has no EC keys on %.32s: set group to P-256, P-384, P-521 or secp256k1",
	               name[0] != '\0' ? name : "an unnamed group");
}

static const enum jwk_kind kinds[] = { [KEY_RSA] = JWK_RSA, [KEY_EC] = JWK_EC, [KEY_OCT] = JWK_OCT };

static mh_result translate(enum key_type type, const struct new_key *wish, struct client_new_key *request,
                           struct mh_error *error)
{
	*request = (struct client_new_key){
		.kind = kinds[type],
		.software = wish->software,
		.operations = wish->operations,
		.exportable = wish->exportable,
		.release_policy = wish->release_policy,
		.tags = wish->tags,
	};
	if (type == KEY_EC)
		return find_curve(wish->group, &request->curve, error);
	if (type == KEY_OCT) {
		request->size_bits = wish->bits != 0 ? wish->bits : OCT_BITS_DEFAULT;
		if (request->size_bits == 128 || request->size_bits == 192 || request->size_bits == 256)
			return MH_SUCCESS;
		return mh_fail(error, MH_R_UNSUPPORTED_KEY,
		               "the service has AES keys of 128, 192 and 256 bits, not of %u", request->size_bits);
	}
	request->size_bits = wish->bits != 0 ? wish->bits : RSA_BITS_DEFAULT;
	request->public_exponent = wish->public_exponent;
	if (request->size_bits != 2048 && request->size_bits != 3072 && request->size_bits != 4096)
		return mh_fail(error, MH_R_UNSUPPORTED_KEY,
		               "the service has RSA keys of 2048, 3072 and 4096 bits, not of %u", request->size_bits);
	return MH_SUCCESS;
}

/* The service would silently make a new version of a key that exists. */
static mh_result check_free(const struct hsm *hsm, const struct key_uri *uri, struct mh_error *error)
{
	char text[KEY_URI_TEXT_MAX];
	struct mh_error found = { 0 };
	struct jwk jwk;

	if (client_get_key(hsm->client, uri, &jwk, &found).ok) {
		key_uri_format(uri, text);
		return mh_fail(error, MH_R_BAD_PARAMETER,
		               "create key %s: there is a key of that name; set managedhsm-new-version:yes for a new "
		               "version of it",
		               text);
	}
	if (found.reason == MH_R_NOT_FOUND)
		return MH_SUCCESS;
	*error = found;
	mh_error_prefix(error, "look whether the name of the new key is free");
	return MH_FAILURE;
}

mh_result new_key_create(const struct hsm *hsm, enum key_type type, const struct new_key *wish, struct key **key,
                         struct mh_error *error)
{
	struct client_new_key request;
	struct key_uri uri;
	struct jwk jwk;

	if (!hsm_usable(hsm, error).ok || !key_uri_parse(wish->uri, &uri, error).ok ||
	    !translate(type, wish, &request, error).ok)
		return MH_FAILURE;
	if (!wish->new_version && !check_free(hsm, &uri, error).ok)
		return MH_FAILURE;
	if (!client_create_key(hsm->client, &uri, &request, &jwk, error).ok)
		return MH_FAILURE;
	if (jwk.kind == JWK_OCT && jwk.size_bits == 0)
		jwk.size_bits = request.size_bits; /* older versions of the API do not say it */
	if (!key_from_jwk(hsm, &uri, &jwk, false, key, error).ok)
		return MH_FAILURE;
	if ((*key)->type == type)
		return MH_SUCCESS;
	key_free(*key);
	*key = NULL;
	return mh_fail(error, MH_R_BAD_ANSWER,
	               "the service created a key of another type than the one that was asked for");
}

void new_key_clear(struct new_key *wish)
{
	OPENSSL_free(wish->release_policy);
	OPENSSL_free(wish->tags);
	*wish = (struct new_key){ 0 };
}
