// SPDX-License-Identifier: Apache-2.0
// All error answers as one table, so that a wording is corrected in one place when the real one becomes known.
#include "errors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct error {
	unsigned status;
	const char *code, *inner;
	// Managed HSM, Key Vault (NULL: the same). In the text {1} {2} {3} are arguments, {name} the key's name and
	// version as in the URL, {url} its URL without version, {kid} its URL, {resource} the service's audience.
	const char *message[2];
	const char *vault_code; // where it differs
};

#define BAD_PARAMETER 400, "BadParameter", NULL
#define FORBIDDEN(inner) 403, "Forbidden", inner
#define NOT_FOUND_IN_VAULT(kind)                                                                                       \
	"A " kind " with (name/id) {name} was not found in this key vault. If you recently deleted this " kind         \
	" you may be able to recover it using the correct recovery command. For help resolving this issue, please "    \
	"see https://go.microsoft.com/fwlink/?linkid=2125182"

static const struct error errors[ERROR_COUNT] = {
	[ERROR_BAD_BODY] = { BAD_PARAMETER,
	                     { "Request body is not valid JSON", "Cannot parse the request body as JSON" },
	                     NULL },
	[ERROR_BAD_PROPERTY] = { BAD_PARAMETER,
	                         { "Property '{1}' has invalid value", "Property '{1}' has invalid value\r\n" },
	                         NULL },
	[ERROR_MISSING_PROPERTY] = { BAD_PARAMETER,
	                             { "Property '{1}' is required", "Property '{1}' is required.\r\n" },
	                             NULL },
	[ERROR_NOT_BASE64URL] = { BAD_PARAMETER,
	                          { "Content of '{1}' is not base64url.\r\nProperty '{1}' is required.\r\n", NULL },
	                          NULL },
	[ERROR_BAD_NAME] = { BAD_PARAMETER,
	                     { "Invalid key identifier or name", "The request URI contains an invalid name: {1}" },
	                     NULL },
	[ERROR_BAD_PATH] = { BAD_PARAMETER, { "Invalid key identifier or name", "Invalid request URI" }, NULL },
	[ERROR_NO_OPERATION] = { BAD_PARAMETER, { "Invalid key identifier or name", "Operation not specified" }, NULL },
	[ERROR_ACTION_NOT_SUPPORTED] = { 400,
	                                 "NotSupported",
	                                 NULL,
	                                 { "action '{1}' not supported", NULL },
	                                 "BadParameter" },
	[ERROR_METHOD_NOT_ALLOWED] = { 405, "MethodNotAllowed", NULL, { "HTTP {1} not allowed", NULL }, NULL },
	[ERROR_NOT_FOUND_PATH] = { 404, "NotFound", NULL, { "Resource not found", NULL }, NULL },
	[ERROR_BAD_API_VERSION] = { BAD_PARAMETER,
	                            { "The specified version ({1}) is not recognized. Consider using the latest "
	                              "supported "
	                              "version (2026-04-01).",
	                              NULL },
	                            NULL },
	[ERROR_BODY_TOO_LARGE] = { 413,
	                           "RequestEntityTooLarge",
	                           NULL,
	                           { "The request body is too large", NULL },
	                           NULL },
	[ERROR_KEY_NOT_FOUND] = { 404,
	                          "KeyNotFound",
	                          NULL,
	                          { "Key not found: {url}", NOT_FOUND_IN_VAULT("key") },
	                          NULL },
	[ERROR_DELETED_KEY_NOT_FOUND] = { 404,
	                                  "KeyNotFound",
	                                  NULL,
	                                  { "Key not found: {deletedurl}", "Deleted Key not found: {name}" },
	                                  NULL },
	[ERROR_KEY_IS_DELETED] = { 409,
	                           "Conflict",
	                           "ObjectIsDeletedButRecoverable",
	                           { "Key {name} is currently in a deleted but recoverable state, and its name cannot "
	                             "be reused; "
	                             "in this state, the key can only be recovered or purged.",
	                             NULL },
	                           NULL },
	[ERROR_RECOVER_CONFLICT] = { 409, "Conflict", NULL, { "Key {name} already exists", NULL }, NULL },
	[ERROR_KEY_MANAGED] = { FORBIDDEN("KeyManagedByKeyVault"),
	                        { "Operation \"{1}\" is not allowed as this object's lifetime is managed by Key Vault.",
	                          NULL },
	                        NULL },
	[ERROR_CERTIFICATE_NOT_FOUND] = { 404,
	                                  "CertificateNotFound",
	                                  NULL,
	                                  { NOT_FOUND_IN_VAULT("certificate"), NULL },
	                                  NULL },
	[ERROR_DELETED_CERTIFICATE_NOT_FOUND] = { 404,
	                                          "CertificateNotFound",
	                                          NULL,
	                                          { "Deleted Certificate not found: {name}", NULL },
	                                          NULL },
	[ERROR_CERTIFICATE_IS_DELETED] = { 409,
	                                   "Conflict",
	                                   "ObjectIsDeletedButRecoverable",
	                                   { "Certificate {name} is currently in a deleted but recoverable state, and "
	                                     "its "
	                                     "name cannot be reused; in this state, the certificate can only be "
	                                     "recovered "
	                                     "or purged.",
	                                     NULL },
	                                   NULL },
	[ERROR_CERTIFICATE_NAME_TAKEN] = { 409,
	                                   "Conflict",
	                                   NULL,
	                                   { "A key named {name} exists and belongs to no certificate", NULL },
	                                   NULL },
	[ERROR_PENDING_NOT_FOUND] = { 404,
	                              "PendingCertificateNotFound",
	                              NULL,
	                              { "Pending certificate not found: {name}", NULL },
	                              NULL },
	[ERROR_BAD_PKCS12] = { BAD_PARAMETER,
	                       { "The specified PKCS#12 X.509 certificate content can not be read. Please check if "
	                         "certificate is in valid PKCS#12 format.",
	                         NULL },
	                       NULL },
	[ERROR_BAD_PEM] = { BAD_PARAMETER,
	                    { "The specified PEM X.509 certificate content is in an unexpected format. Please check if "
	                      "certificate is in valid PEM format.",
	                      NULL },
	                    NULL },
	[ERROR_PEM_WITHOUT_KEY] = { BAD_PARAMETER,
	                            { "Private key is not specified in the specified X.509 PEM certificate content. "
	                              "Please "
	                              "specify private key in the X.509 PEM certificate content.",
	                              NULL },
	                            NULL },
	[ERROR_SECRET_NOT_FOUND] = { 404, "SecretNotFound", NULL, { NOT_FOUND_IN_VAULT("secret"), NULL }, NULL },
	[ERROR_SECRET_DISABLED] = { FORBIDDEN("SecretDisabled"),
	                            { "Operation {1} is not allowed on a disabled secret.", NULL },
	                            NULL },
	[ERROR_CONTACTS_NOT_FOUND] = { 404, "ContactsNotFound", NULL, { "Contacts not found", NULL }, NULL },
	[ERROR_ISSUER_NOT_FOUND] = { 404, "CertificateIssuerNotFound", NULL, { "Issuer not found", NULL }, NULL },
	[ERROR_KTY_MISSING] = { BAD_PARAMETER,
	                        { "JSON Web Key: kty is missing",
	                          "The property \"key\" must be a valid JsonWebKey object." },
	                        NULL },
	[ERROR_BAD_JWK] = { BAD_PARAMETER,
	                    { "JSON Web Key: {1}", "The property \"key\" must be a valid JsonWebKey object." },
	                    NULL },
	[ERROR_BAD_KTY] = { BAD_PARAMETER, { "Invalid kty value: {1}", "Property  has invalid value\r\n" }, NULL },
	[ERROR_BAD_KEY_SIZE] = { BAD_PARAMETER,
	                         { "Invalid key size", "Property 'key_size' has invalid value\r\n" },
	                         NULL },
	[ERROR_BAD_CURVE] = { BAD_PARAMETER,
	                      { "Invalid crv value: {1}", "Property 'crv' has invalid value\r\n" },
	                      NULL },
	[ERROR_EXPORTABLE_NEEDS_POLICY] = { BAD_PARAMETER,
	                                    { "Exportable keys must have release policy",
	                                      "AKV.SKR.1004: Exportable keys must have release policy." },
	                                    NULL },
	[ERROR_POLICY_NEEDS_EXPORTABLE] = { BAD_PARAMETER,
	                                    { "Non-exportable keys must not have release policy",
	                                      "AKV.SKR.1005: Non-exportable keys must not have release policy." },
	                                    NULL },
	[ERROR_BAD_COUNT] = { BAD_PARAMETER,
	                      { "GetRandomBytesRequest: count cannot be greater than 128 or less than 1", NULL },
	                      NULL },
	[ERROR_BAD_MAX_RESULTS] = { BAD_PARAMETER,
	                            { "maxresults must be between 1 and 25",
	                              "The value of the query parameter maxresults must be "
	                              "between 1 and 25." },
	                            NULL },
	[ERROR_KEY_DISABLED] = { FORBIDDEN("KeyDisabled"),
	                         { "Operation {1} is not allowed on a disabled key.", NULL },
	                         NULL },
	[ERROR_KEY_EXPIRED] = { FORBIDDEN("KeyExpired"),
	                        { "Operation {1} is not allowed on an expired key.", NULL },
	                        NULL },
	[ERROR_KEY_NOT_YET_VALID] = { FORBIDDEN("KeyNotYetValid"),
	                              { "Operation {1} is not allowed on a key that is not yet valid.", NULL },
	                              NULL },
	[ERROR_KEY_OPERATION] = { FORBIDDEN("KeyOperationForbidden"),
	                          { "Operation {1} is not permitted on this key.", NULL },
	                          NULL },
	[ERROR_BAD_ALGORITHM] = { BAD_PARAMETER,
	                          { "Algorithm '{1}' is not supported for this operation", NULL },
	                          NULL },
	[ERROR_ALGORITHM_KEY_TYPE] = { BAD_PARAMETER,
	                               { "Key and signing algorithm are incompatible. Key {kid} is of type '{2}', and "
	                                 "algorithm "
	                                 "'{1}' can only be used with a key of type {3}.",
	                                 NULL },
	                               NULL },
	[ERROR_ALGORITHM_CURVE] = { BAD_PARAMETER,
	                            { "Key and signing algorithm are incompatible. Key {kid} uses curve '{2}', and "
	                              "algorithm '{1}' "
	                              "can only be used with curve '{3}'.",
	                              NULL },
	                            NULL },
	[ERROR_ALGORITHM_KEY_SIZE] = { BAD_PARAMETER,
	                               { "Algorithm '{1}' does not fit the size of the key", NULL },
	                               NULL },
	[ERROR_DIGEST_LENGTH] = { BAD_PARAMETER,
	                          { "Invalid length of 'value': {1} bytes. {2} requires {3} bytes, encoded with "
	                            "base64url.",
	                            NULL },
	                          NULL },
	[ERROR_BAD_VALUE_LENGTH] = { BAD_PARAMETER, { "Invalid length of '{1}': {2} bytes. {3}.", NULL }, NULL },
	[ERROR_CRYPTO_FAILED] = { BAD_PARAMETER, { "{1} failed", "The parameter is incorrect.\r\n" }, NULL },
	[ERROR_BACKUP_CORRUPT] = { 400,
	                           "MalformedBackupBlob",
	                           NULL,
	                           { "Backup blob belongs to a different crypto domain and cannot be used with this "
	                             "instance.",
	                             "Backup blob is corrupt." },
	                           "Malformed backup blob" },
	[ERROR_BACKUP_CONFLICT] = { 409,
	                            "Conflict",
	                            NULL,
	                            { "Conflict while restoring key {url} - key already exists or concurrent access",
	                              "There was a conflict restoring the key '{url}'. This can happen if either: a "
	                              "second key with "
	                              "the same name was created after the first key was deleted; thus trying to "
	                              "restore a key whose "
	                              "name is already in use." },
	                            NULL },
	[ERROR_AUDIENCE] = { 401,
	                     "Unauthorized",
	                     NULL,
	                     { "Found token with aud={1}, but expected aud={resource}",
	                       "AKV10022: Invalid audience. Expected {resource}, found: {1}." },
	                     NULL },
	[ERROR_NO_TOKEN] = { 401,
	                     "Unauthorized",
	                     NULL,
	                     { "", "AKV10000: Request is missing a Bearer or PoP token." },
	                     NULL },
	[ERROR_BAD_TOKEN] = { 401,
	                      "Unauthorized",
	                      NULL,
	                      { "", "AKV10046: Unable to resolve the key used for signature validation." },
	                      NULL },
	[ERROR_THROTTLED] = { 429,
	                      "Throttled",
	                      NULL,
	                      { "Request was not processed because too many requests were received. Reason: "
	                        "VaultRequestTypeLimitReached",
	                        NULL },
	                      NULL },
	[ERROR_INTERNAL] = { 500, "InternalServerError", NULL, { "An internal error occurred", NULL }, NULL },
	[ERROR_UNAVAILABLE] = { 503,
	                        "ServiceUnavailable",
	                        NULL,
	                        { "The service is temporarily unavailable", NULL },
	                        NULL },
	[ERROR_FORBIDDEN] = { 403,
	                      "Forbidden",
	                      "ForbiddenByRbac",
	                      { "Caller is not authorized to perform action on resource.", NULL },
	                      NULL },
};

static void put_key_url(FILE *out, const struct request *request, const char *collection, bool with_version)
{
	fprintf(out, "https://%s/%s/%s", request->host, collection, request->name);
	if (with_version && *request->version)
		fprintf(out, "/%s", request->version);
}

static void put_placeholder(FILE *out, const struct request *request, const char *name, size_t length,
                            const char *const arguments[3])
{
	if (length == 1 && *name >= '1' && *name <= '3')
		fputs(arguments[*name - '1'] ? arguments[*name - '1'] : "", out);
	else if (length == 4 && memcmp(name, "name", 4) == 0)
		fprintf(out, "%s%s%s", request->name, *request->version ? "/" : "", request->version);
	else if (length == 3 && memcmp(name, "url", 3) == 0)
		put_key_url(out, request, "keys", false);
	else if (length == 3 && memcmp(name, "kid", 3) == 0)
		put_key_url(out, request, "keys", true);
	else if (length == 10 && memcmp(name, "deletedurl", 10) == 0)
		put_key_url(out, request, "deletedkeys", false);
	else if (length == 8 && memcmp(name, "resource", 8) == 0)
		fputs(request->service->resource, out);
}

static char *expand(const struct request *request, const char *text, const char *const arguments[3])
{
	char *message = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&message, &length);

	if (!out)
		return NULL;
	while (*text) {
		size_t plain = strcspn(text, "{");
		const char *end;

		fwrite(text, 1, plain, out);
		text += plain;
		if (!*text)
			break;
		end = strchr(text, '}');
		put_placeholder(out, request, text + 1, (size_t)(end - text - 1), arguments);
		text = end + 1;
	}
	if (request->service->kind == SERVICE_MANAGED_HSM)
		fprintf(out, " (Activity ID: %s)", request->id);
	fclose(out);
	return message;
}

static void answer_error(struct request *request, unsigned status, const char *code, const char *message,
                         const char *inner)
{
	json_t *text = json_string(message); // NULL when a name from the URL is no UTF-8
	json_t *error = json_pack("{s:s, s:o}", "code", code, "message", text ? text : json_string(code));

	if (error && inner)
		json_object_set_new(error, "innererror", json_pack("{s:s}", "code", inner));
	answer_json(request, status, json_pack("{s:o}", "error", error));
}

void fail(struct request *request, enum error_id id, const char *argument1, const char *argument2,
          const char *argument3)
{
	const struct error *error = &errors[id];
	bool vault = request->service->kind == SERVICE_KEY_VAULT;
	const char *text = vault && error->message[1] ? error->message[1] : error->message[0];
	const char *const arguments[3] = { argument1, argument2, argument3 };
	char *message;

	request->answer.challenge = error->status == 401;
	if (!*text) {
		answer_empty(request, error->status);
		return;
	}
	message = expand(request, text, arguments);
	answer_error(request, error->status, vault && error->vault_code ? error->vault_code : error->code, message,
	             error->inner);
	free(message);
}

void fail_with_status(struct request *request, unsigned status)
{
	static const struct {
		unsigned status;
		enum error_id id;
	} usual[] = {
		{ 401, ERROR_NO_TOKEN },  { 403, ERROR_FORBIDDEN }, { 404, ERROR_KEY_NOT_FOUND },
		{ 429, ERROR_THROTTLED }, { 500, ERROR_INTERNAL },  { 503, ERROR_UNAVAILABLE },
	};

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (usual[i].status != status)
			continue;
		fail(request, usual[i].id, NULL, NULL, NULL);
		return;
	}
	answer_error(request, status, "Injected", "This status was asked for as a fault", NULL);
}
