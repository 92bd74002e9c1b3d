/* SPDX-License-Identifier: Apache-2.0 */
/* Error answers of the real service -> what a person reads. */
#include "http/service_error.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define REQUEST_ID "00000000-1111-2222-3333-444444444444"

static const struct {
	const char *name;
	enum mh_reason reason;
	const char *service_code;
} RECORDED[] = {
	{ "managedhsm 400 BadParameter", MH_R_SERVICE, "BadParameter" },
	{ "managedhsm 400 MalformedBackupBlob", MH_R_SERVICE, "MalformedBackupBlob" },
	{ "managedhsm 400 NotSupported", MH_R_SERVICE, "NotSupported" },
	{ "managedhsm 401 Unauthorized", MH_R_UNAUTHORIZED, "Unauthorized" },
	{ "managedhsm 404 KeyNotFound", MH_R_NOT_FOUND, "KeyNotFound" },
	{ "keyvault 400 BadParameter", MH_R_SERVICE, "BadParameter" },
	{ "keyvault 400 Malformed backup blob", MH_R_SERVICE, "Malformed backup blob" },
	{ "keyvault 401 Unauthorized", MH_R_UNAUTHORIZED, "Unauthorized" },
	{ "keyvault 403 Forbidden KeyManagedByKeyVault", MH_R_FORBIDDEN, "KeyManagedByKeyVault" },
	{ "keyvault 404 KeyNotFound", MH_R_NOT_FOUND, "KeyNotFound" },
	{ "keyvault 404 CertificateNotFound", MH_R_NOT_FOUND, "CertificateNotFound" },
	{ "keyvault 404 ContactsNotFound", MH_R_NOT_FOUND, "ContactsNotFound" },
	{ "keyvault 404 CertificateIssuerNotFound", MH_R_NOT_FOUND, "CertificateIssuerNotFound" },
	{ "keyvault 409 Conflict", MH_R_SERVICE, "Conflict" },
	{ "keyvault 409 Conflict ObjectIsBeingDeleted", MH_R_SERVICE, "ObjectIsBeingDeleted" },
	{ "keyvault 409 Conflict ObjectIsDeletedButRecoverable", MH_R_SERVICE, "ObjectIsDeletedButRecoverable" },
};

/* Fills error from the answer with that status and body. */
static void answer(long status, const char *body, struct mh_error *error)
{
	struct http_response response = { .status = status, .request_id = REQUEST_ID, .retry_after_ms = -1 };

	*error = (struct mh_error){ 0 };
	mh_buffer_init(&response.body, 65536);
	ck_assert(mh_buffer_append_text(&response.body, body).ok);
	ck_assert(!service_error(&response, error).ok);
	mh_buffer_free(&response.body);
}

/* The recorded answer of that row; its message is copied to message. */
static void answer_recorded(int row, struct mh_error *error, char message[static 1024])
{
	json_t *vectors = load_vectors("recorded_errors.json");
	size_t i;
	json_t *vector;
	bool found = false;

	json_array_foreach(vectors, i, vector)
	{
		json_t *body = json_object_get(vector, "body");
		char *text;

		if (strcmp(text_member(vector, "name"), RECORDED[row].name) != 0)
			continue;
		found = true;
		text = json_dumps(body, JSON_COMPACT);
		answer((long)json_integer_value(json_object_get(vector, "status")), text, error);
		free(text);
		snprintf(message, 1024, "%s", text_member(json_object_get(body, "error"), "message"));
	}
	ck_assert_msg(found, "no recorded error \"%s\"", RECORDED[row].name);
	json_decref(vectors);
}

START_TEST(a_recorded_error_has_its_reason_and_code)
{
	struct mh_error error;
	char message[1024];

	answer_recorded(_i, &error, message);
	ck_assert_int_eq(error.reason, RECORDED[_i].reason);
	ck_assert_str_eq(error.service_code, RECORDED[_i].service_code);
	ck_assert_str_eq(error.request_id, REQUEST_ID);
}
END_TEST

START_TEST(the_text_says_what_the_service_said)
{
	struct mh_error error;
	char message[1024];

	answer_recorded(_i, &error, message);
	/* Up to the first line break, which becomes a space, and no further than what is certain to be shown. */
	message[strcspn(message, "\r\n")] = '\0';
	message[40] = '\0';
	ck_assert_msg(strstr(error.text, message) != NULL, "\"%s\" does not say \"%s\"", error.text, message);
}
END_TEST

START_TEST(the_text_is_one_printable_line)
{
	struct mh_error error;
	char message[1024];

	answer_recorded(_i, &error, message);
	for (const char *c = error.text; *c != '\0'; c++)
		ck_assert(*c >= ' ' && *c <= '~');
}
END_TEST

START_TEST(the_text_names_status_and_request_id)
{
	struct mh_error error;
	char message[1024];
	char status[16];

	answer_recorded(_i, &error, message);
	snprintf(status, sizeof(status), "HTTP %ld", error.http_status);
	ck_assert_ptr_nonnull(strstr(error.text, status));
	ck_assert_ptr_nonnull(strstr(error.text, REQUEST_ID));
}
END_TEST

START_TEST(every_recorded_error_is_expected)
{
	json_t *vectors = load_vectors("recorded_errors.json");
	size_t i;
	json_t *vector;

	json_array_foreach(vectors, i, vector)
	{
		int row = 0;

		while (row < COUNT(RECORDED) && strcmp(RECORDED[row].name, text_member(vector, "name")) != 0)
			row++;
		ck_assert_msg(row < COUNT(RECORDED), "%s", text_member(vector, "name"));
	}
	json_decref(vectors);
}
END_TEST

static const char *const STRANGE_BODIES[] = {
	"",
	"<html>502</html>",
	"{",
	"[]",
	"{\"error\":null}",
	"{\"error\":\"x\"}",
	"{\"error\":{\"code\":7}}",
	"{\"error\":{\"message\":{}}}",
	"{\"error\":{\"innererror\":\"x\"}}",
};

START_TEST(a_body_of_another_form_leaves_status_and_request_id)
{
	struct mh_error error;

	answer(403, STRANGE_BODIES[_i], &error);
	ck_assert_int_eq(error.reason, MH_R_FORBIDDEN);
	ck_assert_int_eq(error.http_status, 403);
	ck_assert_str_eq(error.service_code, "");
	ck_assert_ptr_nonnull(strstr(error.text, "HTTP 403"));
}
END_TEST

START_TEST(a_long_message_leaves_room_for_the_request_id)
{
	static char body[10000];
	struct mh_error error;

	snprintf(body, sizeof(body), "{\"error\":{\"code\":\"C\",\"message\":\"%05000d\"}}", 0);
	answer(500, body, &error);
	ck_assert_ptr_nonnull(strstr(error.text, REQUEST_ID));
}
END_TEST

START_TEST(an_echoed_token_is_struck_out)
{
	struct mh_error error;

	answer(401, "{\"error\":{\"code\":\"C\",\"message\":\"bad token eyJhbGciOi.J9x-_.abc here\"}}", &error);
	ck_assert_ptr_null(strstr(error.text, "eyJ"));
	ck_assert_ptr_null(strstr(error.text, "abc"));
	ck_assert_ptr_nonnull(strstr(error.text, "here"));
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("service_error");

	tcase_add_loop_test(cases, a_recorded_error_has_its_reason_and_code, 0, COUNT(RECORDED));
	tcase_add_loop_test(cases, the_text_says_what_the_service_said, 0, COUNT(RECORDED));
	tcase_add_loop_test(cases, the_text_is_one_printable_line, 0, COUNT(RECORDED));
	tcase_add_loop_test(cases, the_text_names_status_and_request_id, 0, COUNT(RECORDED));
	tcase_add_test(cases, every_recorded_error_is_expected);
	tcase_add_loop_test(cases, a_body_of_another_form_leaves_status_and_request_id, 0, COUNT(STRANGE_BODIES));
	tcase_add_test(cases, a_long_message_leaves_room_for_the_request_id);
	tcase_add_test(cases, an_echoed_token_is_struck_out);
	return run_suite("service_error", cases);
}
