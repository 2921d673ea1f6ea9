#include "workers/api/results_csv.h"

#include "common/base/clock.h"

static void add_quoted(struct buf *out, struct str text, const char *before)
{
    buf_char(out, '"');
    buf_text(out, before);
    while (text.n > 0) {
        size_t all = text.n;
        struct str piece = str_cut(&text, '"');
        buf_str(out, piece);
        if (piece.n < all)
            buf_text(out, "\"\"");
    }
    buf_char(out, '"');
}

static bool has_any(struct str text, const char *bytes)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '\0' && strchr(bytes, text.p[i]) != NULL)
            return true;
    }
    return false;
}

/* Of our own making. */
static void add_plain(struct buf *out, const char *text)
{
    buf_text(out, text);
    buf_char(out, ',');
}

/* What somebody wrote. */
static void add_text(struct buf *out, struct str text)
{
    if (text.p == NULL)
        return;
    bool formula = has_any((struct str){text.p, text.n > 0}, "=+-@\t\r");
    if (formula || has_any(text, "\",\r\n"))
        add_quoted(out, text, formula ? "'" : "");
    else
        buf_str(out, text);
}

static void add_time(struct buf *out, int64_t at_ms)
{
    char text[CLOCK_TEXT_SIZE] = "";
    if (at_ms > 0)
        clock_format_s(text, at_ms);
    add_plain(out, text);
}

static void add_number(struct buf *out, struct str digits, bool shown)
{
    if (shown && digits.n > 0) {
        buf_char(out, '+');
        buf_str(out, digits);
    }
    buf_char(out, ',');
}

/* A name, or a phone number. */
static void add_sender(struct buf *out, struct str from)
{
    struct phone phone;
    if (from.p != NULL && phone_parse_digits(&phone, from) == ERR_OK) {
        add_number(out, from, true);
        return;
    }
    add_text(out, from);
    buf_char(out, ',');
}

void results_csv_head(struct buf *out)
{
    buf_text(out, "id,to_number,from_number,status,units_count,error_code,error_message,created_at,"
                  "scheduled_at,sent_at,delivered_at,customer_ref,body\r\n");
}

void results_csv_line(struct buf *out, const struct message *message)
{
    const struct line *line = &message->line;
    bool erased = (line->flags & LINE_ERASED) != 0;
    char id[ID_TEXT_SIZE];
    id_format(id, message->id);
    add_plain(out, id);
    add_number(out, line->digits, !erased);
    add_sender(out, message->from);
    add_plain(out, status_name(line->status));
    buf_uint(out, line->parts);
    buf_char(out, ',');
    add_plain(out, error_code(line->error));
    add_text(out, str_of(error_message(line->error)));
    buf_char(out, ',');
    add_time(out, message->at_ms);
    add_time(out, message->due_ms);
    add_time(out, line->sent_at_ms);
    add_time(out, line->status == STATUS_DELIVERED ? line->final_at_ms : 0);
    add_text(out, message->ref);
    buf_char(out, ',');
    add_text(out, erased ? (struct str){0} : message->body);
    buf_text(out, "\r\n");
}
