/* SPDX-License-Identifier: Apache-2.0 */
#include "http/jwk.h"

#include <string.h>
#include <strings.h>

#include "base/base64url.h"
#include "http/json_body.h"

#define RSA_BITS_MIN 2048
#define LEADING_ZEROS_MAX 8 /* the service echoes those of an imported modulus and exponent */

static const struct {
	const char *name;
	enum jwk_kind kind;
} kinds[] = {
	{ "RSA-HSM", JWK_RSA }, { "RSA", JWK_RSA },     { "EC-HSM", JWK_EC },
	{ "EC", JWK_EC },       { "oct-HSM", JWK_OCT }, { "oct", JWK_OCT },
};

static const struct {
	const char *name;
	enum jwk_curve curve;
	unsigned bits;
} curves[] = {
	{ "P-256", JWK_P256, 256 },
	{ "P-384", JWK_P384, 384 },
	{ "P-521", JWK_P521, 521 },
	{ "P-256K", JWK_P256K, 256 },
};

static const struct {
	const char *name;
	enum jwk_operation operation;
} operations[] = {
	{ "sign", JWK_OP_SIGN },       { "verify", JWK_OP_VERIFY },    { "encrypt", JWK_OP_ENCRYPT },
	{ "decrypt", JWK_OP_DECRYPT }, { "wrapKey", JWK_OP_WRAP_KEY }, { "unwrapKey", JWK_OP_UNWRAP_KEY },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *jwk_curve_name(enum jwk_curve curve)
{
	size_t i;

	for (i = 0; i < COUNT(curves); i++) {
		if (curves[i].curve == curve)
			return curves[i].name;
	}
	return "unknown";
}

const char *jwk_operation_name(enum jwk_operation operation)
{
	for (size_t i = 0; i < COUNT(operations); i++)
		if (operations[i].operation == operation)
			return operations[i].name;
	return "unknown";
}

unsigned jwk_operation_find(const char *name, size_t length)
{
	for (size_t i = 0; i < COUNT(operations); i++)
		if (strlen(operations[i].name) == length && strncasecmp(operations[i].name, name, length) == 0)
			return (unsigned)operations[i].operation;
	return 0;
}

static unsigned count_bits(const uint8_t *number, size_t length)
{
	unsigned bits = 8 * (unsigned)(length - 1);
	uint8_t first;

	for (first = number[0]; first != 0; first >>= 1)
		bits++;
	return bits;
}

/* Decodes a big-endian number without its leading zeros. */
static mh_result read_number(const json_t *key, const char *name, uint8_t *out, size_t capacity, size_t *length,
                             struct mh_error *error)
{
	const char *text = json_body_string(key, name);
	uint8_t bytes[JWK_RSA_MODULUS_MAX + LEADING_ZEROS_MAX];
	size_t zeros = 0, decoded;

	if (text == NULL)
		return mh_fail(error, MH_R_BAD_ANSWER, "the key's \"%s\" is missing or not a string", name);
	if (!mh_base64url_decode(text, strlen(text), bytes, sizeof(bytes), &decoded).ok)
		return mh_fail(error, MH_R_BAD_ANSWER, "the key's \"%s\" is too long or not base64url", name);
	while (zeros < decoded && bytes[zeros] == 0)
		zeros++;
	if (decoded == zeros || decoded - zeros > capacity)
		return mh_fail(error, MH_R_BAD_ANSWER, "the key's \"%s\" has %zu bytes", name, decoded - zeros);
	memcpy(out, bytes + zeros, decoded - zeros);
	*length = decoded - zeros;
	return MH_SUCCESS;
}

static mh_result read_rsa(const json_t *key, struct jwk *jwk, struct mh_error *error)
{
	if (!read_number(key, "n", jwk->n, sizeof(jwk->n), &jwk->n_length, error).ok ||
	    !read_number(key, "e", jwk->e, sizeof(jwk->e), &jwk->e_length, error).ok)
		return MH_FAILURE;
	jwk->size_bits = count_bits(jwk->n, jwk->n_length);
	if (jwk->size_bits < RSA_BITS_MIN)
		return mh_fail(error, MH_R_UNSUPPORTED_KEY, "an RSA key of %u bits; at least %d are needed",
		               jwk->size_bits, RSA_BITS_MIN);
	if ((jwk->n[jwk->n_length - 1] & 1) == 0)
		return mh_fail(error, MH_R_BAD_ANSWER, "the RSA modulus is even");
	if ((jwk->e[jwk->e_length - 1] & 1) == 0 || (jwk->e_length == 1 && jwk->e[0] < 3))
		return mh_fail(error, MH_R_BAD_ANSWER, "the RSA exponent is even or below 3");
	return MH_SUCCESS;
}

static mh_result read_coordinate(const json_t *key, const char *name, uint8_t *out, size_t width,
                                 struct mh_error *error)
{
	const char *text = json_body_string(key, name);
	uint8_t bytes[JWK_EC_FIELD_MAX];
	size_t length;

	if (text == NULL)
		return mh_fail(error, MH_R_BAD_ANSWER, "the key's \"%s\" is missing or not a string", name);
	if (!mh_base64url_decode(text, strlen(text), bytes, width, &length).ok || length == 0)
		return mh_fail(error, MH_R_BAD_ANSWER, "the key's \"%s\" is not base64url of at most %zu bytes", name,
		               width);
	memset(out, 0, width - length);
	memcpy(out + width - length, bytes, length);
	return MH_SUCCESS;
}

static mh_result read_ec(const json_t *key, struct jwk *jwk, struct mh_error *error)
{
	const char *name = json_body_string(key, "crv");
	size_t i;

	if (name == NULL)
		return mh_fail(error, MH_R_BAD_ANSWER, "the key's \"crv\" is missing or not a string");
	for (i = 0; i < COUNT(curves) && strcasecmp(curves[i].name, name) != 0; i++)
		;
	if (i == COUNT(curves))
		return mh_fail(error, MH_R_UNSUPPORTED_KEY, "the curve \"%.20s\" is not supported", name);
	jwk->curve = curves[i].curve;
	jwk->size_bits = curves[i].bits;
	jwk->field_length = (curves[i].bits + 7) / 8;
	if (!read_coordinate(key, "x", jwk->x, jwk->field_length, error).ok)
		return MH_FAILURE;
	return read_coordinate(key, "y", jwk->y, jwk->field_length, error);
}

/* The size of an oct key stands in the attributes, and only in newer versions of the API. */
static mh_result read_oct(const json_t *attributes, struct jwk *jwk, struct mh_error *error)
{
	const json_t *size = json_object_get(attributes, "key_size");
	json_int_t bits;

	if (size == NULL)
		return MH_SUCCESS;
	bits = json_integer_value(size);
	if (bits != 128 && bits != 192 && bits != 256)
		return mh_fail(error, MH_R_BAD_ANSWER, "the key's \"key_size\" is not 128, 192 or 256");
	jwk->size_bits = (unsigned)bits;
	return MH_SUCCESS;
}

static mh_result read_operations(const json_t *key, struct jwk *jwk, struct mh_error *error)
{
	const json_t *list = json_object_get(key, "key_ops"), *entry;
	size_t i;

	if (list == NULL)
		return MH_SUCCESS;
	if (!json_is_array(list))
		return mh_fail(error, MH_R_BAD_ANSWER, "the key's \"key_ops\" is not a list");
	for (i = 0; i < json_array_size(list); i++) {
		entry = json_array_get(list, i);
		if (!json_is_string(entry))
			return mh_fail(error, MH_R_BAD_ANSWER, "the key's \"key_ops\" holds what is not a string");
		jwk->operations |= jwk_operation_find(json_string_value(entry), json_string_length(entry));
	}
	return MH_SUCCESS;
}

static mh_result read_attributes(const json_t *attributes, struct jwk *jwk, struct mh_error *error)
{
	const json_t *enabled = json_object_get(attributes, "enabled");

	if (attributes != NULL && !json_is_object(attributes))
		return mh_fail(error, MH_R_BAD_ANSWER, "\"attributes\" is not an object");
	if (enabled != NULL && !json_is_boolean(enabled))
		return mh_fail(error, MH_R_BAD_ANSWER, "\"attributes.enabled\" is not true or false");
	jwk->enabled = enabled == NULL || json_is_true(enabled);
	return MH_SUCCESS;
}

static mh_result read_kind(const json_t *key, struct jwk *jwk, struct mh_error *error)
{
	const char *name = json_body_string(key, "kty");
	size_t i;

	if (name == NULL)
		return mh_fail(error, MH_R_BAD_ANSWER, "the key's \"kty\" is missing or not a string");
	for (i = 0; i < COUNT(kinds) && strcasecmp(kinds[i].name, name) != 0; i++)
		;
	if (i == COUNT(kinds))
		return mh_fail(error, MH_R_UNSUPPORTED_KEY, "the key type \"%.20s\" is not supported", name);
	jwk->kind = kinds[i].kind;
	return MH_SUCCESS;
}

static mh_result read_key(const json_t *root, struct jwk *jwk, struct mh_error *error)
{
	const json_t *key = json_object_get(root, "key"), *attributes = json_object_get(root, "attributes");
	const char *kid = json_body_string(key, "kid");

	if (!json_is_object(key) || kid == NULL)
		return mh_fail(error, MH_R_BAD_ANSWER, "the answer holds no key with a \"kid\"");
	if (!key_uri_parse_kid(kid, jwk->key, jwk->version, NULL).ok)
		return mh_fail(error, MH_R_BAD_ANSWER, "the key's \"kid\" is not https://<host>/keys/<key>/<version>");
	if (!read_kind(key, jwk, error).ok || !read_attributes(attributes, jwk, error).ok ||
	    !read_operations(key, jwk, error).ok)
		return MH_FAILURE;
	switch (jwk->kind) {
	case JWK_RSA:
		return read_rsa(key, jwk, error);
	case JWK_EC:
		return read_ec(key, jwk, error);
	case JWK_OCT:
		return read_oct(attributes, jwk, error);
	}
	return mh_fail(error, MH_R_INTERNAL, "unknown kind of key");
}

mh_result jwk_parse(struct mh_span json, struct jwk *jwk, struct mh_error *error)
{
	mh_result result;
	json_t *root;

	memset(jwk, 0, sizeof(*jwk));
	if (!json_body_parse(json, &root, error).ok)
		return MH_FAILURE;
	result = read_key(root, jwk, error);
	json_decref(root);
	return result;
}
