// SPDX-License-Identifier: Apache-2.0
// The names of operations, as the statistics show them and as a fault may name one.
#include "operations.h"

#include <strings.h>

const char *const operation_names[OPERATION_COUNT] = {
	[OPERATION_OTHER] = "other",
	[OPERATION_GET] = "get",
	[OPERATION_LIST] = "list",
	[OPERATION_VERSIONS] = "versions",
	[OPERATION_CREATE] = "create",
	[OPERATION_IMPORT] = "import",
	[OPERATION_UPDATE] = "update",
	[OPERATION_DELETE] = "delete",
	[OPERATION_GET_DELETED] = "getdeleted",
	[OPERATION_LIST_DELETED] = "listdeleted",
	[OPERATION_RECOVER] = "recover",
	[OPERATION_PURGE] = "purge",
	[OPERATION_ROTATE] = "rotate",
	[OPERATION_GET_POLICY] = "getrotationpolicy",
	[OPERATION_SET_POLICY] = "setrotationpolicy",
	[OPERATION_BACKUP] = "backup",
	[OPERATION_RESTORE] = "restore",
	[OPERATION_SIGN] = "sign",
	[OPERATION_VERIFY] = "verify",
	[OPERATION_ENCRYPT] = "encrypt",
	[OPERATION_DECRYPT] = "decrypt",
	[OPERATION_WRAP] = "wrapkey",
	[OPERATION_UNWRAP] = "unwrapkey",
	[OPERATION_RNG] = "rng",
	[OPERATION_GET_CERTIFICATE] = "getcertificate",
	[OPERATION_LIST_CERTIFICATES] = "listcertificates",
	[OPERATION_CERTIFICATE_VERSIONS] = "certificateversions",
	[OPERATION_CREATE_CERTIFICATE] = "createcertificate",
	[OPERATION_GET_PENDING] = "getpending",
	[OPERATION_IMPORT_CERTIFICATE] = "importcertificate",
	[OPERATION_UPDATE_CERTIFICATE] = "updatecertificate",
	[OPERATION_DELETE_CERTIFICATE] = "deletecertificate",
	[OPERATION_GET_DELETED_CERTIFICATE] = "getdeletedcertificate",
	[OPERATION_LIST_DELETED_CERTIFICATES] = "listdeletedcertificates",
	[OPERATION_RECOVER_CERTIFICATE] = "recovercertificate",
	[OPERATION_PURGE_CERTIFICATE] = "purgecertificate",
	[OPERATION_GET_CERTIFICATE_POLICY] = "getcertificatepolicy",
	[OPERATION_SET_CERTIFICATE_POLICY] = "setcertificatepolicy",
	[OPERATION_GET_CONTACTS] = "getcontacts",
	[OPERATION_LIST_ISSUERS] = "listissuers",
	[OPERATION_GET_ISSUER] = "getissuer",
	[OPERATION_GET_SECRET] = "getsecret",
};

enum operation operation_by_name(const char *name)
{
	for (int i = 0; i < OPERATION_COUNT; i++)
		if (strcasecmp(operation_names[i], name) == 0)
			return (enum operation)i;
	return OPERATION_COUNT;
}
