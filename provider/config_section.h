/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds names in the provider's section of openssl.cnf that nobody understands. OpenSSL hands a provider the
 * settings that it asks for by name and cannot list the others, so a misspelt `verify-after-sing = no` would be
 * ignored without a word.
 */
#ifndef MH_PROVIDER_CONFIG_SECTION_H
#define MH_PROVIDER_CONFIG_SECTION_H

#include "base/error.h"

/* Reads the default configuration file (OPENSSL_CONF, else OpenSSL's own) and checks every section that a
 * `providers` section names for provider_name. Unknown name: MH_R_BAD_CONFIGURATION. A file that cannot be read or
 * does not name the provider is no failure: the provider was then configured by another one. OpenSSL's error queue
 * is left as it was. */
mh_result config_section_check(const char *provider_name, const char *module, struct mh_error *error) MH_MUST_CHECK;

#endif
