/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a secret is cleansed can only be seen in memory that is given back. So this program is linked with
 * --wrap=free, and looks at the block before it is let go.
 */
#include "base/buffer.h"

#include <string.h>

#include "tests/unit/suite.h"

#define SECRET "correct horse battery staple"

void __real_free(void *block);
void __wrap_free(void *block);

static struct {
	const void *block;
	size_t length;
	bool freed;
	bool secret_seen;
} watched;

void __wrap_free(void *block)
{
	if (block != NULL && block == watched.block) {
		watched.freed = true;
		watched.secret_seen = memmem(block, watched.length, SECRET, strlen(SECRET)) != NULL;
		watched.block = NULL;
	}
	__real_free(block);
}

static void watch(const struct mh_buffer *buffer)
{
	watched.block = buffer->data;
	watched.length = buffer->length;
	watched.freed = false;
	watched.secret_seen = false;
}

START_TEST(a_new_buffer_is_an_empty_text)
{
	struct mh_buffer buffer;

	mh_buffer_init(&buffer, 10);
	ck_assert_str_eq(mh_buffer_text(&buffer), "");
	ck_assert_ptr_null(buffer.data);
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(the_maximum_is_reached_exactly)
{
	struct mh_buffer buffer;

	mh_buffer_init(&buffer, 5);
	ck_assert(mh_buffer_append(&buffer, "12345", 5).ok);
	ck_assert_uint_eq(buffer.length, 5);
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(an_append_past_the_maximum_leaves_the_buffer_as_it_was)
{
	struct mh_buffer buffer;

	mh_buffer_init(&buffer, 5);
	ck_assert(mh_buffer_append_text(&buffer, "1234").ok);
	ck_assert(!mh_buffer_append_text(&buffer, "56").ok);
	ck_assert_str_eq(mh_buffer_text(&buffer), "1234");
	ck_assert(mh_buffer_append_text(&buffer, "5").ok);
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(a_format_past_the_maximum_leaves_the_buffer_as_it_was)
{
	struct mh_buffer buffer;

	mh_buffer_init(&buffer, 5);
	ck_assert(mh_buffer_append_text(&buffer, "12").ok);
	ck_assert(!mh_buffer_append_format(&buffer, "%d", 3456).ok);
	ck_assert_str_eq(mh_buffer_text(&buffer), "12");
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(a_length_that_would_overflow_is_refused)
{
	struct mh_buffer buffer;

	mh_buffer_init(&buffer, SIZE_MAX);
	ck_assert(mh_buffer_append_text(&buffer, "abc").ok);
	ck_assert(!mh_buffer_append(&buffer, "x", SIZE_MAX).ok);
	ck_assert(!mh_buffer_append(&buffer, "x", SIZE_MAX - 3).ok);
	ck_assert_str_eq(mh_buffer_text(&buffer), "abc");
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(a_buffer_of_maximum_zero_takes_nothing)
{
	struct mh_buffer buffer;

	mh_buffer_init(&buffer, 0);
	ck_assert(mh_buffer_append(&buffer, "", 0).ok);
	ck_assert(!mh_buffer_append(&buffer, "x", 1).ok);
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(growth_keeps_the_content)
{
	struct mh_buffer buffer;

	mh_buffer_init(&buffer, 100000);
	for (unsigned i = 0; i < 50000; i++) {
		uint8_t byte = (uint8_t)(i * 7);

		ck_assert(mh_buffer_append(&buffer, &byte, 1).ok);
	}
	ck_assert_uint_eq(buffer.length, 50000);
	for (unsigned i = 0; i < 50000; i++)
		ck_assert_uint_eq(buffer.data[i], (uint8_t)(i * 7));
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(a_zero_byte_follows_the_content)
{
	struct mh_buffer buffer;

	mh_buffer_init(&buffer, 1000);
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert(mh_buffer_append(&buffer, "\xff", 1).ok);
		ck_assert_uint_eq(buffer.data[buffer.length], 0);
	}
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(format_appends_to_what_is_there)
{
	struct mh_buffer buffer;

	mh_buffer_init(&buffer, 1000);
	ck_assert(mh_buffer_append_format(&buffer, "%s-%d", "a", 1).ok);
	ck_assert(mh_buffer_append_format(&buffer, "/%0200d", 2).ok);
	ck_assert_uint_eq(buffer.length, 3 + 201);
	ck_assert(strncmp(mh_buffer_text(&buffer), "a-1/000", 7) == 0);
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(an_empty_format_is_an_empty_text)
{
	struct mh_buffer buffer;

	mh_buffer_init(&buffer, 10);
	ck_assert(mh_buffer_append_format(&buffer, "%s", "").ok);
	ck_assert_str_eq(mh_buffer_text(&buffer), "");
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(clear_keeps_the_memory)
{
	struct mh_buffer buffer;
	const uint8_t *data;

	mh_buffer_init(&buffer, 100);
	ck_assert(mh_buffer_append_text(&buffer, "abc").ok);
	data = buffer.data;
	mh_buffer_clear(&buffer);
	ck_assert_str_eq(mh_buffer_text(&buffer), "");
	ck_assert_ptr_eq(buffer.data, data);
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(a_freed_buffer_is_usable_with_the_same_maximum)
{
	struct mh_buffer buffer;

	mh_buffer_init(&buffer, 4);
	ck_assert(mh_buffer_append_text(&buffer, "abcd").ok);
	mh_buffer_free(&buffer);
	ck_assert(!mh_buffer_append_text(&buffer, "abcde").ok);
	ck_assert(mh_buffer_append_text(&buffer, "efgh").ok);
	ck_assert_str_eq(mh_buffer_text(&buffer), "efgh");
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(clear_cleanses_a_secret)
{
	struct mh_buffer buffer;

	mh_buffer_init_secret(&buffer, 100);
	ck_assert(mh_buffer_append_text(&buffer, SECRET).ok);
	mh_buffer_clear(&buffer);
	for (size_t i = 0; i <= buffer.capacity; i++)
		ck_assert_uint_eq(buffer.data[i], 0);
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(free_cleanses_a_secret)
{
	struct mh_buffer buffer;

	mh_buffer_init_secret(&buffer, 100);
	ck_assert(mh_buffer_append_text(&buffer, SECRET).ok);
	watch(&buffer);
	mh_buffer_free(&buffer);
	ck_assert(watched.freed && !watched.secret_seen);
}
END_TEST

START_TEST(growth_cleanses_a_secret)
{
	struct mh_buffer buffer;

	mh_buffer_init_secret(&buffer, 100000);
	ck_assert(mh_buffer_append_text(&buffer, SECRET).ok);
	watch(&buffer);
	ck_assert(mh_buffer_append_format(&buffer, "%010000d", 0).ok);
	ck_assert(watched.freed && !watched.secret_seen);
	mh_buffer_free(&buffer);
}
END_TEST

START_TEST(an_ordinary_buffer_is_not_cleansed_so_the_watch_can_see)
{
	struct mh_buffer buffer;

	mh_buffer_init(&buffer, 100);
	ck_assert(mh_buffer_append_text(&buffer, SECRET).ok);
	watch(&buffer);
	mh_buffer_free(&buffer);
	ck_assert(watched.freed && watched.secret_seen);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("buffer");

	tcase_add_test(cases, a_new_buffer_is_an_empty_text);
	tcase_add_test(cases, the_maximum_is_reached_exactly);
	tcase_add_test(cases, an_append_past_the_maximum_leaves_the_buffer_as_it_was);
	tcase_add_test(cases, a_format_past_the_maximum_leaves_the_buffer_as_it_was);
	tcase_add_test(cases, a_length_that_would_overflow_is_refused);
	tcase_add_test(cases, a_buffer_of_maximum_zero_takes_nothing);
	tcase_add_test(cases, growth_keeps_the_content);
	tcase_add_test(cases, a_zero_byte_follows_the_content);
	tcase_add_test(cases, format_appends_to_what_is_there);
	tcase_add_test(cases, an_empty_format_is_an_empty_text);
	tcase_add_test(cases, clear_keeps_the_memory);
	tcase_add_test(cases, a_freed_buffer_is_usable_with_the_same_maximum);
	tcase_add_test(cases, clear_cleanses_a_secret);
	tcase_add_test(cases, free_cleanses_a_secret);
	tcase_add_test(cases, growth_cleanses_a_secret);
	tcase_add_test(cases, an_ordinary_buffer_is_not_cleansed_so_the_watch_can_see);
	return run_suite("buffer", cases);
}
