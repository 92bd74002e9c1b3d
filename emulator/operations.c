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
};

enum operation operation_by_name(const char *name)
{
	for (int i = 0; i < OPERATION_COUNT; i++)
		if (strcasecmp(operation_names[i], name) == 0)
			return (enum operation)i;
	return OPERATION_COUNT;
}
