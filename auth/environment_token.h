/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credential AZURE_CLI_ACCESS_TOKEN: a token that the user put into the environment, `export
 * AZURE_CLI_ACCESS_TOKEN=$(az account get-access-token --resource https://managedhsm.azure.net --query accessToken
 * -o tsv)`. Read at each use, surrounding white space trimmed, never kept. Not read in a set-user-ID program
 * (secure_getenv).
 */
#ifndef MH_AUTH_ENVIRONMENT_TOKEN_H
#define MH_AUTH_ENVIRONMENT_TOKEN_H

#include "http/token_source.h"

/* Fills *source; nothing to free. get() fails with MH_R_NO_CREDENTIAL when the variable is unset, empty, longer
 * than 16 KiB or holds characters that a bearer token cannot have (RFC 6750 section 2.1). refused() answers true
 * only when the variable has changed. */
void environment_token_source(struct token_source *source);

#endif
