// SPDX-License-Identifier: Apache-2.0
// The error answers of both services. Wordings are those of recorded answers where one was recorded.
#ifndef EMULATOR_ERRORS_H
#define EMULATOR_ERRORS_H
#include "request.h"

enum error_id {
	ERROR_BAD_BODY,
	ERROR_BAD_PROPERTY, // 1: property
	ERROR_MISSING_PROPERTY, // 1: property
	ERROR_NOT_BASE64URL, // 1: property
	ERROR_BAD_NAME, // 1: the name
	ERROR_BAD_PATH,
	ERROR_NO_OPERATION,
	ERROR_ACTION_NOT_SUPPORTED, // 1: action
	ERROR_METHOD_NOT_ALLOWED,
	ERROR_NOT_FOUND_PATH,
	ERROR_BAD_API_VERSION,
	ERROR_BODY_TOO_LARGE,
	ERROR_KEY_NOT_FOUND,
	ERROR_DELETED_KEY_NOT_FOUND,
	ERROR_KEY_IS_DELETED,
	ERROR_RECOVER_CONFLICT,
	ERROR_KEY_MANAGED, // 1: operation
	ERROR_CERTIFICATE_NOT_FOUND,
	ERROR_DELETED_CERTIFICATE_NOT_FOUND,
	ERROR_CERTIFICATE_IS_DELETED,
	ERROR_CERTIFICATE_NAME_TAKEN,
	ERROR_PENDING_NOT_FOUND,
	ERROR_BAD_PKCS12,
	ERROR_BAD_PEM,
	ERROR_PEM_WITHOUT_KEY,
	ERROR_SECRET_NOT_FOUND,
	ERROR_SECRET_DISABLED, // 1: operation
	ERROR_CONTACTS_NOT_FOUND,
	ERROR_ISSUER_NOT_FOUND,
	ERROR_KTY_MISSING,
	ERROR_BAD_JWK, // 1: what
	ERROR_BAD_KTY, // 1: kty
	ERROR_BAD_KEY_SIZE,
	ERROR_BAD_CURVE, // 1: curve
	ERROR_EXPORTABLE_NEEDS_POLICY,
	ERROR_POLICY_NEEDS_EXPORTABLE,
	ERROR_BAD_COUNT,
	ERROR_BAD_MAX_RESULTS,
	ERROR_KEY_DISABLED, // 1: operation
	ERROR_KEY_EXPIRED, // 1: operation
	ERROR_KEY_NOT_YET_VALID, // 1: operation
	ERROR_KEY_OPERATION, // 1: operation
	ERROR_BAD_ALGORITHM, // 1: algorithm
	ERROR_ALGORITHM_KEY_TYPE, // 1: algorithm, 2: the key's type, 3: types that fit
	ERROR_ALGORITHM_CURVE, // 1: algorithm, 2: the key's curve, 3: the curve that fits
	ERROR_ALGORITHM_KEY_SIZE, // 1: algorithm
	ERROR_DIGEST_LENGTH, // 1: length, 2: algorithm, 3: length that fits
	ERROR_BAD_VALUE_LENGTH, // 1: property, 2: length, 3: what fits
	ERROR_CRYPTO_FAILED, // 1: operation
	ERROR_BACKUP_CORRUPT,
	ERROR_BACKUP_CONFLICT,
	ERROR_AUDIENCE, // 1: found audience
	ERROR_NO_TOKEN,
	ERROR_BAD_TOKEN,
	ERROR_THROTTLED,
	ERROR_INTERNAL,
	ERROR_UNAVAILABLE,
	ERROR_FORBIDDEN,
	ERROR_COUNT
};

// Sets the answer. Arguments that an error does not use are NULL.
void fail(struct request *request, enum error_id id, const char *argument1, const char *argument2,
          const char *argument3);
// For a fault: the error that the service would most likely give with this status, as JSON.
void fail_with_status(struct request *request, unsigned status);
#endif
