/* SPDX-License-Identifier: Apache-2.0 */
/* One row per setting: its name, its default, and the function that checks and stores it. */
#include "provider/config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "http/transport.h"
#include "provider/config_section.h"

#define CA_FILE_MAX ((size_t)8 * 1024 * 1024)
#define VALUE_MAX 4096

typedef mh_result store_fn(struct provider_config *config, const char *name, const char *value, struct mh_error *error);

static mh_result bad_value(struct mh_error *error, const char *name, const char *value, const char *expected)
{
	return mh_fail(error, MH_R_BAD_CONFIGURATION, "the setting %s = %.100s is not understood: it is %s", name,
	               value, expected);
}

static mh_result keep(char **member, const char *value, struct mh_error *error)
{
	*member = OPENSSL_strdup(value);
	return *member != NULL ? MH_SUCCESS
	                       : mh_fail(error, MH_R_MEMORY, "out of memory while reading the configuration");
}

static mh_result store_cloud(struct provider_config *config, const char *name, const char *value,
                             struct mh_error *error)
{
	if (!key_uri_cloud_parse(value, &config->cloud, NULL).ok)
		return bad_value(error, name, value, "public, usgov or china");
	return MH_SUCCESS;
}

static mh_result store_endpoint(struct provider_config *config, const char *name, const char *value,
                                struct mh_error *error)
{
	(void)name; /* the client checks it, for it knows what a URL is made of */
	return keep(&config->endpoint, value, error);
}

static mh_result store_ca_file(struct provider_config *config, const char *name, const char *value,
                               struct mh_error *error)
{
	int fd = open(value, O_RDONLY | O_CLOEXEC | O_NOCTTY), cause;
	uint8_t chunk[16384];
	ssize_t n;

	if (fd < 0)
		return mh_fail(error, MH_R_BAD_CONFIGURATION,
		               "the file that the setting %s = %.200s names cannot be opened: %s", name, value,
		               strerror(errno));
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		if (!mh_buffer_append(&config->ca, chunk, (size_t)n).ok) {
			close(fd);
			return mh_fail(error, MH_R_BAD_CONFIGURATION,
			               "the file that the setting %s = %.200s names is larger than %zu bytes", name,
			               value, CA_FILE_MAX);
		}
	cause = n < 0 ? errno : 0;
	close(fd);
	if (cause != 0)
		return mh_fail(error, MH_R_BAD_CONFIGURATION,
		               "the file that the setting %s = %.200s names cannot be read: %s", name, value,
		               strerror(cause));
	if (strstr(mh_buffer_text(&config->ca), "-----BEGIN CERTIFICATE-----") == NULL &&
	    strstr(mh_buffer_text(&config->ca), "-----BEGIN TRUSTED CERTIFICATE-----") == NULL)
		return mh_fail(error, MH_R_BAD_CONFIGURATION,
		               "the file that the setting %s = %.200s names holds no PEM certificate", name, value);
	return MH_SUCCESS;
}

/* A server may change its root directory before it first signs: what libcurl would read then is read now, if it can
 * be. */
static void read_default_ca(struct provider_config *config)
{
	const char *path = transport_default_ca_file();

	if (path != NULL && !store_ca_file(config, "ca-file", path, NULL).ok)
		mh_buffer_free(&config->ca);
}

static mh_result store_pin(struct provider_config *config, const char *name, const char *value, struct mh_error *error)
{
	if (strncmp(value, "sha256//", 8) != 0)
		return bad_value(error, name, value,
		                 "sha256//BASE64 of a SubjectPublicKeyInfo's SHA-256, several separated by ;");
	return keep(&config->pin, value, error);
}

static mh_result store_api_version(struct provider_config *config, const char *name, const char *value,
                                   struct mh_error *error)
{
	if (strspn(value, "0123456789abcdefghijklmnopqrstuvwxyz.-") != strlen(value) || strlen(value) > 32)
		return bad_value(error, name, value, "an api-version such as 7.4 or 2025-07-01");
	return keep(&config->api_version, value, error);
}

static mh_result store_credential(struct provider_config *config, const char *name, const char *value,
                                  struct mh_error *error)
{
	(void)config;
	if (strcmp(value, "environment") != 0)
		return bad_value(error, name, value, "environment: the token in AZURE_CLI_ACCESS_TOKEN");
	return MH_SUCCESS;
}

/* "10" and "10s" are seconds, "500ms" milliseconds. */
static mh_result duration(const char *name, const char *value, unsigned *milliseconds, struct mh_error *error)
{
	char *end = NULL;
	unsigned long number, scale = 1000;

	errno = 0;
	number = isdigit((unsigned char)value[0]) ? strtoul(value, &end, 10) : 0;
	if (end != NULL && strcmp(end, "ms") == 0)
		scale = 1;
	else if (end == NULL || (strcmp(end, "") != 0 && strcmp(end, "s") != 0))
		number = 0;
	if (errno != 0 || number == 0 || number > 3600000UL / scale)
		return bad_value(error, name, value,
		                 "a time of at most an hour: seconds (10), or milliseconds (500ms)");
	*milliseconds = (unsigned)(number * scale);
	return MH_SUCCESS;
}

static mh_result store_timeout(struct provider_config *config, const char *name, const char *value,
                               struct mh_error *error)
{
	return duration(name, value, &config->timeout_ms, error);
}

static mh_result store_connect_timeout(struct provider_config *config, const char *name, const char *value,
                                       struct mh_error *error)
{
	return duration(name, value, &config->connect_timeout_ms, error);
}

static mh_result store_max_connections(struct provider_config *config, const char *name, const char *value,
                                       struct mh_error *error)
{
	char *end = NULL;
	unsigned long number;

	errno = 0;
	number = isdigit((unsigned char)value[0]) ? strtoul(value, &end, 10) : 0;
	if (errno != 0 || end == NULL || *end != '\0' || number < 1 || number > 1024)
		return bad_value(error, name, value, "a number from 1 to 1024");
	config->max_connections = (unsigned)number;
	return MH_SUCCESS;
}

static mh_result store_verify_after_sign(struct provider_config *config, const char *name, const char *value,
                                         struct mh_error *error)
{
	static const char *const words[][2] = { { "no", "yes" }, { "off", "on" }, { "false", "true" }, { "0", "1" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (int on = 0; on < 2; on++)
			if (OPENSSL_strcasecmp(value, words[i][on]) == 0) {
				config->verify_after_sign = on == 1;
				return MH_SUCCESS;
			}
	return bad_value(error, name, value, "yes or no");
}

static mh_result store_decrypt_padding(struct provider_config *config, const char *name, const char *value,
                                       struct mh_error *error)
{
	static const char *const words[] = { [DECRYPT_PADDING_PKCS1] = "pkcs1",
		                             [DECRYPT_PADDING_OAEP] = "oaep",
		                             [DECRYPT_PADDING_OAEP_256] = "oaep-256" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(value, words[i]) == 0) {
			config->decrypt_padding = (enum decrypt_padding)i;
			return MH_SUCCESS;
		}
	return bad_value(error, name, value, "pkcs1, oaep (SHA-1) or oaep-256");
}

static mh_result store_random(struct provider_config *config, const char *name, const char *value,
                              struct mh_error *error)
{
	if (!key_uri_parse(value, &config->random, NULL).ok || config->random.key[0] != '\0' ||
	    config->random.service != KEY_URI_MANAGED_HSM)
		return bad_value(error, name, value, "the URI of a Managed HSM, managedhsm:HSM");
	return MH_SUCCESS;
}

static mh_result store_log_level(struct provider_config *config, const char *name, const char *value,
                                 struct mh_error *error)
{
	if (!mh_log_level_parse(value, &config->log_level).ok)
		return bad_value(error, name, value, "off, error, warn, info or debug");
	return MH_SUCCESS;
}

static mh_result store_log_file(struct provider_config *config, const char *name, const char *value,
                                struct mh_error *error)
{
	(void)name;
	return keep(&config->log_file, value, error);
}

static const struct setting {
	const char *name, *fallback; /* fallback NULL: nothing is stored when the setting is absent */
	store_fn *store;
} settings[] = {
	{ "cloud", "public", store_cloud },
	{ "endpoint", NULL, store_endpoint },
	{ "ca-file", NULL, store_ca_file },
	{ "pin", NULL, store_pin },
	{ "api-version", "2025-07-01", store_api_version },
	{ "credential", NULL, store_credential },
	{ "timeout", "10", store_timeout },
	{ "connect-timeout", "3", store_connect_timeout },
	{ "max-connections", "64", store_max_connections },
	{ "verify-after-sign", "yes", store_verify_after_sign },
	{ "decrypt-padding", "pkcs1", store_decrypt_padding },
	{ "random", NULL, store_random },
	{ "log-level", "off", store_log_level },
	{ "log-file", NULL, store_log_file },
};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

const char *provider_config_name(size_t i)
{
	return i < SETTINGS ? settings[i].name : NULL;
}

static const char *from_environment(const char *name)
{
	char variable[64] = "MANAGEDHSM_";
	size_t at = strlen(variable);
	const char *value;

	for (; *name != '\0' && at + 1 < sizeof(variable); name++)
		variable[at++] = *name == '-' ? '_' : (char)toupper((unsigned char)*name);
	variable[at] = '\0';
	value = secure_getenv(variable);
	return value != NULL && *value != '\0' ? value : NULL;
}

static mh_result store_all(const char *const values[], struct provider_config *config, struct mh_error *error)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		const char *value = values[i];

		if (value == NULL)
			value = from_environment(settings[i].name);
		if (value == NULL)
			value = settings[i].fallback;
		if (value == NULL)
			continue;
		if (strlen(value) > VALUE_MAX)
			return mh_fail(error, MH_R_BAD_CONFIGURATION, "the setting %s is longer than %d characters",
			               settings[i].name, VALUE_MAX);
		if (!settings[i].store(config, settings[i].name, value, error).ok)
			return MH_FAILURE;
	}
	if (config->ca.length == 0)
		read_default_ca(config);
	return MH_SUCCESS;
}

mh_result provider_config_read(const OSSL_CORE_HANDLE *core, OSSL_FUNC_core_get_params_fn *core_get_params,
                               struct provider_config *config, struct mh_error *error)
{
	const char *values[SETTINGS] = { NULL }, *provider_name = NULL, *activated = NULL, *module = NULL;
	OSSL_PARAM parameters[SETTINGS + 4];
	size_t n = 0;

	memset(config, 0, sizeof(*config));
	mh_buffer_init(&config->ca, CA_FILE_MAX);
	for (; n < SETTINGS; n++)
		parameters[n] = OSSL_PARAM_construct_utf8_ptr(settings[n].name, (char **)(uintptr_t)&values[n], 0);
	parameters[n++] =
		OSSL_PARAM_construct_utf8_ptr(OSSL_PROV_PARAM_CORE_PROV_NAME, (char **)(uintptr_t)&provider_name, 0);
	parameters[n++] = OSSL_PARAM_construct_utf8_ptr("activate", (char **)(uintptr_t)&activated, 0);
	parameters[n++] = OSSL_PARAM_construct_utf8_ptr("module", (char **)(uintptr_t)&module, 0);
	parameters[n] = OSSL_PARAM_construct_end();
	if (core_get_params != NULL && core_get_params(core, parameters) != 1)
		return mh_fail(error, MH_R_BAD_CONFIGURATION, "OpenSSL does not give the provider its configuration");
	/* `activate` is in the section of a provider that was configured by a file; otherwise there is no section
	 * to check. */
	config->by_file = activated != NULL && provider_name != NULL;
	if ((!config->by_file || config_section_check(provider_name, module, error).ok) &&
	    store_all(values, config, error).ok)
		return MH_SUCCESS;
	provider_config_free(config);
	return MH_FAILURE;
}

void provider_config_free(struct provider_config *config)
{
	OPENSSL_free(config->endpoint);
	OPENSSL_free(config->pin);
	OPENSSL_free(config->api_version);
	OPENSSL_free(config->log_file);
	mh_buffer_free(&config->ca);
	*config = (struct provider_config){ .by_file = config->by_file };
}
