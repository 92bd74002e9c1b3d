// SPDX-License-Identifier: Apache-2.0
// The certificates that a new vault begins with, around keys that were just made.
#ifndef EMULATOR_SEED_CERTIFICATES_H
#define EMULATOR_SEED_CERTIFICATES_H
#include "certificate_store.h"

// Fills the parts; false on failure. The caller clears them whatever the result.
typedef bool certificate_maker(struct key_material *material, struct certificate_parts *parts);

// Self-signed, as if the service had made it.
bool seed_self_signed(struct key_material *material, struct certificate_parts *parts);
// By an intermediate authority under a root, as if it had been imported with its chain.
bool seed_with_chain(struct key_material *material, struct certificate_parts *parts);
#endif
