/* SPDX-License-Identifier: Apache-2.0 */
/*
 * We live in processes that are not ours: they fork, close every descriptor they do not know and reuse its number.
 * So nothing here takes a lock (the C library's calendar functions would), and a log file's descriptor is written to
 * only while it is still that file.
 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/printable.h"

#define LINE_MAX_BYTES 1000 /* with the newline */
#define SECONDS_PER_DAY 86400

struct mh_log {
	enum mh_log_level level;
	int descriptor;
	bool is_file; /* not standard error */
	dev_t device;
	ino_t inode;
};

static const char *const LEVELS[] = {
	[MH_LOG_OFF] = "off",   [MH_LOG_ERROR] = "error", [MH_LOG_WARN] = "warn",
	[MH_LOG_INFO] = "info", [MH_LOG_DEBUG] = "debug",
};

#define LEVEL_COUNT (sizeof(LEVELS) / sizeof(LEVELS[0]))

mh_result mh_log_level_parse(const char *text, enum mh_log_level *level)
{
	for (size_t i = 0; i < LEVEL_COUNT; i++) {
		if (strcmp(text, LEVELS[i]) == 0) {
			*level = (enum mh_log_level)i;
			return MH_SUCCESS;
		}
	}
	return MH_FAILURE;
}

/* Opens path and says in *status what it is. O_NONBLOCK: a FIFO must be refused, not waited for. */
static mh_result open_file(const char *path, int *descriptor, struct stat *status, struct mh_error *error)
{
	*descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
	if (*descriptor < 0 && errno == ELOOP)
		return mh_fail(error, MH_R_BAD_CONFIGURATION, "log file \"%s\" is a symbolic link", path);
	if (*descriptor < 0)
		return mh_fail(error, MH_R_BAD_CONFIGURATION, "cannot open log file \"%s\": %m", path);
	if (fstat(*descriptor, status) != 0)
		mh_fail(error, MH_R_BAD_CONFIGURATION, "cannot look at log file \"%s\": %m", path);
	else if (!S_ISREG(status->st_mode))
		mh_fail(error, MH_R_BAD_CONFIGURATION, "log file \"%s\" is not a regular file", path);
	else if (status->st_uid != geteuid())
		mh_fail(error, MH_R_BAD_CONFIGURATION, "log file \"%s\" belongs to another user", path);
	else
		return MH_SUCCESS;
	close(*descriptor);
	return MH_FAILURE;
}

mh_result mh_log_open(enum mh_log_level level, const char *path, struct mh_log **log, struct mh_error *error)
{
	int descriptor = STDERR_FILENO;
	struct stat status = { 0 };

	*log = NULL;
	if (level == MH_LOG_OFF)
		return MH_SUCCESS;
	if (path != NULL && !open_file(path, &descriptor, &status, error).ok)
		return MH_FAILURE;

	*log = malloc(sizeof(**log));
	if (*log == NULL) {
		if (path != NULL)
			close(descriptor);
		return mh_fail(error, MH_R_MEMORY, "out of memory");
	}
	**log = (struct mh_log){
		.level = level,
		.descriptor = descriptor,
		.is_file = path != NULL,
		.device = status.st_dev,
		.inode = status.st_ino,
	};
	return MH_SUCCESS;
}

/* True while the descriptor is what we opened and not something else that got its number since. */
static bool is_ours(const struct mh_log *log)
{
	struct stat now;

	return !log->is_file ||
	       (fstat(log->descriptor, &now) == 0 && now.st_dev == log->device && now.st_ino == log->inode);
}

void mh_log_close(struct mh_log *log)
{
	if (log == NULL)
		return;
	if (log->is_file && is_ours(log))
		close(log->descriptor);
	free(log);
}

bool mh_log_enabled(const struct mh_log *log, enum mh_log_level level)
{
	return log != NULL && level != MH_LOG_OFF && level <= log->level;
}

/* Days since 1970-01-01 -> date, in the proleptic Gregorian calendar; days >= 0. Counted in years that begin in March,
 * so that the leap day is a year's last. */
static void date_of_day(int64_t days, int *year, int *month, int *day)
{
	int64_t since = days + 719468; /* from 0000-03-01 */
	int64_t era = since / 146097; /* of 400 years */
	int64_t day_of_era = since % 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t march_month = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
	*month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
	*year = (int)(era * 400 + year_of_era + (*month <= 2 ? 1 : 0));
}

/* "2026-01-31T23:59:59.123Z info 4711 " */
static size_t put_head(char *line, size_t size, enum mh_log_level level)
{
	struct timespec now = { 0 };
	int year;
	int month;
	int day;
	int second;
	int length;

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec < 0)
		now.tv_sec = 0;
	date_of_day(now.tv_sec / SECONDS_PER_DAY, &year, &month, &day);
	second = (int)(now.tv_sec % SECONDS_PER_DAY);
	length = snprintf(line, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s %ld ", year, month, day, second / 3600,
	                  second / 60 % 60, second % 60, (int)(now.tv_nsec / 1000000),
	                  level < LEVEL_COUNT ? LEVELS[level] : "-", (long)getpid());
	return length > 0 ? (size_t)length : 0;
}

void mh_log_write(struct mh_log *log, enum mh_log_level level, const char *format, ...)
{
	int saved_errno = errno;
	char line[LINE_MAX_BYTES + 1]; /* the zero, in whose place the newline comes */
	size_t length;
	va_list arguments;

	if (!mh_log_enabled(log, level) || !is_ours(log))
		goto out;
	length = put_head(line, sizeof(line), level);
	errno = saved_errno; /* for %m */
	va_start(arguments, format);
	if (vsnprintf(line + length, LINE_MAX_BYTES - length, format, arguments) < 0)
		line[length] = '\0';
	va_end(arguments);
	mh_make_printable(line);
	length = strlen(line);
	if (length == LINE_MAX_BYTES - 1)
		length = mh_cut_length(line, length);
	line[length++] = '\n';
	while (write(log->descriptor, line, length) < 0 && errno == EINTR)
		;
out:
	errno = saved_errno;
}
