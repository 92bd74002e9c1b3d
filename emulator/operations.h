// SPDX-License-Identifier: Apache-2.0
// Every operation of the REST API that the emulator knows, with the name under which it is counted and addressed.
#ifndef EMULATOR_OPERATIONS_H
#define EMULATOR_OPERATIONS_H

enum operation {
	OPERATION_OTHER, // a URL that leads nowhere
	OPERATION_GET,
	OPERATION_LIST,
	OPERATION_VERSIONS,
	OPERATION_CREATE,
	OPERATION_IMPORT,
	OPERATION_UPDATE,
	OPERATION_DELETE,
	OPERATION_GET_DELETED,
	OPERATION_LIST_DELETED,
	OPERATION_RECOVER,
	OPERATION_PURGE,
	OPERATION_ROTATE,
	OPERATION_GET_POLICY,
	OPERATION_SET_POLICY,
	OPERATION_BACKUP,
	OPERATION_RESTORE,
	OPERATION_SIGN,
	OPERATION_VERIFY,
	OPERATION_ENCRYPT,
	OPERATION_DECRYPT,
	OPERATION_WRAP,
	OPERATION_UNWRAP,
	OPERATION_RNG,
	OPERATION_COUNT
};

extern const char *const operation_names[OPERATION_COUNT];

// OPERATION_COUNT when there is none of that name; compares without case.
enum operation operation_by_name(const char *name);
#endif
