#include "common/io/report_url.h"

#include "common/io/crypto.h"

enum { SIGNATURE_BYTES = 16, SIGNATURE_SIZE = 23 };

static const struct str prefix = {"/reports/", 9};

static void sign(char text[SIGNATURE_SIZE], struct str secret, struct str subject)
{
    uint8_t mac[CRYPTO_SHA256_SIZE];
    crypto_hmac_sha256(mac, secret, subject);
    crypto_base64url(text, mac, SIGNATURE_BYTES);
}

void report_url_write(struct buf *out, struct str base, struct str secret,
                      const struct report *report)
{
    char message[ID_TEXT_SIZE], signature[SIGNATURE_SIZE];
    id_format(message, report->message);
    buf_str(out, base);
    buf_str(out, prefix);
    size_t from = out->n;
    buf_printf(out, "%s/%s/%u", report->account, message, report->attempt);
    sign(signature, secret, (struct str){out->p + from, out->n - from});
    buf_char(out, '/');
    buf_text(out, signature);
}

enum err report_url_parse(struct report *ret_report, struct str path, struct str secret)
{
    struct report report = {.attempt = 0};
    char expected[SIGNATURE_SIZE];
    unsigned long long attempt = 0;
    if (!str_starts(path, prefix))
        return ERR_SYNTAX;
    struct str rest = {path.p + prefix.n, path.n - prefix.n};
    struct str account = str_cut(&rest, '/'), message = str_cut(&rest, '/'),
               number = str_cut(&rest, '/');
    if (!chunk_account_valid(account) || id_parse(&report.message, message) != ERR_OK ||
        !str_to_uint(number, UINT16_MAX, &attempt))
        return ERR_SYNTAX;
    sign(expected, secret, (struct str){account.p, (size_t)(number.p + number.n - account.p)});
    if (!crypto_eq(rest, str_of(expected)))
        return ERR_CONFLICT;
    memcpy(report.account, account.p, account.n);
    report.attempt = (unsigned)attempt;
    *ret_report = report;
    return ERR_OK;
}
