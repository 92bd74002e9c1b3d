/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/suite.h"

#include <stdio.h>
#include <stdlib.h>

int run_suite(const char *name, TCase *cases)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, cases);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

json_t *load_vectors(const char *name)
{
	char path[4096];
	json_error_t error;
	json_t *file;
	json_t *vectors;

	snprintf(path, sizeof(path), "%s/%s", VECTORS_DIRECTORY, name);
	file = json_load_file(path, 0, &error);
	if (file == NULL) {
		fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
		exit(EXIT_FAILURE);
	}
	vectors = json_incref(json_object_get(file, "vectors"));
	json_decref(file);
	if (json_array_size(vectors) == 0) {
		fprintf(stderr, "%s: no vectors\n", path);
		exit(EXIT_FAILURE);
	}
	return vectors;
}

const char *text_member(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	ck_assert_msg(text != NULL, "no member \"%s\"", member);
	return text;
}
