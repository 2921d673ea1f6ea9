/* The first byte says the kind and how the rest is cut into pieces: that must not matter. A row that is taken has a phone
 * number, is JSON, and lines only rise. */
#include "common/base/buf.h"
#include "common/sms/phone.h"
#include "workers/api/import_rows.h"

#include <jansson.h>
#include <stdlib.h>

struct seen {
    size_t line;
    struct buf rows;
};

static void on_row(void *arg, size_t line, json_t *own_body, const char *reason)
{
    struct seen *seen = arg;
    const json_t *number = json_object_get(own_body, "phone_number");
    struct phone phone;
    if (line <= seen->line || reason == NULL || (own_body == NULL) != (reason[0] != '\0'))
        abort();
    seen->line = line;
    buf_printf(&seen->rows, "%zu %s ", line, reason);
    if (own_body == NULL)
        return;
    if (phone_parse(&phone, json_string_value(number), json_string_length(number)) != ERR_OK)
        abort();
    char *text = json_dumps(own_body, JSON_COMPACT);
    if (text == NULL)
        abort();
    buf_text(&seen->rows, text);
    free(text);
    json_decref(own_body);
}

static enum err read(struct seen *seen, enum import_kind kind, struct str text, size_t piece)
{
    struct import_rows *rows = import_rows_new(kind, on_row, seen);
    enum err err = ERR_OK;
    for (size_t at = 0; at < text.n && err == ERR_OK; at += piece)
        err = import_rows_feed(
            rows, (struct str){text.p + at, text.n - at < piece ? text.n - at : piece});
    if (err == ERR_OK)
        err = import_rows_end(rows);
    if ((err != ERR_OK) != (import_rows_fault(rows)[0] != '\0'))
        abort();
    import_rows_free(rows);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole = {.rows = {.cap = SIZE_MAX / 2}}, cut = {.rows = {.cap = SIZE_MAX / 2}};
    if (size == 0)
        return 0;
    struct str text = {(const char *)data + 1, size - 1};
    enum import_kind kind = data[0] % 2 == 0 ? IMPORT_CSV : IMPORT_NDJSON;
    size_t piece = (size_t)data[0] / 2 % 16 + 1;
    enum err err = read(&whole, kind, text, size);
    if (read(&cut, kind, text, piece) != err || !str_eq(buf_view(&whole.rows), buf_view(&cut.rows)))
        abort();
    buf_done(&whole.rows);
    buf_done(&cut.rows);
    return 0;
}
