/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An accepted answer gives a key within the documented bounds, and the plainest answer with the same key parses to the
 * same struct. A refused one gives a reason and a printable message.
 */
#include <string.h>

#include "base/base64url.h"
#include "http/jwk.h"
#include "tests/fuzz/must.h"

static const char *const KINDS[] = { [JWK_RSA] = "RSA", [JWK_EC] = "EC", [JWK_OCT] = "oct" };

static const struct {
	unsigned bit;
	const char *name;
} OPERATIONS[] = {
	{ JWK_OP_SIGN, "sign" },       { JWK_OP_VERIFY, "verify" },    { JWK_OP_ENCRYPT, "encrypt" },
	{ JWK_OP_DECRYPT, "decrypt" }, { JWK_OP_WRAP_KEY, "wrapKey" }, { JWK_OP_UNWRAP_KEY, "unwrapKey" },
};

#define OPERATION_COUNT (sizeof(OPERATIONS) / sizeof(OPERATIONS[0]))

static void is_bounded(const struct jwk *jwk)
{
	MUST(jwk->key[0] != '\0' && strlen(jwk->version) == KEY_URI_VERSION_LENGTH);
	if (jwk->kind == JWK_RSA) {
		MUST(jwk->n_length >= 256 && jwk->n_length <= JWK_RSA_MODULUS_MAX && jwk->n[0] != 0);
		MUST(jwk->size_bits >= 2048 && jwk->size_bits <= 8 * jwk->n_length &&
		     jwk->size_bits > 8 * (jwk->n_length - 1));
		MUST(jwk->e_length >= 1 && jwk->e_length <= JWK_RSA_EXPONENT_MAX && jwk->e[0] != 0);
		MUST((jwk->n[jwk->n_length - 1] & 1) == 1 && (jwk->e[jwk->e_length - 1] & 1) == 1);
	} else if (jwk->kind == JWK_EC) {
		MUST(jwk->field_length == (jwk->size_bits + 7) / 8 && jwk->field_length <= JWK_EC_FIELD_MAX);
		MUST(strcmp(jwk_curve_name(jwk->curve), "unknown") != 0);
	} else {
		MUST(jwk->kind == JWK_OCT);
		MUST(jwk->size_bits == 0 || jwk->size_bits == 128 || jwk->size_bits == 192 || jwk->size_bits == 256);
	}
}

static void put_text(struct mh_buffer *json, const char *text)
{
	MUST(mh_buffer_append_text(json, text).ok);
}

static void put_number(struct mh_buffer *json, const char *member, const uint8_t *bytes, size_t length)
{
	MUST(mh_buffer_append_format(json, ",\"%s\":\"", member).ok);
	MUST(mh_base64url_encode((struct mh_span){ bytes, length }, json).ok);
	put_text(json, "\"");
}

static void put_operations(struct mh_buffer *json, unsigned operations)
{
	const char *separator = "";

	put_text(json, ",\"key_ops\":[");
	for (size_t i = 0; i < OPERATION_COUNT; i++) {
		if ((operations & OPERATIONS[i].bit) == 0)
			continue;
		MUST(mh_buffer_append_format(json, "%s\"%s\"", separator, OPERATIONS[i].name).ok);
		separator = ",";
	}
	put_text(json, "]");
}

static void put_answer(struct mh_buffer *json, const struct jwk *jwk)
{
	MUST(mh_buffer_append_format(json, "{\"key\":{\"kid\":\"https://h/keys/%s/%s\",\"kty\":\"%s\"", jwk->key,
	                             jwk->version, KINDS[jwk->kind])
	             .ok);
	put_operations(json, jwk->operations);
	if (jwk->kind == JWK_RSA) {
		put_number(json, "n", jwk->n, jwk->n_length);
		put_number(json, "e", jwk->e, jwk->e_length);
	}
	if (jwk->kind == JWK_EC) {
		MUST(mh_buffer_append_format(json, ",\"crv\":\"%s\"", jwk_curve_name(jwk->curve)).ok);
		put_number(json, "x", jwk->x, jwk->field_length);
		put_number(json, "y", jwk->y, jwk->field_length);
	}
	MUST(mh_buffer_append_format(json, "},\"attributes\":{\"enabled\":%s", jwk->enabled ? "true" : "false").ok);
	if (jwk->kind == JWK_OCT && jwk->size_bits != 0)
		MUST(mh_buffer_append_format(json, ",\"key_size\":%u", jwk->size_bits).ok);
	put_text(json, "}}");
}

static void round_trips(const struct jwk *jwk)
{
	struct mh_buffer json;
	struct jwk again;

	mh_buffer_init(&json, 8192);
	put_answer(&json, jwk);
	MUST(jwk_parse((struct mh_span){ json.data, json.length }, &again, NULL).ok);
	MUST(memcmp(jwk, &again, sizeof(again)) == 0);
	mh_buffer_free(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mh_error error = { 0 };
	struct jwk jwk;

	if (jwk_parse((struct mh_span){ data, size }, &jwk, &error).ok) {
		is_bounded(&jwk);
		round_trips(&jwk);
		return 0;
	}
	MUST(error.reason == MH_R_BAD_ANSWER || error.reason == MH_R_UNSUPPORTED_KEY);
	MUST(error.text[0] != '\0');
	for (const char *c = error.text; *c != '\0'; c++)
		MUST((unsigned char)*c >= ' ' && *c != 0x7f);
	return 0;
}
