#include "workers/simulator/pages.h"

#include <stdio.h>

enum { PAGE_BYTES = 64 * 1024 * 1024, DEFAULT_LIMIT = 100, MAX_LIMIT = 1000 };

static void answer_typed(struct httpd_req *own_req, struct buf *own_page, const char *type)
{
    const struct httpd_answer answer = {
        .status = 200,
        .content_type = type,
        .body = buf_view(own_page),
    };
    httpd_answer(own_req, &answer);
    buf_done(own_page);
}

static void answer_page(struct httpd_req *own_req, struct buf *own_page)
{
    answer_typed(own_req, own_page, "application/json");
}

static void write_count(struct buf *page, const char *name, int64_t count)
{
    buf_printf(page, "%s\"%s\":%lld", page->n > 1 ? "," : "", name, (long long)count);
}

void pages_stats(struct carrier *carrier, struct httpd_req *own_req)
{
    const struct ledger_counts *counts = ledger_get_counts(carrier->ledger);
    const struct reports_counts *reports = reports_get_counts(carrier->reports);
    const char *references = httpd_query(own_req, "references");
    struct buf page = {.cap = PAGE_BYTES};
    buf_char(&page, '{');
#define WRITE(name, help) write_count(&page, #name, counts->name);
    LEDGER_COUNTS(WRITE)
#undef WRITE
    write_count(&page, "reports_sent", reports->sent);
    write_count(&page, "reports_pending", (int64_t)reports_pending(carrier->reports));
    write_count(&page, "reports_failed", reports->failed);
    write_count(&page, "report_retries", reports->retries);
    write_count(&page, "reports_dropped", reports->dropped);
    if (references != NULL && strcmp(references, "repeated") == 0) {
        buf_text(&page, ",\"repeated\":");
        ledger_write_repeated(carrier->ledger, &page);
    }
    buf_char(&page, '}');
    answer_page(own_req, &page);
}

void pages_references(struct carrier *carrier, struct httpd_req *own_req)
{
    struct buf page = {.cap = PAGE_BYTES};
    ledger_write_references(carrier->ledger, &page);
    answer_typed(own_req, &page, "text/plain");
}

/* As +4799999999; also without the plus, and with the space that a plus means in a query. */
static bool read_to(struct phone *to, const char *text)
{
    char number[PHONE_MAX_DIGITS + 2];
    if (*text == '+' || *text == ' ')
        text++;
    int n = snprintf(number, sizeof number, "+%s", text);
    return n > 0 && (size_t)n < sizeof number && phone_parse(to, number, (size_t)n) == ERR_OK;
}

void pages_messages(struct carrier *carrier, struct httpd_req *own_req)
{
    const char *to_text = httpd_query(own_req, "to");
    const char *limit_text = httpd_query(own_req, "limit");
    unsigned long long limit = DEFAULT_LIMIT;
    struct phone to;
    if (to_text != NULL && !read_to(&to, to_text)) {
        replies_refuse(own_req, 400, "to must be a number like %2B4799999999", NULL);
        return;
    }
    if (limit_text != NULL && (!str_to_uint(str_of(limit_text), MAX_LIMIT, &limit) || limit == 0)) {
        replies_refuse(own_req, 400, "limit must be a whole number from 1 to 1000", NULL);
        return;
    }
    struct buf page = {.cap = PAGE_BYTES};
    ledger_write_messages(carrier->ledger, to_text != NULL ? &to : NULL, (size_t)limit, &page);
    answer_page(own_req, &page);
}

void pages_get_behaviour(struct carrier *carrier, struct httpd_req *own_req)
{
    struct buf page = {.cap = PAGE_BYTES};
    behaviour_write(&carrier->behaviour, &page);
    answer_page(own_req, &page);
}

void pages_put_behaviour(struct carrier *carrier, struct httpd_req *own_req)
{
    struct behaviour_fault fault;
    if (carrier_behave(carrier, httpd_body(own_req), &fault))
        replies_refuse(own_req, 400, fault.text, NULL);
    else
        pages_get_behaviour(carrier, own_req);
}

void pages_reset(struct carrier *carrier, struct httpd_req *own_req)
{
    carrier_reset(carrier);
    httpd_answer(own_req, &(struct httpd_answer){.status = 204});
}
