/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static char directory[] = "/tmp/mh-test-log-XXXXXX";
static char path[sizeof(directory) + 8];
static struct mh_error error;
static struct mh_log *log_file;

static void make_directory(void)
{
	memcpy(directory + sizeof(directory) - 7, "XXXXXX", 7);
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/log", directory);
	error = (struct mh_error){ 0 };
	log_file = NULL;
}

static void remove_directory(void)
{
	char other[sizeof(path) + 8];

	mh_log_close(log_file);
	unlink(path);
	snprintf(other, sizeof(other), "%s.other", path);
	unlink(other);
	rmdir(directory);
}

/* What the log holds. */
static const char *content(void)
{
	static char text[8192];
	FILE *file = fopen(path, "r");
	size_t length;

	ck_assert_ptr_nonnull(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

static void open_log(enum mh_log_level level)
{
	ck_assert_msg(mh_log_open(level, path, &log_file, &error).ok, "%s", error.text);
}

static void assert_refused(const char *why)
{
	ck_assert(!mh_log_open(MH_LOG_INFO, path, &log_file, &error).ok);
	ck_assert_int_eq(error.reason, MH_R_BAD_CONFIGURATION);
	ck_assert_msg(strstr(error.text, why) != NULL, "\"%s\" does not say \"%s\"", error.text, why);
	ck_assert_ptr_null(log_file);
}

START_TEST(every_level_has_a_name)
{
	static const char *const NAMES[] = { "off", "error", "warn", "info", "debug" };
	enum mh_log_level level;

	ck_assert(mh_log_level_parse(NAMES[_i], &level).ok);
	ck_assert_int_eq(level, _i);
}
END_TEST

START_TEST(other_level_names_are_refused)
{
	enum mh_log_level level;

	ck_assert(!mh_log_level_parse("", &level).ok);
	ck_assert(!mh_log_level_parse("INFO", &level).ok);
	ck_assert(!mh_log_level_parse("infos", &level).ok);
}
END_TEST

START_TEST(level_off_opens_nothing)
{
	ck_assert(mh_log_open(MH_LOG_OFF, path, &log_file, &error).ok);
	ck_assert_ptr_null(log_file);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(no_log_takes_every_call)
{
	ck_assert(!mh_log_enabled(NULL, MH_LOG_ERROR));
	mh_log_write(NULL, MH_LOG_ERROR, "x");
	mh_log_close(NULL);
}
END_TEST

START_TEST(a_new_file_is_readable_by_its_owner_only)
{
	struct stat status;
	mode_t mask = umask(0);

	open_log(MH_LOG_INFO);
	umask(mask);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0600);
}
END_TEST

START_TEST(the_mode_of_an_existing_file_stays)
{
	struct stat status;

	ck_assert_int_ge(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	ck_assert_int_eq(chmod(path, 0640), 0);
	open_log(MH_LOG_INFO);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
}
END_TEST

START_TEST(an_existing_file_is_appended_to)
{
	open_log(MH_LOG_INFO);
	mh_log_write(log_file, MH_LOG_INFO, "first");
	mh_log_close(log_file);
	open_log(MH_LOG_INFO);
	mh_log_write(log_file, MH_LOG_INFO, "second");
	ck_assert_ptr_nonnull(strstr(strstr(content(), "first\n"), "second\n"));
}
END_TEST

START_TEST(a_symbolic_link_is_refused)
{
	char other[sizeof(path) + 8];

	snprintf(other, sizeof(other), "%s.other", path);
	ck_assert_int_eq(symlink(other, path), 0);
	assert_refused("symbolic link");
	ck_assert_int_ne(access(other, F_OK), 0);
}
END_TEST

START_TEST(a_directory_is_refused)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
	assert_refused(path);
	rmdir(path);
}
END_TEST

START_TEST(a_fifo_without_reader_is_refused_without_waiting)
{
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	assert_refused(path);
}
END_TEST

START_TEST(a_fifo_with_reader_is_refused)
{
	int reader;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	assert_refused("regular file");
	close(reader);
}
END_TEST

/* Only root can give a file away. */
START_TEST(another_users_file_is_refused)
{
	if (geteuid() != 0)
		return;
	ck_assert_int_ge(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	ck_assert_int_eq(chown(path, 12345, 12345), 0);
	assert_refused("another user");
}
END_TEST

START_TEST(a_missing_directory_is_named)
{
	rmdir(directory);
	assert_refused(path);
	ck_assert_ptr_nonnull(strstr(error.text, strerror(ENOENT)));
}
END_TEST

START_TEST(the_descriptor_closes_on_exec)
{
	int before = dup(0);
	int flags;

	/* The lowest free number is the one that the log gets. */
	close(before);
	open_log(MH_LOG_INFO);
	flags = fcntl(before, F_GETFD);
	ck_assert_int_ge(flags, 0);
	ck_assert(flags & FD_CLOEXEC);
}
END_TEST

START_TEST(levels_up_to_the_logs_own_are_enabled)
{
	open_log((enum mh_log_level)_i);
	for (int level = MH_LOG_ERROR; level <= MH_LOG_DEBUG; level++)
		ck_assert_int_eq(mh_log_enabled(log_file, (enum mh_log_level)level), level <= _i);
	ck_assert(!mh_log_enabled(log_file, MH_LOG_OFF));
}
END_TEST

START_TEST(a_line_above_the_level_is_not_written)
{
	open_log(MH_LOG_WARN);
	mh_log_write(log_file, MH_LOG_INFO, "too much");
	ck_assert_str_eq(content(), "");
}
END_TEST

START_TEST(a_line_says_time_level_process_and_text)
{
	char expected[64];
	struct tm parsed = { 0 };
	time_t now = time(NULL);
	const char *rest;

	open_log(MH_LOG_INFO);
	mh_log_write(log_file, MH_LOG_WARN, "key %s", "k1");
	rest = strptime(content(), "%Y-%m-%dT%H:%M:%S", &parsed);
	ck_assert_ptr_nonnull(rest);
	ck_assert_int_le(labs((long)(timegm(&parsed) - now)), 5);
	ck_assert_int_eq(rest[0], '.');
	snprintf(expected, sizeof(expected), "Z warn %ld key k1\n", (long)getpid());
	ck_assert_str_eq(rest + 4, expected);
}
END_TEST

START_TEST(a_long_line_is_cut_at_1000_bytes_and_ends_with_a_newline)
{
	const char *text;

	open_log(MH_LOG_INFO);
	mh_log_write(log_file, MH_LOG_INFO, "%03000d", 0);
	text = content();
	ck_assert_uint_eq(strlen(text), 1000);
	ck_assert_int_eq(text[999], '\n');
}
END_TEST

START_TEST(a_long_line_is_not_cut_within_a_character)
{
	char long_text[2001];
	const char *text;
	size_t length;

	for (size_t i = 0; i < sizeof(long_text) - 1; i += 2)
		memcpy(long_text + i, "\xc3\xa9", 2);
	long_text[sizeof(long_text) - 1] = '\0';
	open_log(MH_LOG_INFO);
	/* Of two starts that differ by one byte, one meets the limit within a character. */
	mh_log_write(log_file, MH_LOG_INFO, "%s%s", _i == 0 ? "" : "x", long_text);
	text = content();
	length = strlen(text);
	ck_assert_uint_ge(length, 999);
	ck_assert_mem_eq(text + length - 3, "\xc3\xa9\n", 3);
}
END_TEST

START_TEST(control_characters_cannot_make_a_line)
{
	const char *text;

	open_log(MH_LOG_INFO);
	mh_log_write(log_file, MH_LOG_INFO, "a\nb\r\x1b[31mc\td\xc2\x9b");
	text = content();
	ck_assert_ptr_nonnull(strstr(text, " a b  [31mc d  \n"));
}
END_TEST

START_TEST(errno_stays)
{
	open_log(MH_LOG_INFO);
	errno = EXDEV;
	mh_log_write(log_file, MH_LOG_INFO, "x");
	ck_assert_int_eq(errno, EXDEV);
	mh_log_write(log_file, MH_LOG_DEBUG, "x");
	ck_assert_int_eq(errno, EXDEV);
}
END_TEST

/* A daemon closes all its descriptors at its start; the next connection gets the number of ours. */
START_TEST(a_descriptor_that_became_something_else_is_not_written_to)
{
	int number = dup(0);
	int pipe_ends[2];
	char byte;

	close(number);
	open_log(MH_LOG_INFO);
	ck_assert_int_eq(pipe2(pipe_ends, O_NONBLOCK), 0);
	ck_assert_int_eq(dup2(pipe_ends[1], number), number);
	mh_log_write(log_file, MH_LOG_INFO, "x");
	ck_assert_int_lt(read(pipe_ends[0], &byte, 1), 0);
	mh_log_close(log_file);
	log_file = NULL;
	ck_assert_int_eq(fcntl(number, F_GETFD), 0);
	close(number);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}
END_TEST

START_TEST(no_path_means_standard_error)
{
	int pipe_ends[2];
	int standard_error = dup(STDERR_FILENO);
	char text[200] = "";

	ck_assert_int_eq(pipe(pipe_ends), 0);
	dup2(pipe_ends[1], STDERR_FILENO);
	ck_assert(mh_log_open(MH_LOG_INFO, NULL, &log_file, &error).ok);
	mh_log_write(log_file, MH_LOG_INFO, "to standard error");
	mh_log_close(log_file);
	log_file = NULL;
	ck_assert_int_ge(fcntl(STDERR_FILENO, F_GETFD), 0);
	dup2(standard_error, STDERR_FILENO);
	ck_assert_int_gt(read(pipe_ends[0], text, sizeof(text) - 1), 0);
	ck_assert_ptr_nonnull(strstr(text, " to standard error\n"));
	close(standard_error);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("log");

	tcase_add_checked_fixture(cases, make_directory, remove_directory);
	tcase_add_loop_test(cases, every_level_has_a_name, MH_LOG_OFF, MH_LOG_DEBUG + 1);
	tcase_add_test(cases, other_level_names_are_refused);
	tcase_add_test(cases, level_off_opens_nothing);
	tcase_add_test(cases, no_log_takes_every_call);
	tcase_add_test(cases, a_new_file_is_readable_by_its_owner_only);
	tcase_add_test(cases, the_mode_of_an_existing_file_stays);
	tcase_add_test(cases, an_existing_file_is_appended_to);
	tcase_add_test(cases, a_symbolic_link_is_refused);
	tcase_add_test(cases, a_directory_is_refused);
	tcase_add_test(cases, a_fifo_without_reader_is_refused_without_waiting);
	tcase_add_test(cases, a_fifo_with_reader_is_refused);
	tcase_add_test(cases, another_users_file_is_refused);
	tcase_add_test(cases, a_missing_directory_is_named);
	tcase_add_test(cases, the_descriptor_closes_on_exec);
	tcase_add_loop_test(cases, levels_up_to_the_logs_own_are_enabled, MH_LOG_ERROR, MH_LOG_DEBUG + 1);
	tcase_add_test(cases, a_line_above_the_level_is_not_written);
	tcase_add_test(cases, a_line_says_time_level_process_and_text);
	tcase_add_test(cases, a_long_line_is_cut_at_1000_bytes_and_ends_with_a_newline);
	tcase_add_loop_test(cases, a_long_line_is_not_cut_within_a_character, 0, 2);
	tcase_add_test(cases, control_characters_cannot_make_a_line);
	tcase_add_test(cases, errno_stays);
	tcase_add_test(cases, a_descriptor_that_became_something_else_is_not_written_to);
	tcase_add_test(cases, no_path_means_standard_error);
	return run_suite("log", cases);
}
