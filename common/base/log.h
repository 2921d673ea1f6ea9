/*
 * log.h - one line per event on standard error.
 *
 *     LOG(LOG_INFO, EV("attempt"), KID("msg", id), KPHONE("to", digits), KINT("attempt", 2));
 *
 * The event is a constant word; what varies is typed pairs, in this order: ids, who, counts,
 * timings by stage, verdict, reason. Numbers of people are masked by the KPHONE type; message text,
 * secrets and carriers' bodies are never logged. Library code below `worker` does not log: it
 * returns. No line is ever the only record of a fact the system needs.
 *
 * Units    keys that hold a time or size end in their unit (_ms, _bytes).
 * Owns     nothing; values are borrowed for the call.
 * Errors   none; a line that can't be written is lost. A line is cut at 4,096 bytes.
 * Threads  safe everywhere after log_init.
 *
 * Levels: error = a person must act; warn = degraded, says what it does instead; info = what an
 * operator follows, one line for each attempt and change; debug = off.
 */
#ifndef COMMON_BASE_LOG_H
#define COMMON_BASE_LOG_H

#include "common/base/id.h"
#include "common/base/str.h"

#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_LOGFMT, LOG_JSON };

enum kv_type { KV_END, KV_STR, KV_INT, KV_ID, KV_PHONE };

struct kv {
    enum kv_type type;
    const char *key;
    struct str text;
    int64_t number;
    struct id id;
};

#define EV(name) KSTR("ev", (name))
#define KSTR(name, value)                                                                          \
    {                                                                                              \
        .type = KV_STR, .key = (name), .text = str_of(value)                                       \
    }
#define KVIEW(name, value)                                                                         \
    {                                                                                              \
        .type = KV_STR, .key = (name), .text = (value)                                             \
    }
#define KINT(name, value)                                                                          \
    {                                                                                              \
        .type = KV_INT, .key = (name), .number = (int64_t)(value)                                  \
    }
#define KID(name, value)                                                                           \
    {                                                                                              \
        .type = KV_ID, .key = (name), .id = (value)                                                \
    }
#define KPHONE(name, digits)                                                                       \
    {                                                                                              \
        .type = KV_PHONE, .key = (name), .text = str_of(digits)                                    \
    }
#define KERR(value) KSTR("reason", err_text(value))

#define LOG(level, ...)                                                                            \
    do {                                                                                           \
        if (log_wants(level))                                                                      \
            log_emit(level, (const struct kv[]){__VA_ARGS__, {.type = KV_END}});                   \
    } while (0)

/* While it is on, info and debug lines are gathered until log_flush, which the loop calls before each wait, or until a
 * warning or an error: in a burst, a system call for each line costs more than the line. Off writes what is left. */
void log_gather(bool on);
void log_flush(void);
/* worker is kept, not copied. Lines go to fd (2 in a worker). */
void log_init(const char *worker, enum log_level level, enum log_format format, int fd);
bool log_wants(enum log_level level);
void log_emit(enum log_level level, const struct kv *pairs);

/* A site that may repeat: true at most once in every_ms, and then *ret_suppressed lines were left
 * out since. */
struct log_limit {
    int64_t next_mono_ms;
    int64_t suppressed;
};
bool log_limit_pass(struct log_limit *limit, int64_t mono_ms, int64_t every_ms,
                    int64_t *ret_suppressed);

/* "4799****99": the first five and last two digits, at most; shorter numbers show less. */
void log_mask_phone(char masked[24], struct str digits);

#endif
