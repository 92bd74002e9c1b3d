/* SPDX-License-Identifier: Apache-2.0 */
/* The transport as a guest in someone else's process: threads, fork, OpenSSL's state, signals. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "tests/http/fixture.h"

static const struct scripted_answer fine[] = { { .status = 200, .body = "{}" } };
static const struct scripted_answer slowish[] = { { .status = 200, .body = "{}", .delay_ms = 5 } };

static void *get_often(void *context)
{
	struct fixture *fixture = context;
	struct mh_error error;
	int i;

	for (i = 0; i < 10; i++) {
		if (fixture_get(fixture, 10000, &error) != 200)
			return strdup(error.text);
	}
	return NULL;
}

START_TEST(threads_share_at_most_max_connections)
{
	pthread_t threads[24];
	struct fixture fixture;
	void *failure;
	size_t i;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, slowish);
	for (i = 0; i < 24; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, get_often, &fixture), 0);
	for (i = 0; i < 24; i++) {
		pthread_join(threads[i], &failure);
		ck_assert_msg(failure == NULL, "%s", (char *)failure);
	}
	ck_assert_uint_eq(server_requests(fixture.server), 240);
	ck_assert_uint_le(server_connections_most(fixture.server), 4);
	ck_assert_uint_eq(server_connections(fixture.server), 4);
	fixture_stop(&fixture);
}
END_TEST

static void *get_slowly(void *context)
{
	struct mh_error error;

	(void)fixture_get(context, 3000, &error);
	return NULL;
}

START_TEST(waiting_for_a_connection_ends_at_the_deadline)
{
	static const struct scripted_answer slow[] = { { .status = 200, .body = "{}", .delay_ms = 1000 } };
	struct fixture fixture;
	struct mh_error error;
	pthread_t thread;
	int64_t before;

	fixture_start_server(&fixture, NULL);
	fixture.config.max_connections = 1;
	fixture_start_transport(&fixture);
	SCRIPT(fixture.server, slow);
	ck_assert_int_eq(pthread_create(&thread, NULL, get_slowly, &fixture), 0);
	usleep(200000);
	before = transport_now_ms();
	ck_assert_int_eq(fixture_get(&fixture, 200, &error), 0);
	ck_assert_int_eq(error.reason, MH_R_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(error.text, "all 1 connections"));
	ck_assert_int_le(transport_now_ms() - before, 600);
	pthread_join(thread, NULL);
	ck_assert_int_eq(fixture_get(&fixture, 3000, &error), 200);
	ck_assert_uint_eq(server_connections(fixture.server), 1);
	fixture_stop(&fixture);
}
END_TEST

static int count_descriptors(void)
{
	int descriptor, count = 0;

	for (descriptor = 0; descriptor < 1024; descriptor++) {
		if (dup2(descriptor, descriptor) == descriptor)
			count++;
	}
	return count;
}

/* What a forked worker does; the exit status says what went wrong. */
static int run_child(struct fixture *fixture, bool first_request)
{
	struct mh_error error;
	int before = count_descriptors();

	if (first_request && (fixture_get(fixture, 10000, &error) != 200 || fixture_get(fixture, 10000, &error) != 200))
		return 1;
	transport_free(fixture->transport, false);
	return count_descriptors() < before ? 0 : 2;
}

static void fork_child(struct fixture *fixture, bool first_request)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(run_child(fixture, first_request));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

START_TEST(child_opens_its_own_connection_and_leaves_the_parents_alone)
{
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, fine);
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 200);
	fork_child(&fixture, true);
	ck_assert_uint_eq(server_connections(fixture.server), 2);
	ck_assert_msg(fixture_get(&fixture, 10000, &error) == 200, "%s", error.text);
	ck_assert_uint_eq(server_connections(fixture.server), 2);
	fork_child(&fixture, false);
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 200);
	ck_assert_uint_eq(server_connections(fixture.server), 2);
	ck_assert_uint_eq(server_requests(fixture.server), 5);
	ck_assert_uint_eq(server_unclean_ends(fixture.server), 0);
	fixture_stop(&fixture);
}
END_TEST

/* A daemon closes all descriptors after its fork, and opens files of its own under the same numbers. */
START_TEST(child_does_not_touch_descriptors_that_are_others_now)
{
	struct fixture fixture;
	struct mh_error error;
	pid_t child;
	int status;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, fine);
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 200);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		FILE *file = tmpfile();
		int descriptor;

		for (descriptor = 3; file != NULL && descriptor < 64; descriptor++) {
			if (descriptor != fileno(file))
				dup2(fileno(file), descriptor);
		}
		if (fixture_get(&fixture, 10000, &error) != 200)
			_exit(1);
		for (descriptor = 3; descriptor < 64; descriptor++) {
			struct stat now;

			if (fstat(descriptor, &now) != 0 || !S_ISREG(now.st_mode))
				_exit(2);
		}
		_exit(lseek(fileno(file), 0, SEEK_END) == 0 ? 0 : 3);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 200);
	ck_assert_uint_eq(server_connections(fixture.server), 2);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(children_may_fork_while_threads_work)
{
	pthread_t threads[3];
	struct fixture fixture;
	void *failure;
	size_t i;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, slowish);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, get_often, &fixture), 0);
	for (i = 0; i < 10; i++) {
		pid_t child = fork();

		ck_assert_int_ge(child, 0);
		if (child == 0) {
			alarm(20);
			transport_free(fixture.transport, false);
			_exit(0);
		}
		ck_assert_int_eq(waitpid(child, NULL, 0), child);
	}
	for (i = 0; i < 3; i++) {
		pthread_join(threads[i], &failure);
		ck_assert_msg(failure == NULL, "%s", (char *)failure);
	}
	ck_assert_uint_le(server_connections(fixture.server), 4);
	fixture_stop(&fixture);
}
END_TEST

static void raise_errors(int own_library)
{
	ERR_clear_error();
	ERR_new();
	ERR_set_debug("some file.c", 17, "some_function");
	ERR_set_error(ERR_LIB_EVP, EVP_R_DECODE_ERROR, "with %s", "data");
	ERR_new();
	ERR_set_debug("other.c", 18, NULL);
	ERR_set_error(ERR_LIB_SYS, ENOENT, NULL);
	ERR_new();
	ERR_set_debug("third.c", 19, "f");
	ERR_set_error(own_library, 5 | ERR_R_FATAL, NULL);
}

static void print_errors(char *text, size_t size)
{
	const char *file, *function, *data;
	size_t length = 0;
	unsigned long code;
	int line, flags;

	text[0] = '\0';
	while ((code = ERR_get_error_all(&file, &line, &function, &data, &flags)) != 0)
		length += (size_t)snprintf(text + length, size - length, "%lx %s %d %s %s %x\n", code, file, line,
		                           function, data, (unsigned)flags & ERR_TXT_STRING);
}

START_TEST(error_queue_is_left_as_it_was)
{
	int own_library = ERR_get_next_error_library();
	char before[1000], after[1000];
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, fine);
	ERR_clear_error();
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 200);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	ck_assert_int_eq(fixture_get(&fixture, 0, &error), 0);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	raise_errors(own_library);
	print_errors(before, sizeof(before));
	raise_errors(own_library);
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 200);
	print_errors(after, sizeof(after));
	ck_assert_str_eq(before, after);
	ck_assert_ptr_nonnull(strstr(after, "some file.c 17 some_function with data 2"));
	fixture_stop(&fixture);
}
END_TEST

START_TEST(error_queue_survives_failures_and_clean_up)
{
	char before[1000], after[1000];
	struct fixture fixture;
	struct mh_error error;

	fixture_start_server(&fixture, NULL);
	fixture.config.ca_pem = (struct mh_span){ NULL, 0 };
	fixture_start_transport(&fixture);
	ERR_clear_error();
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 0);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	ERR_raise_data(ERR_LIB_EVP, EVP_R_DECODE_ERROR, "kept");
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 0);
	transport_free(fixture.transport, false);
	fixture.transport = NULL;
	print_errors(after, sizeof(after));
	ck_assert_ptr_nonnull(strstr(after, "error_queue_survives_failures_and_clean_up"));
	ck_assert_ptr_nonnull(strstr(after, "kept"));
	print_errors(before, sizeof(before));
	ck_assert_str_eq(before, "");
	fixture_stop(&fixture);
}
END_TEST

START_TEST(application_library_context_is_neither_used_nor_lost)
{
	OSSL_LIB_CTX *application = OSSL_LIB_CTX_new(), *old;
	OSSL_PROVIDER *nothing;
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, fine);
	nothing = OSSL_PROVIDER_load(application, "null"); /* no algorithm at all: TLS cannot work there */
	ck_assert_ptr_nonnull(nothing);
	old = OSSL_LIB_CTX_set0_default(application);
	ck_assert_msg(fixture_get(&fixture, 10000, &error) == 200, "%s", error.text);
	ck_assert_ptr_eq(OSSL_LIB_CTX_set0_default(NULL), application);
	ck_assert_int_eq(fixture_get(&fixture, 0, &error), 0);
	ck_assert_ptr_eq(OSSL_LIB_CTX_set0_default(NULL), application);
	transport_free(fixture.transport, false);
	fixture.transport = NULL;
	ck_assert_ptr_eq(OSSL_LIB_CTX_set0_default(old), application);
	OSSL_PROVIDER_unload(nothing);
	OSSL_LIB_CTX_free(application);
	fixture_stop(&fixture);
}
END_TEST

static volatile sig_atomic_t sigpipes;

static void count_sigpipe(int signal_number)
{
	(void)signal_number;
	sigpipes++;
}

START_TEST(signals_and_errno_are_left_alone)
{
	struct server_options options = { .idle_ms = 30 };
	struct fixture fixture;
	struct mh_error error;
	sigset_t mask;
	int i;

	fixture_start_server(&fixture, &options);
	fixture_start_transport(&fixture);
	SCRIPT(fixture.server, fine);
	signal(SIGPIPE, count_sigpipe);
	for (i = 0; i < 3; i++) {
		errno = ENOTTY;
		ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 200);
		ck_assert_int_eq(errno, ENOTTY);
		usleep(100000);
	}
	transport_free(fixture.transport, false);
	fixture.transport = NULL;
	sigemptyset(&mask);
	ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
	ck_assert_int_eq(sigismember(&mask, SIGPIPE), 0);
	ck_assert_int_eq(sigpipes, 0);
	signal(SIGPIPE, SIG_IGN);
	fixture_stop(&fixture);
}
END_TEST

START_TEST(stopping_leaves_libcurl_alone)
{
	struct fixture fixture;
	struct mh_error error;

	fixture_start(&fixture, 10000);
	SCRIPT(fixture.server, fine);
	ck_assert_int_eq(fixture_get(&fixture, 10000, &error), 200);
	transport_free(fixture.transport, true);
	fixture.transport = NULL;
	usleep(50000);
	ck_assert_uint_eq(server_connections_open(fixture.server), 1);
	fixture_stop(&fixture);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("process");

	tcase_add_test(cases, threads_share_at_most_max_connections);
	tcase_add_test(cases, waiting_for_a_connection_ends_at_the_deadline);
	tcase_add_test(cases, child_opens_its_own_connection_and_leaves_the_parents_alone);
	tcase_add_test(cases, child_does_not_touch_descriptors_that_are_others_now);
	tcase_add_test(cases, children_may_fork_while_threads_work);
	tcase_add_test(cases, error_queue_is_left_as_it_was);
	tcase_add_test(cases, error_queue_survives_failures_and_clean_up);
	tcase_add_test(cases, application_library_context_is_neither_used_nor_lost);
	tcase_add_test(cases, signals_and_errno_are_left_alone);
	tcase_add_test(cases, stopping_leaves_libcurl_alone);
	return run_cases("process", cases);
}
