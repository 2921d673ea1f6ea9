#include "common/io/report_url.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 21 }; /* a message, an attempt, where and how to change the URL */

static const struct str secret = {"secret", 6};

static void require(bool ok)
{
    if (!ok)
        abort();
}

/* Nobody can guess a signature: the path of a stranger never passes. */
static void check_foreign(struct str path)
{
    struct report report = {.attempt = 77777};
    require(report_url_parse(&report, path, secret) != ERR_OK && report.attempt == 77777);
}

/* The account's letters are made from the bytes that are left. */
static void make_report(struct report *report, const uint8_t *data, size_t size)
{
    static const char set[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t n = size - HEAD < CHUNK_ACCOUNT_MAX ? size - HEAD : CHUNK_ACCOUNT_MAX;
    *report = (struct report){.attempt = (unsigned)data[16] << 8 | data[17]};
    memcpy(report->message.b, data, sizeof(report->message.b));
    for (size_t i = 0; i < n; i++)
        report->account[i] = set[data[HEAD + i] % (sizeof(set) - 1)];
}

/* Properties: what is written is read; with any one byte changed it isn't. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct report report, again;
    struct buf url = {.cap = 200};
    check_foreign((struct str){(const char *)data, size});
    if (size <= HEAD)
        return 0;
    make_report(&report, data, size);
    report_url_write(&url, STR(""), secret, &report);
    require(!url.full && report_url_parse(&again, buf_view(&url), secret) == ERR_OK);
    require(strcmp(again.account, report.account) == 0 && id_eq(again.message, report.message));
    require(again.attempt == report.attempt && again.state == REPORT_DELIVERED);
    require(again.error == ERROR_NONE && again.at_ms == 0);
    require(report_url_parse(&again, buf_view(&url), STR("Secret")) == ERR_CONFLICT);
    size_t at = ((size_t)data[18] << 8 | data[19]) % url.n;
    url.p[at] = (char)(url.p[at] ^ (data[20] != 0 ? data[20] : 1));
    check_foreign(buf_view(&url));
    check_foreign((struct str){url.p, at});
    buf_done(&url);
    return 0;
}
