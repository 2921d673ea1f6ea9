/*
 * conf.h - settings from one table: environment over file over default, every mistake in one go.
 *
 * A row says all there is to know about a setting; loading, --help, the sample file and the
 * documentation come from the rows. A secret may stand in a file of its own, named by
 * <NAME>_FILE. An empty value counts as none. What a worker doesn't use is checked as well, except
 * that nothing is required of it and its secret files stay unread.
 *
 * Units    MS and BYTES texts need a unit ("10s", "64k"); inside they are int64_t ms and bytes. A
 *          MILLI text is a decimal ("0.99"); inside it is a number of 1/1000.
 * Owns     a struct conf its texts. The strings in the settings are the caller's, until
 *          conf_values_free.
 * Errors   ERR_CONFIG at the end of loading, when conf_errors has at least one line.
 * Threads  one.
 */
#ifndef COMMON_BASE_CONF_H
#define COMMON_BASE_CONF_H

#include "common/base/buf.h"
#include "common/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* The C type that each is stored as: int64_t, bool, char * (never NULL), int64_t, int64_t, int64_t,
 * int (the place in words), uint16_t (0: any free port), char *. */
enum conf_type {
    CONF_INT,
    CONF_BOOL,
    CONF_STR,
    CONF_MS,
    CONF_BYTES,
    CONF_MILLI,
    CONF_ENUM,
    CONF_PORT,
    CONF_URL,
};

enum { CONF_SECRET = 1, CONF_REQUIRED = 2 };
/* Required of some of those who use it: bits as in used_by. */
#define CONF_REQUIRED_OF(users) ((unsigned)(users) << CONF_REQUIRED_OF_SHIFT)
enum { CONF_REQUIRED_OF_SHIFT = 8 };

struct conf_row {
    const char *name;
    enum conf_type type;
    size_t offset;            /* in the caller's struct */
    const char *text;         /* the default; "" when it is required */
    int64_t min, max;         /* of the value; of the length where it is a string */
    unsigned flags;           /* CONF_SECRET ... */
    unsigned used_by;         /* bit i: conf_table.users[i] */
    const char *const *words; /* what an ENUM may be, how a URL may begin; ends in NULL */
    const char *help;         /* one or more sentences */
};

struct conf_table {
    const struct conf_row *rows;
    size_t count;
    const char *prefix;         /* "SMS_": environment variables that start so must be settings */
    const char *const *ignored; /* ... or one of these; ends in NULL */
    const char *const *users;   /* names of who uses settings; ends in NULL */
};

struct conf;

/* used_by has the one bit of the user that loads. The table must outlive it. */
struct conf *conf_new(const struct conf_table *table, unsigned used_by);
void conf_free(struct conf *own_conf);
/* An entry of a file; where is "sms.conf:12". */
void conf_file_entry(struct conf *conf, const char *where, const char *name, const char *text);
void conf_environ(struct conf *conf, char *const *environment);
/* Notes a mistake; also for those that the caller finds, before or after conf_finish. */
void conf_fail(struct conf *conf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes all values to settings, which the caller zeroed; free them in either case. */
MUST_USE enum err conf_finish(struct conf *conf, void *settings);
/* One line for each mistake; "" without any. Secrets are never in it. */
const char *conf_errors(const struct conf *conf);
unsigned conf_error_count(const struct conf *conf);
/* What holds after conf_finish for this user, with where it comes from; secrets masked. */
void conf_print(const struct conf *conf, struct buf *out);

void conf_values_free(const struct conf_table *table, void *settings);

/* The settings that used_by uses, for --help. */
void conf_write_help(const struct conf_table *table, unsigned used_by, struct buf *out);
/* All settings, as a file with every line commented out. */
void conf_write_sample(const struct conf_table *table, struct buf *out);
/* All settings, as Markdown tables. */
void conf_write_markdown(const struct conf_table *table, struct buf *out);

#endif
