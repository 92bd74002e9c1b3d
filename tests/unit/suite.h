/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test program shares: running its cases and reading the recorded vectors. */
#ifndef MH_TESTS_UNIT_SUITE_H
#define MH_TESTS_UNIT_SUITE_H

#include <check.h>
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Runs the cases, prints check's report, and returns what main() returns. */
int run_suite(const char *name, TCase *cases);

/* The array "vectors" of tests/vectors/<name>, as a new reference; exits when it cannot be read. */
json_t *load_vectors(const char *name);

/* The text of a member that must be there. */
const char *text_member(const json_t *object, const char *member);

#endif
