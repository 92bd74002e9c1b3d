/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64url.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

static const struct {
	const char *bytes;
	const char *text;
} RFC4648_VECTORS[] = {
	{ "", "" },           { "f", "Zg" },          { "fo", "Zm8" },          { "foo", "Zm9v" },
	{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" },
};

#define RFC4648_COUNT (sizeof(RFC4648_VECTORS) / sizeof(RFC4648_VECTORS[0]))

static struct mh_span span_of(const char *text)
{
	return (struct mh_span){ (const uint8_t *)text, strlen(text) };
}

START_TEST(rfc_4648_vector_encodes)
{
	struct mh_buffer out;

	mh_buffer_init(&out, 64);
	ck_assert(mh_base64url_encode(span_of(RFC4648_VECTORS[_i].bytes), &out).ok);
	ck_assert_str_eq(mh_buffer_text(&out), RFC4648_VECTORS[_i].text);
	mh_buffer_free(&out);
}
END_TEST

START_TEST(rfc_4648_vector_decodes)
{
	const char *text = RFC4648_VECTORS[_i].text;
	uint8_t out[16];
	size_t written = 99;

	ck_assert(mh_base64url_decode(text, strlen(text), out, sizeof(out), &written).ok);
	ck_assert_uint_eq(written, strlen(RFC4648_VECTORS[_i].bytes));
	ck_assert_mem_eq(out, RFC4648_VECTORS[_i].bytes, written);
}
END_TEST

START_TEST(length_is_what_encode_writes)
{
	uint8_t bytes[200] = { 0 };

	for (size_t length = 0; length <= sizeof(bytes); length++) {
		struct mh_buffer out;

		mh_buffer_init(&out, 300);
		ck_assert(mh_base64url_encode((struct mh_span){ bytes, length }, &out).ok);
		ck_assert_uint_eq(out.length, mh_base64url_length(length));
		mh_buffer_free(&out);
	}
}
END_TEST

START_TEST(every_single_byte_round_trips)
{
	for (unsigned byte = 0; byte < 256; byte++) {
		uint8_t in = (uint8_t)byte;
		uint8_t back = (uint8_t)~in;
		size_t written;
		struct mh_buffer out;

		mh_buffer_init(&out, 2);
		ck_assert(mh_base64url_encode((struct mh_span){ &in, 1 }, &out).ok);
		ck_assert(mh_base64url_decode(mh_buffer_text(&out), out.length, &back, 1, &written).ok);
		ck_assert_uint_eq(back, in);
		mh_buffer_free(&out);
	}
}
END_TEST

START_TEST(alphabet_is_that_of_rfc_4648_section_5)
{
	static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint8_t bytes[48];
	size_t written;
	struct mh_buffer out;

	mh_buffer_init(&out, 64);
	ck_assert(mh_base64url_decode(ALPHABET, 64, bytes, sizeof(bytes), &written).ok);
	ck_assert(mh_base64url_encode((struct mh_span){ bytes, written }, &out).ok);
	ck_assert_str_eq(mh_buffer_text(&out), ALPHABET);
	mh_buffer_free(&out);
}
END_TEST

/* By the definition of the alphabet, not by ranges. */
static bool in_alphabet(int c)
{
	return c != 0 && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", c) != NULL;
}

START_TEST(every_byte_outside_the_alphabet_is_refused_in_every_place)
{
	for (int c = 0; c < 256; c++) {
		for (size_t place = 0; place < 4; place++) {
			char text[4] = { 'A', 'A', 'A', 'A' };
			uint8_t out[3];
			size_t written;

			text[place] = (char)c;
			ck_assert_int_eq(mh_base64url_decode(text, 4, out, sizeof(out), &written).ok, in_alphabet(c));
		}
	}
}
END_TEST

static const char *const REFUSED[] = {
	"A", /* 6 bits are no byte */
	"AAAAA",  "Zg==",    "Zm8=",  "Zm9v=",  "=",     "Zh", /* stray bits: 4 in the last character */
	"Zm9", /* stray bits: 2 in the last character */
	"Zm9vYn", "Zm9vYmF", "Zm 9v", "Zm9v\n", " Zm9v", "Zm+v", "Zm/v", "Zm.v",
};

START_TEST(malformed_text_is_refused)
{
	uint8_t out[16];
	size_t written;

	ck_assert(!mh_base64url_decode(REFUSED[_i], strlen(REFUSED[_i]), out, sizeof(out), &written).ok);
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
	uint8_t out[3] = { 0 };
	size_t written;

	ck_assert(mh_base64url_decode("Zm9v", 4, out, 3, &written).ok);
	ck_assert(!mh_base64url_decode("Zm9v", 4, out, 2, &written).ok);
	ck_assert(!mh_base64url_decode("Zg", 2, out, 0, &written).ok);
}
END_TEST

START_TEST(decode_stays_within_its_bounds)
{
	uint8_t out[4] = { 0xee, 0xee, 0xee, 0xee };
	size_t written;

	ck_assert(mh_base64url_decode("Zm8", 3, out, 3, &written).ok);
	ck_assert_uint_eq(out[2], 0xee);
}
END_TEST

START_TEST(written_stays_as_it_was_on_failure)
{
	uint8_t out[4];
	size_t written = 77;

	ck_assert(!mh_base64url_decode("Z*", 2, out, sizeof(out), &written).ok);
	ck_assert_uint_eq(written, 77);
}
END_TEST

START_TEST(empty_text_needs_no_memory)
{
	size_t written = 77;

	ck_assert(mh_base64url_decode("", 0, NULL, 0, &written).ok);
	ck_assert_uint_eq(written, 0);
}
END_TEST

START_TEST(encoding_appends)
{
	struct mh_buffer out;

	mh_buffer_init(&out, 64);
	ck_assert(mh_buffer_append_text(&out, "sig=").ok);
	ck_assert(mh_base64url_encode(span_of("foo"), &out).ok);
	ck_assert_str_eq(mh_buffer_text(&out), "sig=Zm9v");
	mh_buffer_free(&out);
}
END_TEST

START_TEST(encoding_past_the_maximum_leaves_the_buffer_as_it_was)
{
	struct mh_buffer out;

	mh_buffer_init(&out, 6);
	ck_assert(mh_buffer_append_text(&out, "abc").ok);
	ck_assert(!mh_base64url_encode(span_of("foo"), &out).ok);
	ck_assert_str_eq(mh_buffer_text(&out), "abc");
	ck_assert_uint_eq(out.length, 3);
	mh_buffer_free(&out);
}
END_TEST

START_TEST(an_impossible_length_is_refused_before_it_overflows)
{
	uint8_t byte = 0;
	struct mh_buffer out;

	mh_buffer_init(&out, SIZE_MAX);
	ck_assert(!mh_base64url_encode((struct mh_span){ &byte, SIZE_MAX }, &out).ok);
	ck_assert_uint_eq(out.length, 0);
	mh_buffer_free(&out);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("base64url");

	tcase_add_loop_test(cases, rfc_4648_vector_encodes, 0, (int)RFC4648_COUNT);
	tcase_add_loop_test(cases, rfc_4648_vector_decodes, 0, (int)RFC4648_COUNT);
	tcase_add_test(cases, length_is_what_encode_writes);
	tcase_add_test(cases, every_single_byte_round_trips);
	tcase_add_test(cases, alphabet_is_that_of_rfc_4648_section_5);
	tcase_add_test(cases, every_byte_outside_the_alphabet_is_refused_in_every_place);
	tcase_add_loop_test(cases, malformed_text_is_refused, 0, (int)(sizeof(REFUSED) / sizeof(REFUSED[0])));
	tcase_add_test(cases, what_does_not_fit_is_refused);
	tcase_add_test(cases, decode_stays_within_its_bounds);
	tcase_add_test(cases, written_stays_as_it_was_on_failure);
	tcase_add_test(cases, empty_text_needs_no_memory);
	tcase_add_test(cases, encoding_appends);
	tcase_add_test(cases, encoding_past_the_maximum_leaves_the_buffer_as_it_was);
	tcase_add_test(cases, an_impossible_length_is_refused_before_it_overflows);
	return run_suite("base64url", cases);
}
