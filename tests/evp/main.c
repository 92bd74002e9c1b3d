/* SPDX-License-Identifier: Apache-2.0 */
/* Tests through EVP with the module loaded as an application loads it. Needs a running emulator in the environment:
 * eval "$(scripts/emulator start)". */
#include <stdlib.h>

#include "tests/evp/fixture.h"

int main(void)
{
	Suite *suite = suite_create("evp");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tests_sign());
	suite_add_tcase(suite, tests_store());
	suite_add_tcase(suite, tests_certificate());
	suite_add_tcase(suite, tests_key());
	suite_add_tcase(suite, tests_context());
	suite_add_tcase(suite, tests_failure());
	suite_add_tcase(suite, tests_decrypt());
	suite_add_tcase(suite, tests_regression());
	suite_add_tcase(suite, tests_composite());
	suite_add_tcase(suite, tests_rand());
	suite_add_tcase(suite, tests_create());
	suite_add_tcase(suite, tests_skey());
	suite_add_tcase(suite, tests_wrap());
	suite_add_tcase(suite, tests_wrap_unknown_size());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
