/* SPDX-License-Identifier: Apache-2.0 */
#include "http/jwk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "tests/unit/suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

#define RSA_ANSWER "managedhsm RSA-HSM 256-byte n e=AQAB"
#define EC_ANSWER "managedhsm EC-HSM P-256"
#define P521_ANSWER "managedhsm EC-HSM P-521"
#define OCT_ANSWER "managedhsm oct-HSM key_size"

/* The recorded answer of that name, as a copy of its own. */
static json_t *recorded_answer(const char *name)
{
	json_t *vectors = load_vectors("recorded_keys.json");
	json_t *answer = NULL;
	size_t i;
	json_t *vector;

	json_array_foreach(vectors, i, vector)
	{
		if (strcmp(text_member(vector, "name"), name) == 0)
			answer = json_deep_copy(json_object_get(vector, "answer"));
	}
	json_decref(vectors);
	ck_assert_msg(answer != NULL, "no recorded key \"%s\"", name);
	return answer;
}

/* Parses and releases answer. */
static bool parse(json_t *answer, struct jwk *jwk, struct mh_error *error)
{
	char *text = json_dumps(answer, JSON_COMPACT);
	bool ok = jwk_parse((struct mh_span){ (uint8_t *)text, strlen(text) }, jwk, error).ok;

	free(text);
	json_decref(answer);
	return ok;
}

static bool parse_text(const char *text, struct jwk *jwk, struct mh_error *error)
{
	return jwk_parse((struct mh_span){ (const uint8_t *)text, strlen(text) }, jwk, error).ok;
}

static void parse_recorded(const char *name, struct jwk *jwk)
{
	struct mh_error error = { 0 };

	ck_assert_msg(parse(recorded_answer(name), jwk, &error), "%s: %s", name, error.text);
}

static const struct {
	const char *name;
	enum jwk_kind kind;
	enum jwk_curve curve;
	unsigned size_bits;
	size_t width; /* of n, or of x and y */
} RECORDED[] = {
	{ "managedhsm RSA-HSM 256-byte n e=AQAB", JWK_RSA, JWK_P256, 2048, 256 },
	{ "keyvault RSA 256-byte n e=AQAB", JWK_RSA, JWK_P256, 2048, 256 },
	{ "keyvault RSA-HSM 256-byte n e=AQAB", JWK_RSA, JWK_P256, 2048, 256 },
	{ "keyvault RSA-HSM 256-byte n e=AAEAAQ", JWK_RSA, JWK_P256, 2048, 256 },
	{ "keyvault RSA P-521 256-byte n e=AQAB", JWK_RSA, JWK_P256, 2048, 256 }, /* with a crv that means nothing */
	{ "RSA with a leading zero byte in n", JWK_RSA, JWK_P256, 2048, 256 },
	{ "managedhsm EC-HSM P-256", JWK_EC, JWK_P256, 256, 32 },
	{ "managedhsm EC-HSM P-256K", JWK_EC, JWK_P256K, 256, 32 },
	{ "managedhsm EC-HSM P-521", JWK_EC, JWK_P521, 521, 66 },
	{ "keyvault EC-HSM P-256", JWK_EC, JWK_P256, 256, 32 },
	{ "keyvault EC-HSM P-256K", JWK_EC, JWK_P256K, 256, 32 },
	{ "keyvault EC P-256", JWK_EC, JWK_P256, 256, 32 },
	{ "keyvault EC P-256K", JWK_EC, JWK_P256K, 256, 32 },
	{ "keyvault EC P-384", JWK_EC, JWK_P384, 384, 48 },
	{ "keyvault EC P-521", JWK_EC, JWK_P521, 521, 66 },
	{ "managedhsm oct-HSM key_size", JWK_OCT, JWK_P256, 128, 0 },
	{ "managedhsm oct-HSM", JWK_OCT, JWK_P256, 0, 0 },
};

START_TEST(a_recorded_key_has_its_kind_and_sizes)
{
	struct jwk jwk;

	parse_recorded(RECORDED[_i].name, &jwk);
	ck_assert_int_eq(jwk.kind, RECORDED[_i].kind);
	ck_assert_uint_eq(jwk.size_bits, RECORDED[_i].size_bits);
	if (jwk.kind == JWK_RSA)
		ck_assert_uint_eq(jwk.n_length, RECORDED[_i].width);
	if (jwk.kind == JWK_EC) {
		ck_assert_int_eq(jwk.curve, RECORDED[_i].curve);
		ck_assert_uint_eq(jwk.field_length, RECORDED[_i].width);
	}
}
END_TEST

START_TEST(a_recorded_key_has_the_name_and_version_of_its_kid)
{
	json_t *answer = recorded_answer(RECORDED[_i].name);
	const char *path = strstr(text_member(json_object_get(answer, "key"), "kid"), "/keys/");
	char expected[256];
	char found[256];
	struct jwk jwk;

	snprintf(expected, sizeof(expected), "%s", path);
	ck_assert(parse(answer, &jwk, NULL));
	snprintf(found, sizeof(found), "/keys/%s/%s", jwk.key, jwk.version);
	ck_assert_str_eq(found, expected);
}
END_TEST

START_TEST(a_recorded_key_is_enabled)
{
	struct jwk jwk;

	parse_recorded(RECORDED[_i].name, &jwk);
	ck_assert(jwk.enabled);
}
END_TEST

/* A vector that no row expects would be one that nobody looks at. */
START_TEST(every_recorded_key_is_expected)
{
	json_t *vectors = load_vectors("recorded_keys.json");
	size_t i;
	json_t *vector;

	json_array_foreach(vectors, i, vector)
	{
		const char *name = text_member(vector, "name");
		int row = 0;

		while (row < COUNT(RECORDED) && strcmp(RECORDED[row].name, name) != 0)
			row++;
		ck_assert_msg(row < COUNT(RECORDED) || strstr(name, "OKP") != NULL, "%s", name);
	}
	json_decref(vectors);
}
END_TEST

START_TEST(a_recorded_ed25519_key_is_unsupported)
{
	struct mh_error error = { 0 };
	struct jwk jwk;

	ck_assert(!parse(recorded_answer("managedhsm OKP-HSM Ed25519"), &jwk, &error));
	ck_assert_int_eq(error.reason, MH_R_UNSUPPORTED_KEY);
	ck_assert_ptr_nonnull(strstr(error.text, "OKP-HSM"));
}
END_TEST

START_TEST(a_leading_zero_of_n_is_stripped)
{
	struct jwk plain;
	struct jwk padded;

	parse_recorded(RSA_ANSWER, &plain);
	parse_recorded("RSA with a leading zero byte in n", &padded);
	ck_assert_uint_eq(padded.n_length, plain.n_length);
	ck_assert_mem_eq(padded.n, plain.n, plain.n_length);
}
END_TEST

START_TEST(a_leading_zero_of_e_is_stripped)
{
	static const uint8_t F4[] = { 1, 0, 1 };
	struct jwk jwk;

	parse_recorded("keyvault RSA-HSM 256-byte n e=AAEAAQ", &jwk);
	ck_assert_uint_eq(jwk.e_length, sizeof(F4));
	ck_assert_mem_eq(jwk.e, F4, sizeof(F4));
}
END_TEST

/* A recorded answer with one member set to other JSON, or taken away (NULL). */
static json_t *changed_answer(const char *name, const char *object, const char *member, const char *value)
{
	json_t *answer = recorded_answer(name);
	json_t *holder = object != NULL ? json_object_get(answer, object) : answer;

	if (value == NULL)
		ck_assert_int_eq(json_object_del(holder, member), 0);
	else
		ck_assert_int_eq(json_object_set_new(holder, member, json_loads(value, JSON_DECODE_ANY, NULL)), 0);
	return answer;
}

START_TEST(a_short_coordinate_is_padded_in_front)
{
	struct jwk jwk;

	ck_assert(parse(changed_answer(P521_ANSWER, "key", "x", "\"AQI\""), &jwk, NULL));
	ck_assert_uint_eq(jwk.x[0], 0);
	ck_assert_uint_eq(jwk.x[63], 0);
	ck_assert_uint_eq(jwk.x[64], 1);
	ck_assert_uint_eq(jwk.x[65], 2);
}
END_TEST

START_TEST(coordinates_are_those_of_the_answer)
{
	json_t *answer = recorded_answer(EC_ANSWER);
	const char *y = text_member(json_object_get(answer, "key"), "y");
	uint8_t expected[32];
	size_t length;
	struct jwk jwk;

	ck_assert(mh_base64url_decode(y, strlen(y), expected, sizeof(expected), &length).ok);
	ck_assert(parse(answer, &jwk, NULL));
	ck_assert_mem_eq(jwk.y, expected, length);
}
END_TEST

static const struct {
	const char *value;
	unsigned operations;
} OPERATIONS[] = {
	{ "[]", 0 },
	{ "[\"sign\"]", JWK_OP_SIGN },
	{ "[\"sign\",\"verify\"]", JWK_OP_SIGN | JWK_OP_VERIFY },
	{ "[\"wrapKey\",\"unwrapKey\",\"encrypt\",\"decrypt\"]",
	  JWK_OP_WRAP_KEY | JWK_OP_UNWRAP_KEY | JWK_OP_ENCRYPT | JWK_OP_DECRYPT },
	{ "[\"deriveKey\",\"sign\",\"what-comes-next\"]", JWK_OP_SIGN },
	{ "[\"sign\",\"sign\"]", JWK_OP_SIGN },
};

START_TEST(key_ops_become_bits_and_unknown_ones_are_left_out)
{
	struct jwk jwk;

	ck_assert(parse(changed_answer(RSA_ANSWER, "key", "key_ops", OPERATIONS[_i].value), &jwk, NULL));
	ck_assert_uint_eq(jwk.operations, OPERATIONS[_i].operations);
}
END_TEST

START_TEST(a_disabled_key_is_seen)
{
	struct jwk jwk;

	ck_assert(parse(changed_answer(RSA_ANSWER, "attributes", "enabled", "false"), &jwk, NULL));
	ck_assert(!jwk.enabled);
}
END_TEST

START_TEST(a_key_without_attributes_is_enabled)
{
	struct jwk jwk;

	ck_assert(parse(changed_answer(RSA_ANSWER, NULL, "attributes", NULL), &jwk, NULL));
	ck_assert(jwk.enabled);
}
END_TEST

START_TEST(unknown_members_do_not_matter)
{
	struct jwk jwk;

	ck_assert(parse(changed_answer(RSA_ANSWER, NULL, "release_policy", "{\"data\":\"x\"}"), &jwk, NULL));
}
END_TEST

/* 32 bytes of ff and one more. */
#define BYTES_33 "\"____________________________________________\""

static const struct {
	const char *answer;
	const char *object;
	const char *member;
	const char *value;
	enum mh_reason reason;
} REFUSED[] = {
	{ RSA_ANSWER, NULL, "key", NULL, MH_R_BAD_ANSWER },
	{ RSA_ANSWER, NULL, "key", "[]", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, NULL, "key", "null", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, NULL, "attributes", "7", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "attributes", "enabled", "\"true\"", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "kid", NULL, MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "kid", "7", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "kid", "\"https://h/keys/k\"", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "kid", "\"https://h/keys/k%2f/0123456789abcdef0123456789abcdef\"", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "kty", NULL, MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "kty", "1", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "kty", "\"AKP-HSM\"", MH_R_UNSUPPORTED_KEY },
	{ RSA_ANSWER, "key", "kty", "\"\"", MH_R_UNSUPPORTED_KEY },
	{ RSA_ANSWER, "key", "key_ops", "\"sign\"", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "key_ops", "[1]", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "n", NULL, MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "n", "5", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "n", "\"\"", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "n", "\"AAAA\"", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "n", "\"not base64url\"", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "n", "\"AQAB\"", MH_R_UNSUPPORTED_KEY }, /* 17 bits */
	{ RSA_ANSWER, "key", "e", NULL, MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "e", "\"AQAB=\"", MH_R_BAD_ANSWER },
	{ RSA_ANSWER, "key", "e", "\"AA\"", MH_R_BAD_ANSWER }, /* 0 */
	{ RSA_ANSWER, "key", "e", "\"AQ\"", MH_R_BAD_ANSWER }, /* 1 */
	{ RSA_ANSWER, "key", "e", "\"Ag\"", MH_R_BAD_ANSWER }, /* 2 */
	{ RSA_ANSWER, "key", "e", "\"AQAA\"", MH_R_BAD_ANSWER }, /* 65536 */
	{ RSA_ANSWER, "key", "e", "\"____________\"", MH_R_BAD_ANSWER }, /* 9 bytes */
	{ EC_ANSWER, "key", "crv", NULL, MH_R_BAD_ANSWER },
	{ EC_ANSWER, "key", "crv", "256", MH_R_BAD_ANSWER },
	{ EC_ANSWER, "key", "crv", "\"P-224\"", MH_R_UNSUPPORTED_KEY },
	{ EC_ANSWER, "key", "crv", "\"\"", MH_R_UNSUPPORTED_KEY },
	{ EC_ANSWER, "key", "x", NULL, MH_R_BAD_ANSWER },
	{ EC_ANSWER, "key", "x", "null", MH_R_BAD_ANSWER },
	{ EC_ANSWER, "key", "x", "\"\"", MH_R_BAD_ANSWER },
	{ EC_ANSWER, "key", "x", BYTES_33, MH_R_BAD_ANSWER },
	{ EC_ANSWER, "key", "y", NULL, MH_R_BAD_ANSWER },
	{ EC_ANSWER, "key", "y", BYTES_33, MH_R_BAD_ANSWER },
	{ EC_ANSWER, "key", "y", "\"AA==\"", MH_R_BAD_ANSWER },
	{ OCT_ANSWER, "attributes", "key_size", "129", MH_R_BAD_ANSWER },
	{ OCT_ANSWER, "attributes", "key_size", "-128", MH_R_BAD_ANSWER },
	{ OCT_ANSWER, "attributes", "key_size", "\"128\"", MH_R_BAD_ANSWER },
};

START_TEST(an_answer_with_one_wrong_member_is_refused)
{
	struct mh_error error = { 0 };
	struct jwk jwk;

	ck_assert_msg(
		!parse(changed_answer(REFUSED[_i].answer, REFUSED[_i].object, REFUSED[_i].member, REFUSED[_i].value),
	               &jwk, &error),
		"accepted: %s = %s", REFUSED[_i].member, REFUSED[_i].value ? REFUSED[_i].value : "(absent)");
	ck_assert_int_eq(error.reason, REFUSED[_i].reason);
}
END_TEST

START_TEST(an_even_modulus_is_refused)
{
	json_t *answer = recorded_answer(RSA_ANSWER);
	json_t *key = json_object_get(answer, "key");
	struct mh_error error = { 0 };
	struct mh_buffer text;
	struct jwk jwk;

	mh_buffer_init(&text, 1000);
	ck_assert(parse(recorded_answer(RSA_ANSWER), &jwk, NULL));
	jwk.n[jwk.n_length - 1] ^= 1;
	ck_assert(mh_base64url_encode((struct mh_span){ jwk.n, jwk.n_length }, &text).ok);
	json_object_set_new(key, "n", json_string(mh_buffer_text(&text)));
	mh_buffer_free(&text);
	ck_assert(!parse(answer, &jwk, &error));
	ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
}
END_TEST

/* An RSA answer whose n is `bytes` bytes of ff behind `zeros` zero bytes. */
static bool parse_modulus(size_t zeros, size_t bytes, struct jwk *jwk)
{
	json_t *answer = recorded_answer(RSA_ANSWER);
	static uint8_t n[8192];
	struct mh_buffer text;

	memset(n, 0, zeros);
	memset(n + zeros, 0xff, bytes);
	mh_buffer_init(&text, 16384);
	ck_assert(mh_base64url_encode((struct mh_span){ n, zeros + bytes }, &text).ok);
	json_object_set_new(json_object_get(answer, "key"), "n", json_string(mh_buffer_text(&text)));
	mh_buffer_free(&text);
	return parse(answer, jwk, NULL);
}

START_TEST(the_longest_modulus_fits)
{
	struct jwk jwk;

	ck_assert(parse_modulus(0, JWK_RSA_MODULUS_MAX, &jwk));
	ck_assert_uint_eq(jwk.size_bits, 8 * JWK_RSA_MODULUS_MAX);
}
END_TEST

START_TEST(a_longer_modulus_is_refused)
{
	struct jwk jwk;

	ck_assert(!parse_modulus(0, JWK_RSA_MODULUS_MAX + 1, &jwk));
	ck_assert(!parse_modulus(0, 4 * JWK_RSA_MODULUS_MAX, &jwk));
}
END_TEST

START_TEST(a_modulus_of_2047_bits_is_refused)
{
	struct jwk jwk;

	ck_assert(parse_modulus(1, 256, &jwk));
	ck_assert(!parse_modulus(1, 255, &jwk));
}
END_TEST

static const char *const NOT_JSON[] = {
	"",
	" ",
	"{",
	"null",
	"[]",
	"7",
	"\"key\"",
	"{}",
	"<html>",
	"{\"key\":{}} trailing",
	"{\"key\":{},\"key\":{}}",
	"{'key':{}}",
	"{\"key\":\"\xff\"}",
};

START_TEST(what_is_no_answer_of_that_form_is_refused)
{
	struct mh_error error = { 0 };
	struct jwk jwk;

	ck_assert(!parse_text(NOT_JSON[_i], &jwk, &error));
	ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
	static char text[200001];
	struct jwk jwk;

	memset(text, '[', sizeof(text) - 1);
	memcpy(text, "{\"key\":", 7);
	ck_assert(!parse_text(text, &jwk, NULL));
}
END_TEST

START_TEST(every_prefix_of_an_answer_is_refused)
{
	json_t *answer = recorded_answer(EC_ANSWER);
	char *text = json_dumps(answer, JSON_COMPACT);
	size_t length = strlen(text);
	struct jwk jwk;

	for (size_t cut = 0; cut < length; cut++) {
		/* A block of exactly that size, so that a read past its end is seen by a memory checker. */
		uint8_t *prefix = malloc(cut + 1);

		memcpy(prefix + 1, text, cut);
		ck_assert(!jwk_parse((struct mh_span){ prefix + 1, cut }, &jwk, NULL).ok);
		free(prefix);
	}
	free(text);
	json_decref(answer);
}
END_TEST

START_TEST(curves_have_the_names_of_the_service)
{
	ck_assert_str_eq(jwk_curve_name(JWK_P256), "P-256");
	ck_assert_str_eq(jwk_curve_name(JWK_P384), "P-384");
	ck_assert_str_eq(jwk_curve_name(JWK_P521), "P-521");
	ck_assert_str_eq(jwk_curve_name(JWK_P256K), "P-256K");
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("jwk");

	tcase_add_loop_test(cases, a_recorded_key_has_its_kind_and_sizes, 0, COUNT(RECORDED));
	tcase_add_loop_test(cases, a_recorded_key_has_the_name_and_version_of_its_kid, 0, COUNT(RECORDED));
	tcase_add_loop_test(cases, a_recorded_key_is_enabled, 0, COUNT(RECORDED));
	tcase_add_test(cases, every_recorded_key_is_expected);
	tcase_add_test(cases, a_recorded_ed25519_key_is_unsupported);
	tcase_add_test(cases, a_leading_zero_of_n_is_stripped);
	tcase_add_test(cases, a_leading_zero_of_e_is_stripped);
	tcase_add_test(cases, a_short_coordinate_is_padded_in_front);
	tcase_add_test(cases, coordinates_are_those_of_the_answer);
	tcase_add_loop_test(cases, key_ops_become_bits_and_unknown_ones_are_left_out, 0, COUNT(OPERATIONS));
	tcase_add_test(cases, a_disabled_key_is_seen);
	tcase_add_test(cases, a_key_without_attributes_is_enabled);
	tcase_add_test(cases, unknown_members_do_not_matter);
	tcase_add_loop_test(cases, an_answer_with_one_wrong_member_is_refused, 0, COUNT(REFUSED));
	tcase_add_test(cases, an_even_modulus_is_refused);
	tcase_add_test(cases, the_longest_modulus_fits);
	tcase_add_test(cases, a_longer_modulus_is_refused);
	tcase_add_test(cases, a_modulus_of_2047_bits_is_refused);
	tcase_add_loop_test(cases, what_is_no_answer_of_that_form_is_refused, 0, COUNT(NOT_JSON));
	tcase_add_test(cases, deep_nesting_is_refused);
	tcase_add_test(cases, every_prefix_of_an_answer_is_refused);
	tcase_add_test(cases, curves_have_the_names_of_the_service);
	return run_suite("jwk", cases);
}
