// SPDX-License-Identifier: Apache-2.0
// Waiting that ends at once when the emulator stops.
#ifndef EMULATOR_PAUSE_H
#define EMULATOR_PAUSE_H

void pause_ms(unsigned milliseconds);
// From now on no pause lasts; those under way end.
void pause_end_all(void);
#endif
