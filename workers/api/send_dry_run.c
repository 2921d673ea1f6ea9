#include "workers/api/send_dry_run.h"

#include "common/base/milli.h"
#include "common/sms/gsm7.h"
#include "common/sms/money.h"
#include "common/sms/utf8.h"
#include "workers/api/answer.h"
#include "workers/api/message.h"
#include "workers/api/send_flow.h"

enum { ANSWER_CAP = 4 * 1024 * 1024, CHARACTERS_MAX = 50, PLACES_MAX = 20 };

/* A character that forces Unicode, and where it stands, in characters from 0. */
struct forcing {
    uint32_t cp;
    struct str bytes;
    size_t places[PLACES_MAX], count;
};

/* The entry of a character; NULL: there are too many. */
static struct forcing *entry_of(struct forcing *list, size_t *count, uint32_t cp, struct str bytes)
{
    size_t k = 0;
    while (k < *count && list[k].cp != cp)
        k++;
    if (k == CHARACTERS_MAX)
        return NULL;
    if (k == *count)
        list[(*count)++] = (struct forcing){.cp = cp, .bytes = bytes};
    return &list[k];
}

static size_t find_forcing(struct forcing *list, struct str text)
{
    const char *p = text.p, *end = text.p + text.n;
    size_t count = 0;
    for (size_t i = 0; p < end; i++) {
        const char *from = p;
        uint32_t cp;
        if (!utf8_next(&p, end, &cp))
            break;
        struct forcing *entry =
            gsm7_septet_count(cp) > 0
                ? NULL
                : entry_of(list, &count, cp, (struct str){from, (size_t)(p - from)});
        if (entry != NULL && entry->count < PLACES_MAX)
            entry->places[entry->count++] = i;
    }
    return count;
}

static void write_forcing(struct buf *out, struct str text)
{
    struct forcing list[CHARACTERS_MAX];
    size_t count = find_forcing(list, text);
    buf_text(out, ",\"unicode_characters\":[");
    for (size_t i = 0; i < count; i++) {
        buf_text(out, i > 0 ? ",{\"character\":" : "{\"character\":");
        buf_json(out, list[i].bytes);
        buf_printf(out, ",\"code_point\":\"U+%04X\",\"positions\":[", (unsigned)list[i].cp);
        for (size_t k = 0; k < list[i].count; k++)
            buf_printf(out, "%s%zu", k > 0 ? "," : "", list[i].places[k]);
        buf_text(out, "]}");
    }
    buf_char(out, ']');
}

static void write_rate(struct buf *out, int64_t rate_milli)
{
    buf_text(out, ",\"rate_per_second\":");
    if (rate_milli > 0)
        milli_write(out, rate_milli);
    else
        buf_text(out, "null");
}

void send_dry_run_answer(struct send_flow *flow)
{
    struct buf body = {.cap = ANSWER_CAP};
    const struct send_made *made = &flow->made;
    buf_printf(&body, "{\"dry_run\":true,\"recipients\":%lld,\"duplicates\":%zu",
               (long long)send_make_recipients(made), flow->request.duplicates);
    send_request_write_invalid(&body, &flow->request);
    answer_text(&body, "encoding", made->unicode ? STR("ucs2") : STR("gsm7"));
    buf_printf(&body, ",\"parts_per_message\":{\"least\":%u,\"most\":%u},\"units_estimate\":%lld",
               made->parts_least, made->parts_most, (long long)made->units);
    buf_text(&body, ",\"price_estimate\":");
    money_write(&body, flow->cost_milli);
    answer_text(&body, "currency", str_of(flow->account.currency));
    message_write_from(&body,
                       flow->sender.text[0] != '\0' ? str_of(flow->sender.text) : (struct str){0});
    answer_time(&body, "scheduled_at", flow->request.due_ms);
    write_rate(&body, made->is_job ? made->job.shared.rate_milli : made->chunk.rate_milli);
    write_forcing(&body, flow->request.message);
    buf_char(&body, '}');
    answer_json(flow->req, 200, &body);
}
