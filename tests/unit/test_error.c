/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <string.h>

#include "tests/unit/suite.h"

static struct mh_error error;

static void clear_error(void)
{
	error = (struct mh_error){ 0 };
}

/* Text of that many bytes. */
static const char *repeat(const char *unit, size_t bytes)
{
	static char text[4096];
	size_t length = strlen(unit);

	for (size_t i = 0; i < bytes; i++)
		text[i] = unit[i % length];
	text[bytes] = '\0';
	return text;
}

START_TEST(fail_answers_failure)
{
	ck_assert(!mh_fail(&error, MH_R_NOT_FOUND, "no").ok);
	ck_assert(!mh_fail(NULL, MH_R_NOT_FOUND, "no").ok);
}
END_TEST

START_TEST(fail_sets_reason_and_text)
{
	mh_fail(&error, MH_R_NOT_FOUND, "key %s, HTTP %d", "k1", 404);
	ck_assert_int_eq(error.reason, MH_R_NOT_FOUND);
	ck_assert_str_eq(error.text, "key k1, HTTP 404");
}
END_TEST

START_TEST(fail_leaves_the_other_members)
{
	error.http_status = 404;
	memcpy(error.service_code, "KeyNotFound", sizeof("KeyNotFound"));
	memcpy(error.request_id, "id", sizeof("id"));
	mh_fail(&error, MH_R_NOT_FOUND, "x");
	ck_assert_int_eq(error.http_status, 404);
	ck_assert_str_eq(error.service_code, "KeyNotFound");
	ck_assert_str_eq(error.request_id, "id");
}
END_TEST

START_TEST(long_text_is_cut_at_the_size_of_the_member)
{
	mh_fail(&error, MH_R_SERVICE, "%s", repeat("x", 3000));
	ck_assert_uint_eq(strlen(error.text), sizeof(error.text) - 1);
}
END_TEST

START_TEST(text_is_not_cut_within_a_utf_8_character)
{
	/* 1023 bytes are room for 511 characters of two bytes, 341 of three and 255 of four. */
	static const struct {
		const char *character;
		size_t kept;
	} CASES[] = { { "\xc3\xa9", 1022 }, { "\xe2\x82\xac", 1023 }, { "\xf0\x9f\x94\x91", 1020 } };

	mh_fail(&error, MH_R_SERVICE, "%s", repeat(CASES[_i].character, 2400));
	ck_assert_uint_eq(strlen(error.text), CASES[_i].kept);
}
END_TEST

START_TEST(text_that_is_not_utf_8_is_cut_near_the_limit)
{
	mh_fail(&error, MH_R_SERVICE, "%s", repeat("\x80", 3000));
	ck_assert_uint_eq(strlen(error.text), sizeof(error.text) - 1);
	mh_fail(&error, MH_R_SERVICE, "%s", repeat("\xf0", 3000));
	ck_assert_uint_ge(strlen(error.text), sizeof(error.text) - 4);
}
END_TEST

START_TEST(every_control_character_becomes_a_space)
{
	mh_fail(&error, MH_R_SERVICE, "a%cb", _i);
	ck_assert_str_eq(error.text, "a b");
}
END_TEST

START_TEST(del_and_c1_controls_become_spaces)
{
	mh_fail(&error, MH_R_SERVICE,
	        "a\x7f"
	        "b\xc2\x9b"
	        "31mc\xc2\x80");
	ck_assert_str_eq(error.text, "a b  31mc  ");
}
END_TEST

START_TEST(other_utf_8_stays)
{
	mh_fail(&error, MH_R_SERVICE, "Schl\xc3\xbcssel \xe2\x82\xac \xc2\xa0");
	ck_assert_str_eq(error.text, "Schl\xc3\xbcssel \xe2\x82\xac \xc2\xa0");
}
END_TEST

START_TEST(arguments_may_be_the_text_itself)
{
	mh_fail(&error, MH_R_SERVICE, "inner");
	mh_fail(&error, MH_R_SERVICE, "outer (%s)", error.text);
	ck_assert_str_eq(error.text, "outer (inner)");
}
END_TEST

START_TEST(prefix_goes_before_the_text)
{
	mh_fail(&error, MH_R_TIMEOUT, "timed out");
	mh_error_prefix(&error, "sign with %s", "k1");
	ck_assert_str_eq(error.text, "sign with k1: timed out");
	ck_assert_int_eq(error.reason, MH_R_TIMEOUT);
}
END_TEST

START_TEST(prefix_of_a_full_text_cuts_its_end)
{
	mh_fail(&error, MH_R_TIMEOUT, "%s", repeat("x", 3000));
	mh_error_prefix(&error, "p");
	ck_assert_uint_eq(strlen(error.text), sizeof(error.text) - 1);
	ck_assert(strncmp(error.text, "p: xxx", 6) == 0);
}
END_TEST

START_TEST(a_prefix_as_long_as_the_text_member_fits)
{
	mh_fail(&error, MH_R_TIMEOUT, "inner");
	mh_error_prefix(&error, "%s", repeat("p", 3000));
	ck_assert_uint_eq(strlen(error.text), sizeof(error.text) - 1);
}
END_TEST

START_TEST(append_goes_behind_the_text)
{
	mh_fail(&error, MH_R_FORBIDDEN, "forbidden");
	mh_error_append(&error, "; role %s\n", "needed");
	ck_assert_str_eq(error.text, "forbidden; role needed ");
}
END_TEST

START_TEST(append_to_a_full_text_changes_nothing)
{
	mh_fail(&error, MH_R_FORBIDDEN, "%s", repeat("x", 3000));
	mh_error_append(&error, "more");
	ck_assert_str_eq(error.text, repeat("x", sizeof(error.text) - 1));
}
END_TEST

START_TEST(append_is_cut_where_it_fits_between_characters)
{
	mh_fail(&error, MH_R_FORBIDDEN, "%s", repeat("x", sizeof(error.text) - 2));
	mh_error_append(&error, "\xc3\xa9");
	ck_assert_str_eq(error.text, repeat("x", sizeof(error.text) - 2));
}
END_TEST

START_TEST(no_error_struct_is_fine)
{
	mh_error_prefix(NULL, "x");
	mh_error_append(NULL, "x");
}
END_TEST

START_TEST(every_reason_has_a_text_of_its_own)
{
	const char *text = mh_reason_text((enum mh_reason)_i);

	ck_assert_uint_gt(strlen(text), 0);
	for (int other = 0; other < _i; other++)
		ck_assert_str_ne(text, mh_reason_text((enum mh_reason)other));
}
END_TEST

START_TEST(a_number_that_is_no_reason_has_a_text)
{
	ck_assert_str_eq(mh_reason_text(MH_R_COUNT), "unknown reason");
	ck_assert_str_eq(mh_reason_text((enum mh_reason)12345), "unknown reason");
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("error");

	tcase_add_checked_fixture(cases, clear_error, NULL);
	tcase_add_test(cases, fail_answers_failure);
	tcase_add_test(cases, fail_sets_reason_and_text);
	tcase_add_test(cases, fail_leaves_the_other_members);
	tcase_add_test(cases, long_text_is_cut_at_the_size_of_the_member);
	tcase_add_loop_test(cases, text_is_not_cut_within_a_utf_8_character, 0, 3);
	tcase_add_test(cases, text_that_is_not_utf_8_is_cut_near_the_limit);
	tcase_add_loop_test(cases, every_control_character_becomes_a_space, 1, 32);
	tcase_add_test(cases, del_and_c1_controls_become_spaces);
	tcase_add_test(cases, other_utf_8_stays);
	tcase_add_test(cases, arguments_may_be_the_text_itself);
	tcase_add_test(cases, prefix_goes_before_the_text);
	tcase_add_test(cases, prefix_of_a_full_text_cuts_its_end);
	tcase_add_test(cases, a_prefix_as_long_as_the_text_member_fits);
	tcase_add_test(cases, append_goes_behind_the_text);
	tcase_add_test(cases, append_to_a_full_text_changes_nothing);
	tcase_add_test(cases, append_is_cut_where_it_fits_between_characters);
	tcase_add_test(cases, no_error_struct_is_fine);
	tcase_add_loop_test(cases, every_reason_has_a_text_of_its_own, 0, MH_R_COUNT);
	tcase_add_test(cases, a_number_that_is_no_reason_has_a_text);
	return run_suite("error", cases);
}
