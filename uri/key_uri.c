/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each part of a URI is copied only through copy_part(), which knows its length and alphabet. What is not a letter, a
 * digit or a hyphen therefore never reaches a host name or a path, whatever form it came in.
 */
#include "uri/key_uri.h"

#include <stdio.h>
#include <string.h>

#include "uri/piece.h"

#define HTTPS "https://"
#define QUOTED_MAX 40 /* characters of a part that a message shows */

/* How refusals are reported. */
struct reader {
	struct mh_error *error;
	enum mh_reason reason;
	const char *subject; /* "key URI" */
	const char *form; /* what was expected */
};

struct part {
	const char *name;
	size_t minimum;
	size_t maximum;
	bool (*allowed)(char c);
	const char *rule;
};

struct service {
	const char *scheme;
	struct part vault;
	const char *form;
	const char *kid_form;
	const char *hosts;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_character(char c)
{
	return is_digit(c) || (piece_lower(c) >= 'a' && piece_lower(c) <= 'z') || c == '-';
}

static bool is_hex_digit(char c)
{
	return is_digit(c) || (piece_lower(c) >= 'a' && piece_lower(c) <= 'f');
}

#define VAULT_RULE "must be 3 to 24 letters, digits or hyphens"

static const struct service SERVICES[] = {
	[KEY_URI_MANAGED_HSM] = {
		.scheme = "managedhsm",
		.vault = { "HSM name", 3, KEY_URI_VAULT_MAX, is_name_character, VAULT_RULE },
		.form = "managedhsm:<hsm>:<key>[:<version>]",
		.kid_form = "managedhsm:https://<hsm>.managedhsm.azure.net/keys/<key>[/<version>]",
		.hosts = "must be <hsm>.managedhsm.azure.net, <hsm>.managedhsm.usgovcloudapi.net or "
			 "<hsm>.managedhsm.azure.cn, without user name or port",
	},
	[KEY_URI_KEY_VAULT] = {
		.scheme = "keyvault",
		.vault = { "vault name", 3, KEY_URI_VAULT_MAX, is_name_character, VAULT_RULE },
		.form = "keyvault:<vault>:<key>[:<version>]",
		.kid_form = "keyvault:https://<vault>.vault.azure.net/keys/<key>[/<version>]",
		.hosts = "must be <vault>.vault.azure.net, <vault>.vault.usgovcloudapi.net or "
			 "<vault>.vault.azure.cn, without user name or port",
	},
};

#define SERVICE_COUNT (sizeof(SERVICES) / sizeof(SERVICES[0]))

static const struct part KEY_PART = {
	"key name", 1, KEY_URI_KEY_MAX, is_name_character, "must be 1 to 127 letters, digits or hyphens",
};

static const struct part VERSION_PART = {
	"version", KEY_URI_VERSION_LENGTH, KEY_URI_VERSION_LENGTH, is_hex_digit, "must be 32 hexadecimal digits",
};

static const struct {
	const char *name;
	const char *suffixes[SERVICE_COUNT];
} CLOUDS[] = {
	[KEY_URI_CLOUD_PUBLIC] = { "public", { ".managedhsm.azure.net", ".vault.azure.net" } },
	[KEY_URI_CLOUD_USGOV] = { "usgov", { ".managedhsm.usgovcloudapi.net", ".vault.usgovcloudapi.net" } },
	[KEY_URI_CLOUD_CHINA] = { "china", { ".managedhsm.azure.cn", ".vault.azure.cn" } },
};

#define CLOUD_COUNT (sizeof(CLOUDS) / sizeof(CLOUDS[0]))

static const struct {
	const char *name;
	enum key_uri_type type;
} TYPES[] = {
	{ "private", KEY_URI_TYPE_PRIVATE },
	{ "public", KEY_URI_TYPE_PUBLIC },
	{ "cert", KEY_URI_TYPE_CERT },
	{ "chain", KEY_URI_TYPE_CHAIN },
};

#define TYPE_COUNT (sizeof(TYPES) / sizeof(TYPES[0]))

static const struct {
	const char *name;
	unsigned wrap_bits;
} ALGORITHMS[] = {
	{ "A128KW", 128 },
	{ "A192KW", 192 },
	{ "A256KW", 256 },
};

#define ALGORITHM_COUNT (sizeof(ALGORITHMS) / sizeof(ALGORITHMS[0]))

static const char *const COLLECTIONS[] = {
	[KEY_URI_KEYS] = "keys",
	[KEY_URI_CERTIFICATES] = "certificates",
	[KEY_URI_SECRETS] = "secrets",
};

/* In a version's place: all of them. */
#define VERSIONS "versions"

/* ---- refusing and copying ---- */

/* Shortened, and without anything that a terminal or a log would obey. */
static void quote(struct piece piece, char quoted[static QUOTED_MAX + 4])
{
	size_t length = piece.length < QUOTED_MAX ? piece.length : QUOTED_MAX;

	for (size_t i = 0; i < length; i++)
		quoted[i] = piece.text[i] >= ' ' && piece.text[i] <= '~' ? piece.text[i] : '?';
	memcpy(quoted + length, piece.length > length ? "..." : "", piece.length > length ? 4 : 1);
}

static mh_result refuse(const struct reader *reader, const char *part, struct piece offending, const char *rule)
{
	char quoted[QUOTED_MAX + 4];

	quote(offending, quoted);
	return mh_fail(reader->error, reader->reason, "%s: %s \"%s\" %s; expected %s", reader->subject, part, quoted,
	               rule, reader->form);
}

/* The only way by which text gets into a result; out has part->maximum + 1 bytes. */
static mh_result copy_part(const struct reader *reader, const struct part *part, struct piece piece, char *out)
{
	if (piece.length < part->minimum || piece.length > part->maximum)
		return refuse(reader, part->name, piece, part->rule);
	for (size_t i = 0; i < piece.length; i++) {
		if (!part->allowed(piece.text[i]))
			return refuse(reader, part->name, piece, part->rule);
	}
	memcpy(out, piece.text, piece.length);
	out[piece.length] = '\0';
	return MH_SUCCESS;
}

static mh_result copy_version(const struct reader *reader, struct piece piece, char *out)
{
	if (!copy_part(reader, &VERSION_PART, piece, out).ok)
		return MH_FAILURE;
	for (; *out != '\0'; out++)
		*out = piece_lower(*out);
	return MH_SUCCESS;
}

/* A version, or all of them. */
static mh_result copy_versions(const struct reader *reader, struct piece piece, struct key_uri *uri)
{
	if (piece_equals(piece, VERSIONS)) {
		uri->all_versions = true;
		return MH_SUCCESS;
	}
	return copy_version(reader, piece, uri->version);
}

/* ---- the forms ---- */

/* <hsm>[<separator><key>[<separator><version>]] */
static mh_result parse_names(const struct reader *reader, struct piece names, char separator, struct key_uri *uri)
{
	struct piece vault;
	struct piece key;
	struct piece version;
	bool has_key = piece_split(names, separator, &vault, &key);
	bool has_version = piece_split(key, separator, &key, &version);

	if (!copy_part(reader, &SERVICES[uri->service].vault, vault, uri->vault).ok)
		return MH_FAILURE;
	if (has_key && !copy_part(reader, &KEY_PART, key, uri->key).ok)
		return MH_FAILURE;
	if (has_version && !copy_versions(reader, version, uri).ok)
		return MH_FAILURE;
	return MH_SUCCESS;
}

/* <hsm>.managedhsm.azure.net */
static mh_result parse_host(const struct reader *reader, struct piece host, struct key_uri *uri)
{
	const struct service *service = &SERVICES[uri->service];
	struct piece vault = host;

	for (size_t i = KEY_URI_CLOUD_PUBLIC; i < CLOUD_COUNT; i++) {
		if (piece_take_suffix(&vault, CLOUDS[i].suffixes[uri->service])) {
			uri->cloud = (enum key_uri_cloud)i;
			return copy_part(reader, &service->vault, vault, uri->vault);
		}
	}
	return refuse(reader, "host", host, service->hosts);
}

/* <collection>/<name>[/<version>] */
static mh_result split_path(const struct reader *reader, struct piece path, enum key_uri_collection expected,
                            struct piece *name, struct piece *version, bool *has_version)
{
	struct piece collection;

	if (!piece_split(path, '/', &collection, name) || !piece_equals(collection, COLLECTIONS[expected]))
		return refuse(reader, "path", path,
		              expected == KEY_URI_KEYS ? "must begin with keys/" : "must begin with certificates/");
	*has_version = piece_split(*name, '/', name, version);
	return MH_SUCCESS;
}

/* What is between the scheme and the parameters. */
static mh_result parse_location(const struct reader *reader, struct piece location, struct key_uri *uri)
{
	struct reader kid_reader = *reader;
	struct piece host;
	struct piece path;
	struct piece key;
	struct piece version;
	bool has_version;

	if (piece_take_prefix(&location, "//"))
		return parse_names(reader, location, '/', uri);
	if (!piece_take_prefix(&location, HTTPS))
		return parse_names(reader, location, ':', uri);
	kid_reader.form = SERVICES[uri->service].kid_form;
	piece_split(location, '/', &host, &path);
	if (!parse_host(&kid_reader, host, uri).ok ||
	    !split_path(&kid_reader, path, KEY_URI_KEYS, &key, &version, &has_version).ok)
		return MH_FAILURE;
	if (has_version && !copy_versions(&kid_reader, version, uri).ok)
		return MH_FAILURE;
	return copy_part(&kid_reader, &KEY_PART, key, uri->key);
}

static mh_result parse_version_parameter(const struct reader *reader, struct piece value, struct key_uri *uri)
{
	if (uri->key[0] == '\0')
		return refuse(reader, "parameter version", value, "needs a key name");
	if (uri->version[0] != '\0' || uri->all_versions)
		return refuse(reader, "parameter version", value, "is the second version given");
	return copy_versions(reader, value, uri);
}

static mh_result parse_type_parameter(const struct reader *reader, struct piece value, struct key_uri *uri)
{
	if (uri->type != KEY_URI_TYPE_ANY)
		return refuse(reader, "parameter type", value, "is the second type given");
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (piece_equals(value, TYPES[i].name)) {
			if (TYPES[i].type >= KEY_URI_TYPE_CERT && uri->service == KEY_URI_MANAGED_HSM)
				return refuse(reader, "parameter type", value,
				              "is for keyvault: URIs, a Managed HSM has no certificates");
			uri->type = TYPES[i].type;
			return MH_SUCCESS;
		}
	}
	return refuse(reader, "parameter type", value, "must be private, public, cert or chain");
}

static mh_result parse_algorithm_parameter(const struct reader *reader, struct piece value, struct key_uri *uri)
{
	if (uri->key[0] == '\0')
		return refuse(reader, "parameter algorithm", value, "needs a key name");
	if (uri->wrap_bits != 0)
		return refuse(reader, "parameter algorithm", value, "is the second algorithm given");
	for (size_t i = 0; i < ALGORITHM_COUNT; i++) {
		if (piece_equals(value, ALGORITHMS[i].name)) {
			uri->wrap_bits = ALGORITHMS[i].wrap_bits;
			return MH_SUCCESS;
		}
	}
	return refuse(reader, "parameter algorithm", value, "must be A128KW, A192KW or A256KW");
}

static const struct {
	const char *name;
	mh_result (*parse)(const struct reader *reader, struct piece value, struct key_uri *uri);
} PARAMETERS[] = {
	{ "version", parse_version_parameter },
	{ "type", parse_type_parameter },
	{ "algorithm", parse_algorithm_parameter },
};

#define PARAMETER_COUNT (sizeof(PARAMETERS) / sizeof(PARAMETERS[0]))

static mh_result parse_parameter(const struct reader *reader, struct piece parameter, struct key_uri *uri)
{
	struct piece name;
	struct piece value;

	if (!piece_split(parameter, '=', &name, &value))
		return refuse(reader, "parameter", parameter, "has no \"=\"");
	for (size_t i = 0; i < PARAMETER_COUNT; i++) {
		if (piece_equals(name, PARAMETERS[i].name))
			return PARAMETERS[i].parse(reader, value, uri);
	}
	return refuse(reader, "parameter", name, "is unknown (there are version=, type= and algorithm=)");
}

static mh_result parse_parameters(const struct reader *reader, struct piece parameters, struct key_uri *uri)
{
	struct piece parameter;
	bool more;

	do {
		more = piece_split(parameters, '&', &parameter, &parameters);
		if (!parse_parameter(reader, parameter, uri).ok)
			return MH_FAILURE;
	} while (more);
	return MH_SUCCESS;
}

static mh_result parse_scheme(const struct reader *reader, struct piece scheme, enum key_uri_service *service)
{
	for (size_t i = 0; i < SERVICE_COUNT; i++) {
		if (piece_equals_ignoring_case(scheme, SERVICES[i].scheme)) {
			*service = (enum key_uri_service)i;
			return MH_SUCCESS;
		}
	}
	return refuse(reader, "scheme", scheme, "must be managedhsm or keyvault");
}

static mh_result parse_all(struct reader *reader, struct piece text, struct key_uri *uri)
{
	struct piece scheme;
	struct piece location;
	struct piece parameters;
	bool has_parameters;

	if (text.length >= KEY_URI_TEXT_MAX)
		return refuse(reader, "text", text, "is longer than 511 characters");
	if (!piece_split(text, ':', &scheme, &location))
		return refuse(reader, "text", text, "has no scheme");
	if (!parse_scheme(reader, scheme, &uri->service).ok)
		return MH_FAILURE;
	reader->form = SERVICES[uri->service].form;
	has_parameters = piece_split(location, '?', &location, &parameters);
	if (!parse_location(reader, location, uri).ok)
		return MH_FAILURE;
	return has_parameters ? parse_parameters(reader, parameters, uri) : MH_SUCCESS;
}

mh_result key_uri_parse(const char *text, struct key_uri *uri, struct mh_error *error)
{
	struct reader reader = { error, MH_R_BAD_URI, "key URI", SERVICES[KEY_URI_MANAGED_HSM].form };
	struct piece all = { text, strnlen(text, KEY_URI_TEXT_MAX) };
	struct key_uri parsed = { 0 };

	*uri = (struct key_uri){ 0 };
	if (!parse_all(&reader, all, &parsed).ok)
		return MH_FAILURE;
	*uri = parsed;
	return MH_SUCCESS;
}

static mh_result parse_id(const struct reader *reader, struct piece id, enum key_uri_collection collection, char *name,
                          char *version)
{
	struct piece rest = id;
	struct piece host;
	struct piece path;
	struct piece name_piece;
	struct piece version_piece;
	bool has_version;

	if (id.length >= KEY_URI_TEXT_MAX)
		return refuse(reader, "text", id, "is longer than 511 characters");
	if (!piece_take_prefix(&rest, HTTPS))
		return refuse(reader, "text", id, "must begin with " HTTPS);
	piece_split(rest, '/', &host, &path);
	if (host.length == 0)
		return refuse(reader, "host", host, "is missing");
	if (!split_path(reader, path, collection, &name_piece, &version_piece, &has_version).ok)
		return MH_FAILURE;
	if (has_version && !copy_version(reader, version_piece, version).ok)
		return MH_FAILURE;
	return copy_part(reader, &KEY_PART, name_piece, name);
}

static mh_result parse_id_or_clear(const struct reader *reader, const char *id, enum key_uri_collection collection,
                                   bool needs_version, char *name, char *version)
{
	struct piece all = { id, strnlen(id, KEY_URI_TEXT_MAX) };
	mh_result result;

	name[0] = '\0';
	version[0] = '\0';
	result = parse_id(reader, all, collection, name, version);
	if (result.ok && needs_version && version[0] == '\0')
		result = refuse(reader, "version", all, "is missing");
	if (!result.ok) {
		name[0] = '\0';
		version[0] = '\0';
	}
	return result;
}

mh_result key_uri_parse_kid(const char *kid, char key[static KEY_URI_KEY_MAX + 1],
                            char version[static KEY_URI_VERSION_LENGTH + 1], struct mh_error *error)
{
	struct reader reader = { error, MH_R_BAD_ANSWER, "kid", HTTPS "<host>/keys/<key>/<version>" };

	return parse_id_or_clear(&reader, kid, KEY_URI_KEYS, true, key, version);
}

mh_result key_uri_parse_id(const char *id, enum key_uri_collection collection, char name[static KEY_URI_KEY_MAX + 1],
                           char version[static KEY_URI_VERSION_LENGTH + 1], struct mh_error *error)
{
	static const char *const FORMS[] = {
		[KEY_URI_KEYS] = HTTPS "<host>/keys/<key>[/<version>]",
		[KEY_URI_CERTIFICATES] = HTTPS "<host>/certificates/<name>[/<version>]",
		[KEY_URI_SECRETS] = HTTPS "<host>/secrets/<name>[/<version>]",
	};
	struct reader reader = { error, MH_R_BAD_ANSWER, "id", FORMS[collection] };

	return parse_id_or_clear(&reader, id, collection, false, name, version);
}

/* ---- the other direction, and names ---- */

void key_uri_format(const struct key_uri *uri, char text[static KEY_URI_TEXT_MAX])
{
	bool has_key = uri->key[0] != '\0';
	const char *version = !has_key ? "" : uri->all_versions ? VERSIONS : uri->version;

	snprintf(text, KEY_URI_TEXT_MAX, "%s:%s%s%s%s%s", key_uri_scheme(uri->service), uri->vault, has_key ? ":" : "",
	         has_key ? uri->key : "", version[0] != '\0' ? ":" : "", version);
}

const char *key_uri_collection_name(enum key_uri_collection collection)
{
	return COLLECTIONS[collection];
}

const char *key_uri_scheme(enum key_uri_service service)
{
	return SERVICES[service].scheme;
}

const char *key_uri_host_suffix(enum key_uri_service service, enum key_uri_cloud cloud)
{
	return CLOUDS[cloud == KEY_URI_CLOUD_UNSAID ? KEY_URI_CLOUD_PUBLIC : cloud].suffixes[service];
}

mh_result key_uri_cloud_parse(const char *text, enum key_uri_cloud *cloud, struct mh_error *error)
{
	struct reader reader = { error, MH_R_BAD_CONFIGURATION, "configuration", "public, usgov or china" };
	struct piece piece = { text, strnlen(text, KEY_URI_TEXT_MAX) };

	for (size_t i = KEY_URI_CLOUD_PUBLIC; i < CLOUD_COUNT; i++) {
		if (piece_equals(piece, CLOUDS[i].name)) {
			*cloud = (enum key_uri_cloud)i;
			return MH_SUCCESS;
		}
	}
	return refuse(&reader, "cloud", piece, "is unknown");
}
