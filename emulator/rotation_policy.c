// SPDX-License-Identifier: Apache-2.0
// Rotation policies: kept, shown, and used for the expiry of new versions. The emulator rotates nothing by itself.
#include "errors.h"
#include "handlers.h"
#include "key_persist.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MAX_PERIOD_DIGITS 4

// Adds an ISO 8601 period of years, months and days ("P2Y", "P90D") to a time; false for anything else.
static bool add_period(const char *period, int64_t *when)
{
	time_t start = (time_t)*when;
	struct tm date;

	if (*period++ != 'P' || !*period || !gmtime_r(&start, &date))
		return false;
	while (*period) {
		size_t digits = strspn(period, "0123456789");
		int number = (int)strtol(period, NULL, 10);

		if (digits == 0 || digits > MAX_PERIOD_DIGITS)
			return false;
		period += digits;
		switch (*period++) {
		case 'Y':
			date.tm_year += number;
			break;
		case 'M':
			date.tm_mon += number;
			break;
		case 'D':
			date.tm_mday += number;
			break;
		default:
			return false;
		}
	}
	*when = timegm(&date);
	return true;
}

int64_t rotation_policy_expiry(const struct key *key, int64_t now)
{
	const json_t *attributes = json_object_get(key->rotation_policy, "attributes");
	const char *period = json_string_value(json_object_get(attributes, "expiryTime"));

	return period && add_period(period, &now) ? now : 0;
}

// Managed HSM writes `rotate` and a relative id, Key Vault `Rotate` and the whole URL.
static json_t *show_action(const struct request *request, const json_t *action)
{
	const json_t *trigger = json_object_get(action, "trigger");
	const char *type = json_string_value(json_object_get(json_object_get(action, "action"), "type"));
	char name[16];

	snprintf(name, sizeof(name), "%s", type ? type : "");
	for (char *at = name; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	if (request->service->kind == SERVICE_KEY_VAULT)
		name[0] = (char)toupper((unsigned char)name[0]);
	return json_pack("{s:O, s:{s:s}}", "trigger", trigger, "action", "type", name);
}

static void answer_policy(struct request *request, const struct key *key)
{
	const json_t *kept = json_object_get(key->rotation_policy, "lifetimeActions");
	json_t *attributes = json_deep_copy(json_object_get(key->rotation_policy, "attributes"));
	json_t *actions = json_array();
	char *id = NULL;
	bool vault = request->service->kind == SERVICE_KEY_VAULT;

	for (size_t i = 0; i < json_array_size(kept); i++)
		json_array_append_new(actions, show_action(request, json_array_get(kept, i)));
	if (vault && json_array_size(actions) == 0)
		json_array_append_new(actions, json_pack("{s:{s:s}, s:{s:s}}", "trigger", "timeBeforeExpiry", "P30D",
		                                         "action", "type", "Notify"));
	if (!attributes)
		attributes = json_object();
	if (asprintf(&id, "%s%s%skeys/%s/rotationpolicy", vault ? "https://" : "", vault ? request->host : "",
	             vault ? "/" : "", key->name) < 0)
		id = NULL;
	answer_json(request, 200,
	            json_pack("{s:s?, s:o, s:o}", "id", id, "lifetimeActions", actions, "attributes", attributes));
	free(id);
}

void handle_get_policy(struct request *request)
{
	struct key *key;

	if (!api_version_has(request->api_index, API_ROTATION)) {
		fail(request, ERROR_ACTION_NOT_SUPPORTED, "rotationpolicy", NULL, NULL);
		return;
	}
	key = key_store_acquire(request->store, KEY_LIVE, request->name, false);
	if (key)
		answer_policy(request, key);
	else
		fail(request, ERROR_KEY_NOT_FOUND, NULL, NULL, NULL);
	key_store_unlock(request->store);
}

static bool period_valid(const json_t *value)
{
	int64_t when = 0;

	return !value || (json_is_string(value) && add_period(json_string_value(value), &when));
}

static bool action_valid(const json_t *action)
{
	const json_t *trigger = json_object_get(action, "trigger");
	const char *type = json_string_value(json_object_get(json_object_get(action, "action"), "type"));

	return json_is_object(trigger) && type &&
	       (strcasecmp(type, "rotate") == 0 || strcasecmp(type, "notify") == 0) &&
	       period_valid(json_object_get(trigger, "timeAfterCreate")) &&
	       period_valid(json_object_get(trigger, "timeBeforeExpiry"));
}

static bool policy_valid(struct request *request)
{
	const json_t *actions = json_object_get(request->body, "lifetimeActions");
	const json_t *attributes = json_object_get(request->body, "attributes");

	for (size_t i = 0; i < json_array_size(actions); i++) {
		if (action_valid(json_array_get(actions, i)))
			continue;
		fail(request, ERROR_BAD_PROPERTY, "lifetimeActions", NULL, NULL);
		return false;
	}
	if (!period_valid(json_object_get(attributes, "expiryTime"))) {
		fail(request, ERROR_BAD_PROPERTY, "expiryTime", NULL, NULL);
		return false;
	}
	return true;
}

// The policy as it is kept: the client's actions, the expiry, and when it was made and changed.
static json_t *policy_to_keep(const struct request *request, const struct key *key)
{
	json_t *actions = json_object_get(request->body, "lifetimeActions");
	json_t *expiry = json_object_get(json_object_get(request->body, "attributes"), "expiryTime");
	const json_t *before = json_object_get(json_object_get(key->rotation_policy, "attributes"), "created");
	json_int_t now = time(NULL);
	json_t *attributes = json_object();

	if (expiry)
		json_object_set(attributes, "expiryTime", expiry);
	json_object_set_new(attributes, "created", json_integer(before ? json_integer_value(before) : now));
	json_object_set_new(attributes, "updated", json_integer(now));
	return json_pack("{s:o, s:o}", "attributes", attributes, "lifetimeActions",
	                 json_is_array(actions) ? json_deep_copy(actions) : json_array());
}

void handle_set_policy(struct request *request)
{
	struct key *key;

	if (!api_version_has(request->api_index, API_ROTATION)) {
		fail(request, ERROR_ACTION_NOT_SUPPORTED, "rotationpolicy", NULL, NULL);
		return;
	}
	if (!policy_valid(request))
		return;
	key = key_to_change(request, KEY_LIVE);
	if (key) {
		json_t *policy = policy_to_keep(request, key);

		json_decref(key->rotation_policy);
		key->rotation_policy = policy;
		key_persist_save(request->store, key);
		answer_policy(request, key);
	}
	key_store_unlock(request->store);
}
