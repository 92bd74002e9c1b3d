/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log file: off unless configured. One line per event: UTC time, level, process id, text.
 * Never given a token, a plaintext, a digest's preimage or key bytes. Thread-safe (one write(2) per line, O_APPEND);
 * safe after fork.
 */
#ifndef MH_BASE_LOG_H
#define MH_BASE_LOG_H

#include "base/error.h"

enum mh_log_level { MH_LOG_OFF = 0, MH_LOG_ERROR, MH_LOG_WARN, MH_LOG_INFO, MH_LOG_DEBUG };

struct mh_log;

/* "error", "warn", "info", "debug", "off" -> level. */
mh_result mh_log_level_parse(const char *text, enum mh_log_level *level) MH_MUST_CHECK;

/* Opens (creates with mode 0600, refuses a symbolic link, close-on-exec) path for appending; path NULL means standard
 * error. level MH_LOG_OFF opens nothing and gives *log = NULL. The caller owns *log. */
mh_result mh_log_open(enum mh_log_level level, const char *path, struct mh_log **log,
                      struct mh_error *error) MH_MUST_CHECK;
void mh_log_close(struct mh_log *log);

/* True when a line of that level would be written; log may be NULL. */
bool mh_log_enabled(const struct mh_log *log, enum mh_log_level level);

/* Writes a line if enabled; log may be NULL. Lines are cut at 1,000 bytes, control characters become spaces.
 * Leaves errno as it was. */
void mh_log_write(struct mh_log *log, enum mh_log_level level, const char *format, ...) MH_PRINTF(3, 4);

#endif
