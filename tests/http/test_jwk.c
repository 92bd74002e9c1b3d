/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as the service describes them. */
#include <stdio.h>
#include <string.h>

#include "base/base64url.h"
#include "http/jwk.h"
#include "tests/http/fixture.h"

#define KID "\"kid\":\"https://x.test/keys/Name-1/" TEST_VERSION "\""
#define X32 "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"

static mh_result parse(const char *text, struct jwk *jwk, struct mh_error *error)
{
	memset(error, 0, sizeof(*error));
	return jwk_parse((struct mh_span){ (const uint8_t *)text, strlen(text) }, jwk, error);
}

/* An RSA key whose n is zeros bytes of 0, then 0x80.. of length bytes, last byte as given. */
static void write_rsa(char *json, size_t size, size_t zeros, size_t length, uint8_t last, const char *e)
{
	uint8_t n[1200] = { 0 };
	struct mh_buffer text;

	memset(n + zeros, 0xa5, length);
	n[zeros + length - 1] = last;
	mh_buffer_init(&text, 4096);
	ck_assert(mh_base64url_encode((struct mh_span){ n, zeros + length }, &text).ok);
	snprintf(json, size, "{\"key\":{" KID ",\"kty\":\"RSA-HSM\",\"e\":\"%s\",\"n\":\"%s\"}}", e,
	         mh_buffer_text(&text));
	mh_buffer_free(&text);
}

START_TEST(rsa_leading_zeros_are_stripped)
{
	char json[3000];
	struct mh_error error;
	struct jwk jwk;

	write_rsa(json, sizeof(json), 1, 256, 1, "AAEAAQ");
	ck_assert_msg(parse(json, &jwk, &error).ok, "%s", error.text);
	ck_assert_int_eq(jwk.kind, JWK_RSA);
	ck_assert_uint_eq(jwk.n_length, 256);
	ck_assert_uint_eq(jwk.size_bits, 2048);
	ck_assert_uint_eq(jwk.e_length, 3);
	ck_assert_mem_eq(jwk.e, "\1\0\1", 3);
	ck_assert_str_eq(jwk.key, "Name-1");
	ck_assert_str_eq(jwk.version, TEST_VERSION);
	ck_assert(jwk.enabled);
}
END_TEST

START_TEST(unfit_rsa_keys_are_refused)
{
	static const struct {
		size_t length;
		uint8_t last;
		const char *e;
		enum mh_reason reason;
	} cases[] = {
		{ 255, 1, "AQAB", MH_R_UNSUPPORTED_KEY },    { 256, 2, "AQAB", MH_R_BAD_ANSWER },
		{ 256, 1, "Ag", MH_R_BAD_ANSWER },           { 256, 1, "AQ", MH_R_BAD_ANSWER },
		{ 256, 1, "AA", MH_R_BAD_ANSWER },           { 256, 1, "", MH_R_BAD_ANSWER },
		{ 1025, 1, "AQAB", MH_R_BAD_ANSWER },        { 256, 1, "AQ==", MH_R_BAD_ANSWER },
		{ 256, 1, "AQEBAQEBAQEB", MH_R_BAD_ANSWER },
	};
	struct mh_error error;
	char json[3000];
	struct jwk jwk;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_rsa(json, sizeof(json), 0, cases[i].length, cases[i].last, cases[i].e);
		ck_assert_msg(!parse(json, &jwk, &error).ok, "case %zu", i);
		ck_assert_msg(error.reason == cases[i].reason, "case %zu: %s", i, error.text);
	}
	write_rsa(json, sizeof(json), 8, 1024, 1, "AQAB");
	ck_assert(parse(json, &jwk, &error).ok);
	ck_assert_uint_eq(jwk.size_bits, 8192);
}
END_TEST

START_TEST(ec_coordinates_have_the_field_width)
{
	struct mh_error error;
	struct jwk jwk;

	ck_assert(parse("{\"key\":{" KID ",\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AQ\",\"y\":\"" X32 "\"}}", &jwk,
	                &error)
	                  .ok);
	ck_assert_int_eq(jwk.kind, JWK_EC);
	ck_assert_int_eq(jwk.curve, JWK_P521);
	ck_assert_str_eq(jwk_curve_name(jwk.curve), "P-521");
	ck_assert_uint_eq(jwk.size_bits, 521);
	ck_assert_uint_eq(jwk.field_length, 66);
	ck_assert_uint_eq(jwk.x[65], 1);
	ck_assert_uint_eq(jwk.x[64], 0);
	ck_assert_uint_eq(jwk.y[34], 1);
	ck_assert_uint_eq(jwk.y[65], 0x20);
	ck_assert(!parse("{\"key\":{" KID ",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X32
	                 "\",\"y\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAh\"}}",
	                 &jwk, &error)
	                   .ok);
	ck_assert_int_eq(error.reason, MH_R_BAD_ANSWER);
}
END_TEST

START_TEST(attributes_and_operations_are_read)
{
	struct mh_error error;
	struct jwk jwk;

	ck_assert(parse("{\"attributes\":{\"enabled\":false,\"key_size\":256},\"key\":{" KID
	                ",\"kty\":\"oct-HSM\",\"key_ops\":[\"wrapkey\",\"unwrapKey\",\"deriveKey\",\"SIGN\"]}}",
	                &jwk, &error)
	                  .ok);
	ck_assert_int_eq(jwk.kind, JWK_OCT);
	ck_assert(!jwk.enabled);
	ck_assert_uint_eq(jwk.size_bits, 256);
	ck_assert_uint_eq(jwk.operations, JWK_OP_WRAP_KEY | JWK_OP_UNWRAP_KEY | JWK_OP_SIGN);
	ck_assert(parse("{\"key\":{" KID ",\"kty\":\"oct\"}}", &jwk, &error).ok);
	ck_assert_uint_eq(jwk.size_bits, 0);
	ck_assert_uint_eq(jwk.operations, 0);
}
END_TEST

START_TEST(malformed_keys_are_refused)
{
	static const struct {
		const char *json;
		enum mh_reason reason;
	} cases[] = {
		{ "", MH_R_BAD_ANSWER },
		{ "{}", MH_R_BAD_ANSWER },
		{ "{\"key\":[]}", MH_R_BAD_ANSWER },
		{ "{\"key\":{\"kty\":\"oct\"}}", MH_R_BAD_ANSWER },
		{ "{\"key\":{\"kid\":7,\"kty\":\"oct\"}}", MH_R_BAD_ANSWER },
		{ "{\"key\":{\"kid\":\"https://x.test/keys/k\",\"kty\":\"oct\"}}", MH_R_BAD_ANSWER },
		{ "{\"key\":{" KID "}}", MH_R_BAD_ANSWER },
		{ "{\"key\":{" KID ",\"kty\":[]}}", MH_R_BAD_ANSWER },
		{ "{\"key\":{" KID ",\"kty\":\"AKP\"}}", MH_R_UNSUPPORTED_KEY },
		{ "{\"key\":{" KID ",\"kty\":\"EC\"}}", MH_R_BAD_ANSWER },
		{ "{\"key\":{" KID ",\"kty\":\"EC\",\"crv\":\"P-192\",\"x\":\"AQ\",\"y\":\"AQ\"}}",
		  MH_R_UNSUPPORTED_KEY },
		{ "{\"key\":{" KID ",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\",\"y\":\"AQ\"}}", MH_R_BAD_ANSWER },
		{ "{\"key\":{" KID ",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":1}}", MH_R_BAD_ANSWER },
		{ "{\"key\":{" KID ",\"kty\":\"oct\",\"key_ops\":{}}}", MH_R_BAD_ANSWER },
		{ "{\"key\":{" KID ",\"kty\":\"oct\",\"key_ops\":[1]}}", MH_R_BAD_ANSWER },
		{ "{\"attributes\":{\"enabled\":1},\"key\":{" KID ",\"kty\":\"oct\"}}", MH_R_BAD_ANSWER },
		{ "{\"attributes\":[],\"key\":{" KID ",\"kty\":\"oct\"}}", MH_R_BAD_ANSWER },
		{ "{\"attributes\":{\"key_size\":\"x\"},\"key\":{" KID ",\"kty\":\"oct\"}}", MH_R_BAD_ANSWER },
		{ "{\"key\":{" KID "," KID ",\"kty\":\"oct\"}}", MH_R_BAD_ANSWER },
		{ "{\"key\":{" KID ",\"kty\":\"oct\\u0000\"}}", MH_R_BAD_ANSWER },
		{ "{\"key\":{" KID ",\"kty\":\"oct\"}}{}", MH_R_BAD_ANSWER },
	};
	struct mh_error error;
	struct jwk jwk;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(!parse(cases[i].json, &jwk, &error).ok, "%s", cases[i].json);
		ck_assert_msg(error.reason == cases[i].reason, "%s: %s", cases[i].json, error.text);
	}
}
END_TEST

START_TEST(every_truncation_is_refused)
{
	char json[3000];
	struct mh_error error;
	struct jwk jwk;
	size_t i;

	write_rsa(json, sizeof(json), 0, 256, 1, "AQAB");
	for (i = 0; json[i] != '\0'; i++)
		ck_assert(!jwk_parse((struct mh_span){ (const uint8_t *)json, i }, &jwk, &error).ok);
	ck_assert(jwk_parse((struct mh_span){ (const uint8_t *)json, i }, &jwk, &error).ok);
	ck_assert(!jwk_parse((struct mh_span){ (const uint8_t *)json, i + 1 }, &jwk, &error).ok); /* with its NUL */
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("jwk");

	tcase_add_test(cases, rsa_leading_zeros_are_stripped);
	tcase_add_test(cases, unfit_rsa_keys_are_refused);
	tcase_add_test(cases, ec_coordinates_have_the_field_width);
	tcase_add_test(cases, attributes_and_operations_are_read);
	tcase_add_test(cases, malformed_keys_are_refused);
	tcase_add_test(cases, every_truncation_is_refused);
	return run_cases("jwk", cases);
}
