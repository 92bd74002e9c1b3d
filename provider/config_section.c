/* SPDX-License-Identifier: Apache-2.0 */
/* The check for unknown settings, on the file itself. */
#include "provider/config_section.h"

#include <string.h>

#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "provider/config.h"

/* Names that OpenSSL itself reads in a provider's section, see config(5). */
static const char *const core_names[] = { "identity", "soft_load", "module", "activate", NULL };

static bool is_known(const char *name)
{
	const char *known;

	for (size_t i = 0; core_names[i] != NULL; i++)
		if (strcmp(core_names[i], name) == 0)
			return true;
	for (size_t i = 0; (known = provider_config_name(i)) != NULL; i++)
		if (strcmp(known, name) == 0)
			return true;
	return false;
}

static mh_result unknown(const char *name, const char *section, struct mh_error *error)
{
	const char *known;

	mh_fail(error, MH_R_BAD_CONFIGURATION, "unknown setting %.64s in section [%.64s]; known are", name, section);
	for (size_t i = 0; (known = provider_config_name(i)) != NULL; i++)
		mh_error_append(error, "%s %s", i == 0 ? "" : ",", known);
	return MH_FAILURE;
}

static mh_result check_section(const CONF *conf, const char *section, struct mh_error *error)
{
	STACK_OF(CONF_VALUE) *values = NCONF_get_section(conf, section);

	for (int i = 0; i < sk_CONF_VALUE_num(values); i++) {
		const char *name = sk_CONF_VALUE_value(values, i)->name;
		const char *dot = strchr(name, '.');

		/* config(5): what stands before a dot only tells names apart. */
		if (!is_known(dot != NULL ? dot + 1 : name))
			return unknown(name, section, error);
	}
	return MH_SUCCESS;
}

/* value names an application's section, [openssl_init] say, in which `providers` names the list of providers. */
static const char *provider_section(const CONF *conf, const char *application, const char *provider_name)
{
	const char *providers = NCONF_get_string(conf, application, "providers");

	return providers == NULL ? NULL : NCONF_get_string(conf, providers, provider_name);
}

static bool is_our_section(const CONF *conf, const char *section, const char *module)
{
	const char *written = NCONF_get_string(conf, section, "module");

	return written == NULL || module == NULL ? written == module : strcmp(written, module) == 0;
}

static mh_result check(const CONF *conf, const char *provider_name, const char *module, struct mh_error *error)
{
	STACK_OF(CONF_VALUE) *top = NCONF_get_section(conf, "default");

	/* openssl_conf, or the name of its own that a program uses (nodejs_conf): any value that leads to our
	 * section. */
	for (int i = 0; i < sk_CONF_VALUE_num(top); i++) {
		const char *section = provider_section(conf, sk_CONF_VALUE_value(top, i)->value, provider_name);

		if (section != NULL && is_our_section(conf, section, module) && !check_section(conf, section, error).ok)
			return MH_FAILURE;
	}
	return MH_SUCCESS;
}

mh_result config_section_check(const char *provider_name, const char *module, struct mh_error *error)
{
	char *path = CONF_get1_default_config_file();
	CONF *conf = NCONF_new(NULL);
	mh_result result = MH_SUCCESS;
	long line = 0;

	ERR_set_mark();
	if (path != NULL && conf != NULL && NCONF_load(conf, path, &line) == 1)
		result = check(conf, provider_name, module, error);
	ERR_pop_to_mark();
	NCONF_free(conf);
	OPENSSL_free(path);
	return result;
}
