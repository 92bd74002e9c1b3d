// SPDX-License-Identifier: Apache-2.0
// JSON of the certificates API. Order and presence of members are as recorded.
#include "certificate_show.h"

#include "jwk.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// "https://host/collection/name", then the version when there is one.
static json_t *url(const struct request *request, const char *collection, const struct key *key, const char *last)
{
	char *text;
	json_t *value;

	if (asprintf(&text, "https://%s/%s/%s%s%s", request->host, collection, key->name, last ? "/" : "",
	             last ? last : "") < 0)
		return NULL;
	value = json_string(text);
	free(text);
	return value;
}

static json_t *show_attributes(const struct key_version *version, bool with_recovery)
{
	json_t *shown = json_pack("{s:b, s:I, s:I, s:I, s:I}", "enabled", version->enabled, "nbf",
	                          (json_int_t)version->nbf, "exp", (json_int_t)version->exp, "created",
	                          (json_int_t)version->created, "updated", (json_int_t)version->updated);

	if (shown && with_recovery) {
		json_object_set_new(shown, "recoveryLevel", json_string("CustomizedRecoverable+Purgeable"));
		json_object_set_new(shown, "recoverableDays", json_integer(RECOVERABLE_DAYS));
	}
	return shown;
}

json_t *policy_show(const struct request *request, const struct key *key)
{
	json_t *shown = json_pack("{s:o}", "id", url(request, "certificates", key, "policy"));
	json_t *policy = json_deep_copy(key->policy);

	json_object_update(shown, policy);
	json_decref(policy);
	return shown;
}

static void add_certificate(json_t *shown, const struct request *request, const struct key *key,
                            const struct key_version *version)
{
	json_object_set_new(shown, "id", url(request, "certificates", key, version->id));
	json_object_set_new(shown, "kid", url(request, "keys", key, version->id));
	json_object_set_new(shown, "sid", url(request, "secrets", key, version->id));
	json_object_set_new(shown, "x5t", json_string(version->certificate->x5t));
	json_object_set_new(shown, "cer", json_string(version->certificate->cer));
	json_object_set_new(shown, "attributes", show_attributes(version, true));
	if (version->tags)
		json_object_set_new(shown, "tags", json_deep_copy(version->tags));
	json_object_set_new(shown, "policy", policy_show(request, key));
	if (key->pending)
		json_object_set_new(shown, "pending",
		                    json_pack("{s:o}", "id", url(request, "certificates", key, "pending")));
}

json_t *certificate_show(const struct request *request, const struct key *key, const struct key_version *version)
{
	json_t *shown = json_object();

	add_certificate(shown, request, key, version);
	return shown;
}

json_t *certificate_show_deleted(const struct request *request, const struct key *key,
                                 const struct key_version *version)
{
	json_t *shown = json_object();

	show_deletion(shown, request, key, "deletedcertificates");
	add_certificate(shown, request, key, version);
	return shown;
}

// id is NULL for the newest one. The real lists have an empty subject too.
static void add_item(json_t *shown, const struct request *request, const struct key *key,
                     const struct key_version *version, const char *id)
{
	json_object_set_new(shown, "id", url(request, "certificates", key, id));
	json_object_set_new(shown, "x5t", json_string(version->certificate->x5t));
	json_object_set_new(shown, "attributes", show_attributes(version, false));
	if (version->tags)
		json_object_set_new(shown, "tags", json_deep_copy(version->tags));
	json_object_set_new(shown, "subject", json_string(""));
}

json_t *certificate_show_item(const struct request *request, const struct key *key, const struct key_version *version)
{
	json_t *shown = json_object();

	add_item(shown, request, key, version, NULL);
	return shown;
}

json_t *certificate_show_version(const struct request *request, const struct key *key,
                                 const struct key_version *version)
{
	json_t *shown = json_object();

	add_item(shown, request, key, version, version->id);
	return shown;
}

json_t *certificate_show_deleted_item(const struct request *request, const struct key *key,
                                      const struct key_version *version)
{
	json_t *shown = json_object();

	show_deletion(shown, request, key, "deletedcertificates");
	add_item(shown, request, key, version, NULL);
	return shown;
}

json_t *pending_show(const struct request *request, const struct key *key, bool done)
{
	const json_t *csr = json_object_get(key->pending, "csr");
	json_t *shown = json_pack("{s:o, s:O, s:O, s:b, s:s}", "id", url(request, "certificates", key, "pending"),
	                          "issuer", json_object_get(key->pending, "issuer"), "csr", csr,
	                          "cancellation_requested", 0, "status", done ? "completed" : "inProgress");

	if (done)
		json_object_set_new(shown, "target", url(request, "certificates", key, NULL));
	else
		json_object_set_new(shown, "status_details",
		                    json_string("Pending certificate created. Certificate request is in progress. This "
		                                "may take some time based on the issuer provider. Please check again "
		                                "later."));
	json_object_set(shown, "request_id", json_object_get(key->pending, "request_id"));
	return shown;
}

json_t *secret_show(const struct request *request, const struct key *key, const struct key_version *version)
{
	const struct certificate *certificate = version->certificate;
	char *value = certificate_secret(certificate, version->material->pkey);
	json_t *shown;

	if (!value)
		return NULL;
	shown = json_pack("{s:s, s:s, s:o, s:b, s:o}", "value", value, "contentType",
	                  certificate->pem_secret ? "application/x-pem-file" : "application/x-pkcs12", "id",
	                  url(request, "secrets", key, version->id), "managed", 1, "attributes",
	                  show_attributes(version, true));
	OPENSSL_cleanse(value, strlen(value));
	free(value);
	if (version->tags)
		json_object_set_new(shown, "tags", json_deep_copy(version->tags));
	json_object_set_new(shown, "kid", url(request, "keys", key, version->id));
	return shown;
}
