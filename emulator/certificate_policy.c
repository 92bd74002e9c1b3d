// SPDX-License-Identifier: Apache-2.0
// Completes and reads policies. Defaults and the order of members are as recorded.
#include "certificate_policy.h"

#include "x509_names.h"

#include <openssl/objects.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MAX_MONTHS 1200

static const char pkcs12_type[] = "application/x-pkcs12", pem_type[] = "application/x-pem-file";

const char *const key_usage_names[] = {
	"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
	"keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly",     NULL
};

static const json_t *member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return value && !json_is_null(value) ? value : NULL;
}

static json_t *bad(struct policy_problem *problem, const char *property)
{
	problem->property = property;
	problem->missing = false;
	return NULL;
}

static json_t *missing(struct policy_problem *problem, const char *property)
{
	problem->property = property;
	problem->missing = true;
	return NULL;
}

// A flag that may be absent; false when it is something else.
static bool take_flag(const json_t *object, const char *name, bool otherwise, bool *flag)
{
	const json_t *value = member(object, name);

	*flag = value ? json_is_true(value) : otherwise;
	return !value || json_is_boolean(value);
}

// The curve by name, else by size, else P-256; NULL for one that is not served, or whose size is another.
static const struct curve *take_curve(const json_t *given)
{
	static const char *const by_size[] = { "P-256", "P-384", "P-521" };
	const json_t *crv = member(given, "crv"), *size = member(given, "key_size");
	const struct curve *curve = NULL;

	if (crv) {
		curve = json_is_string(crv) ? curve_by_name(json_string_value(crv)) : NULL;
	} else if (!size) {
		curve = curve_by_name(by_size[0]);
	} else {
		for (size_t i = 0; i < sizeof(by_size) / sizeof(by_size[0]); i++)
			if (json_integer_value(size) == curve_by_name(by_size[i])->bits)
				curve = curve_by_name(by_size[i]);
	}
	return curve && (!size || json_integer_value(size) == curve->bits) ? curve : NULL;
}

static json_t *show_key(const char *kty, json_int_t size, const char *crv, bool exportable, bool reuse)
{
	json_t *key = json_pack("{s:b, s:s, s:I, s:b}", "exportable", exportable, "kty", kty, "key_size", size,
	                        "reuse_key", reuse);

	if (key && crv)
		json_object_set_new(key, "crv", json_string(crv));
	return key;
}

static json_t *complete_key(const json_t *given, struct policy_problem *problem)
{
	const json_t *kty = member(given, "kty"), *size = member(given, "key_size");
	const char *name = kty ? json_string_value(kty) : "RSA";
	bool hsm = false, exportable, reuse;
	const struct curve *curve;
	json_int_t bits;
	enum key_type type;

	if (!name || !key_type_by_name(name, &type, &hsm) || type == KEY_OCT)
		return bad(problem, "policy.key_props.kty");
	// A key that was made in an HSM does not leave it.
	if (!take_flag(given, "exportable", !hsm, &exportable) || (hsm && exportable))
		return bad(problem, "policy.key_props.exportable");
	if (!take_flag(given, "reuse_key", false, &reuse))
		return bad(problem, "policy.key_props.reuse_key");
	name = key_type_name(type, hsm);
	if (type == KEY_EC) {
		curve = take_curve(given);
		return curve ? show_key(name, curve->bits, curve->name, exportable, reuse)
		             : bad(problem, "policy.key_props.crv");
	}
	bits = size ? json_integer_value(size) : 2048;
	if (bits != 2048 && bits != 3072 && bits != 4096)
		return bad(problem, "policy.key_props.key_size");
	return show_key(name, bits, NULL, exportable, reuse);
}

static json_t *complete_secret(const json_t *given, struct policy_problem *problem)
{
	const json_t *type = member(given, "contentType");
	const char *text = type ? json_string_value(type) : pkcs12_type;

	if (!text || (strcmp(text, pkcs12_type) != 0 && strcmp(text, pem_type) != 0))
		return bad(problem, "policy.secret_props.contentType");
	return json_pack("{s:s}", "contentType", text);
}

typedef bool text_check(const char *text);

static bool is_usage(const char *text)
{
	for (const char *const *name = key_usage_names; *name; name++)
		if (strcmp(*name, text) == 0)
			return true;
	return false;
}

static bool is_oid(const char *text)
{
	ASN1_OBJECT *object = strspn(text, "0123456789.") == strlen(text) ? OBJ_txt2obj(text, 1) : NULL;
	bool good = object != NULL;

	ASN1_OBJECT_free(object);
	return good;
}

// A copy of a list of texts, or of the default when there is none. NULL when one of them is not good.
static json_t *take_texts(const json_t *given, text_check *is_good, const char *first, const char *second)
{
	if (!given)
		return json_pack("[s, s]", first, second);
	for (size_t i = 0; i < json_array_size(given); i++) {
		const char *text = json_string_value(json_array_get(given, i));

		if (!text || !is_good(text))
			return NULL;
	}
	return json_is_array(given) ? json_deep_copy(given) : NULL;
}

static bool names_good(const json_t *sans)
{
	GENERAL_NAMES *names = sans_parse(sans);
	bool good = names != NULL;

	GENERAL_NAMES_free(names);
	return good;
}

// Some clients send the member with nothing in it.
static bool names_nothing(const json_t *sans)
{
	const char *name;
	json_t *list;

	json_object_foreach((json_t *)sans, name, list) if (json_array_size(list) > 0 ||
	                                                    (!json_is_array(list) && !json_is_null(list))) return false;
	return !sans || json_is_object(sans);
}

static bool subject_good(const char *text)
{
	X509_NAME *name = subject_parse(text);
	bool good = name != NULL;

	X509_NAME_free(name);
	return good;
}

static json_t *complete_x509(const json_t *given, struct policy_problem *problem)
{
	const json_t *sans = member(given, "sans"), *months = member(given, "validity_months");
	const json_t *subject = member(given, "subject");
	json_int_t validity = months ? json_integer_value(months) : 12;
	json_t *x509, *ekus, *usage;

	if (names_nothing(sans))
		sans = NULL;
	if (!subject && !sans)
		return missing(problem, "policy.x509_props.subject");
	if (subject && (!json_is_string(subject) || !subject_good(json_string_value(subject))))
		return bad(problem, "policy.x509_props.subject");
	if (sans && !names_good(sans))
		return bad(problem, "policy.x509_props.sans");
	if (validity < 1 || validity > MAX_MONTHS)
		return bad(problem, "policy.x509_props.validity_months");
	ekus = take_texts(member(given, "ekus"), is_oid, "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
	if (!ekus)
		return bad(problem, "policy.x509_props.ekus");
	usage = take_texts(member(given, "key_usage"), is_usage, "digitalSignature", "keyEncipherment");
	if (!usage) {
		json_decref(ekus);
		return bad(problem, "policy.x509_props.key_usage");
	}
	x509 = json_pack("{s:s}", "subject", subject ? json_string_value(subject) : "");
	if (sans)
		json_object_set_new(x509, "sans", json_deep_copy(sans));
	json_object_set_new(x509, "ekus", ekus);
	json_object_set_new(x509, "key_usage", usage);
	json_object_set_new(x509, "validity_months", json_integer(validity));
	json_object_set_new(x509, "basic_constraints", json_pack("{s:b}", "ca", 0));
	return x509;
}

static json_t *complete_actions(const json_t *given, struct policy_problem *problem)
{
	json_t *actions;

	if (!given)
		return json_pack("[{s:{s:i}, s:{s:s}}]", "trigger", "lifetime_percentage", 80, "action", "action_type",
		                 "AutoRenew");
	actions = json_array();
	for (size_t i = 0; i < json_array_size(given); i++) {
		const json_t *action = json_array_get(given, i);
		json_t *shown = json_pack("{s:O, s:O}", "trigger", json_object_get(action, "trigger"), "action",
		                          json_object_get(action, "action"));

		json_array_append_new(actions, shown);
	}
	if (json_is_array(given) && json_array_size(actions) == json_array_size(given))
		return actions;
	json_decref(actions);
	return bad(problem, "policy.lifetime_actions");
}

static json_t *complete_issuer(const json_t *given, struct policy_problem *problem)
{
	static const char *const optional[] = { "cty", "cert_transparency" };
	const json_t *name = member(given, "name");
	json_t *issuer;

	if (!name)
		return missing(problem, "policy.issuer.name");
	if (!json_is_string(name))
		return bad(problem, "policy.issuer.name");
	issuer = json_pack("{s:O}", "name", name);
	for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
		if (member(given, optional[i]))
			json_object_set(issuer, optional[i], (json_t *)member(given, optional[i]));
	return issuer;
}

static const struct part {
	const char *name, *property;
	json_t *(*complete)(const json_t *given, struct policy_problem *problem);
	bool merged; // what is not given stays; otherwise a given part replaces the one before
} parts[] = {
	{ "key_props", "policy.key_props", complete_key, false },
	{ "secret_props", "policy.secret_props", complete_secret, false },
	{ "x509_props", "policy.x509_props", complete_x509, true },
	{ "lifetime_actions", "policy.lifetime_actions", complete_actions, false },
	{ "issuer", "policy.issuer", complete_issuer, false },
};

static json_t *complete_part(const struct part *part, const json_t *given, const json_t *base,
                             struct policy_problem *problem)
{
	bool wants_array = part->complete == complete_actions;
	json_t *merged, *complete;

	if (!given && base)
		return json_deep_copy(base);
	if (given && !(wants_array ? json_is_array(given) : json_is_object(given)))
		return bad(problem, part->property);
	if (!given || !base || !part->merged)
		return part->complete(given, problem);
	merged = json_deep_copy(base);
	json_object_update(merged, (json_t *)given);
	complete = part->complete(merged, problem);
	json_decref(merged);
	return complete;
}

json_t *policy_complete(const json_t *given, const json_t *base, int64_t now, struct policy_problem *problem)
{
	const json_t *before = json_object_get(json_object_get(base, "attributes"), "created");
	json_t *policy;

	problem->property = "policy";
	problem->missing = false;
	if (!json_is_object(given))
		return NULL;
	policy = json_object();
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		json_t *complete = complete_part(&parts[i], member(given, parts[i].name),
		                                 json_object_get(base, parts[i].name), problem);

		if (!complete) {
			json_decref(policy);
			return NULL;
		}
		json_object_set_new(policy, parts[i].name, complete);
	}
	json_object_set_new(policy, "attributes",
	                    json_pack("{s:b, s:I, s:I}", "enabled", 1, "created",
	                              before ? json_integer_value(before) : (json_int_t)now, "updated",
	                              (json_int_t)now));
	return policy;
}

static const json_t *part_of(const json_t *policy, const char *part, const char *name)
{
	return json_object_get(json_object_get(policy, part), name);
}

void policy_key_spec(const json_t *policy, struct key_spec *spec, bool *hsm)
{
	const char *crv = json_string_value(part_of(policy, "key_props", "crv"));

	memset(spec, 0, sizeof(*spec));
	key_type_by_name(json_string_value(part_of(policy, "key_props", "kty")), &spec->type, hsm);
	spec->bits = (unsigned)json_integer_value(part_of(policy, "key_props", "key_size"));
	if (spec->type == KEY_EC)
		spec->curve = curve_by_name(crv ? crv : "P-256");
}

bool policy_exportable(const json_t *policy)
{
	return json_is_true(part_of(policy, "key_props", "exportable"));
}

bool policy_reuses_key(const json_t *policy)
{
	return json_is_true(part_of(policy, "key_props", "reuse_key"));
}

bool policy_is_pem(const json_t *policy)
{
	return strcmp(json_string_value(part_of(policy, "secret_props", "contentType")), pem_type) == 0;
}

const char *policy_issuer(const json_t *policy)
{
	return json_string_value(part_of(policy, "issuer", "name"));
}

int64_t months_later(int64_t from, int months)
{
	time_t start = (time_t)from;
	struct tm date;

	gmtime_r(&start, &date);
	date.tm_mon += months;
	return timegm(&date);
}
