#include "common/base/log.h"

#include "common/base/buf.h"
#include "common/base/clock.h"

#include <pthread.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, GATHER_BYTES = 64 * 1024 };

static struct {
    const char *worker;
    enum log_level level;
    enum log_format format;
    int fd;
    bool gathers;
} log_state = {.worker = "-", .level = LOG_INFO, .fd = STDERR_FILENO};

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void log_init(const char *worker, enum log_level level, enum log_format format, int fd)
{
    log_state.worker = worker;
    log_state.level = level;
    log_state.format = format;
    log_state.fd = fd;
}

bool log_wants(enum log_level level)
{
    return level <= log_state.level;
}

void log_mask_phone(char masked[24], struct str digits)
{
    size_t n = digits.n < 20 ? digits.n : 20;
    size_t head = n >= 9 ? 5 : n / 3, tail = n >= 9 ? 2 : n / 5;
    for (size_t i = 0; i < n; i++)
        masked[i] = i < head || i >= n - tail ? digits.p[i] : '*';
    masked[n] = '\0';
}

/* A bare word stays bare in logfmt; anything else is quoted as JSON quotes it. */
static bool bare(struct str text)
{
    if (text.n == 0)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f)
            return false;
    }
    return true;
}

static void add_text(struct buf *line, struct str text)
{
    if (log_state.format == LOG_LOGFMT && bare(text))
        buf_str(line, text);
    else
        buf_json(line, text);
}

static void add_key(struct buf *line, const char *key)
{
    if (log_state.format == LOG_JSON) {
        buf_text(line, line->n > 1 ? ",\"" : "\"");
        buf_text(line, key);
        buf_text(line, "\":");
        return;
    }
    if (line->n > 0)
        buf_char(line, ' ');
    buf_text(line, key);
    buf_char(line, '=');
}

static void add_pair(struct buf *line, const struct kv *pair)
{
    char text[ID_TEXT_SIZE];
    add_key(line, pair->key);
    switch (pair->type) {
    case KV_INT:
        buf_int(line, pair->number);
        return;
    case KV_ID:
        id_format(text, pair->id);
        add_text(line, str_of(text));
        return;
    case KV_PHONE:
        log_mask_phone(text, pair->text);
        add_text(line, str_of(text));
        return;
    case KV_STR:
    case KV_END:
        add_text(line, pair->text);
    }
}

/* Lines of the present turn, from all threads. */
static struct {
    pthread_mutex_t lock; /* guards all below */
    char bytes[GATHER_BYTES];
    size_t n;
} gathered = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void write_all(const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t written = write(log_state.fd, bytes, n);
        if (written <= 0)
            return;
        bytes += written;
        n -= (size_t)written;
    }
}

static void flush_locked(void)
{
    write_all(gathered.bytes, gathered.n);
    gathered.n = 0;
}

void log_flush(void)
{
    (void)pthread_mutex_lock(&gathered.lock);
    flush_locked();
    (void)pthread_mutex_unlock(&gathered.lock);
}

void log_gather(bool on)
{
    log_state.gathers = on;
    log_flush();
}

static void put_line(enum log_level level, const struct buf *line)
{
    if (!log_state.gathers) {
        write_all(line->p, line->n);
        return;
    }
    (void)pthread_mutex_lock(&gathered.lock);
    if (gathered.n + line->n > GATHER_BYTES)
        flush_locked();
    memcpy(gathered.bytes + gathered.n, line->p, line->n);
    gathered.n += line->n;
    if (level <= LOG_WARN)
        flush_locked();
    (void)pthread_mutex_unlock(&gathered.lock);
}

/* The text of a second is made once: a burst has many lines in it. */
static void format_now(char at[CLOCK_TEXT_SIZE])
{
    static _Thread_local char text[CLOCK_TEXT_SIZE];
    static _Thread_local int64_t second = -1;
    int64_t now_ms = clock_wall_ms();
    if (now_ms / 1000 != second) {
        second = now_ms / 1000;
        clock_format_ms(text, second * 1000);
    }
    memcpy(at, text, CLOCK_TEXT_SIZE);
    at[20] = (char)('0' + now_ms / 100 % 10); /* "2026-01-31T10:11:12.000Z" */
    at[21] = (char)('0' + now_ms / 10 % 10);
    at[22] = (char)('0' + now_ms % 10);
}

void log_emit(enum log_level level, const struct kv *pairs)
{
    char bytes[LINE_MAX_BYTES + 8], at[CLOCK_TEXT_SIZE];
    /* Its cap is below its room, so it never grows out of the stack. */
    struct buf line = {.p = bytes, .cap = LINE_MAX_BYTES - 2, .room = sizeof(bytes)};
    format_now(at);
    if (log_state.format == LOG_JSON)
        buf_char(&line, '{');
    add_pair(&line, &(struct kv)KSTR("ts", at));
    add_pair(&line, &(struct kv)KSTR("level", level_names[level]));
    add_pair(&line, &(struct kv)KSTR("worker", log_state.worker));
    for (; pairs->type != KV_END; pairs++)
        add_pair(&line, pairs);
    line.cap = LINE_MAX_BYTES; /* the end always fits */
    buf_text(&line, log_state.format == LOG_JSON ? "}\n" : "\n");
    put_line(level, &line);
}

bool log_limit_pass(struct log_limit *limit, int64_t mono_ms, int64_t every_ms,
                    int64_t *ret_suppressed)
{
    if (mono_ms < limit->next_mono_ms) {
        limit->suppressed++;
        return false;
    }
    *ret_suppressed = limit->suppressed;
    limit->suppressed = 0;
    limit->next_mono_ms = mono_ms + every_ms;
    return true;
}
