#include "common/sms/counts.h"

void counts_read(struct counts *counts, struct str field, struct str value)
{
    unsigned long long number = 0;
    if (field.n != 1 || !str_to_uint(value, INT64_MAX, &number))
        return;
    enum status status = status_of_letter(field.p[0]);
    if (field.p[0] == 'u')
        counts->units = (int64_t)number;
    else if (status < STATUS_COUNT)
        counts->by_status[status] = (int64_t)number;
}

void counts_add(struct counts *sum, const struct counts *more)
{
    for (size_t i = 0; i < STATUS_COUNT; i++)
        sum->by_status[i] += more->by_status[i];
    sum->units += more->units;
}

int64_t counts_sent(const struct counts *counts)
{
    const int64_t *n = counts->by_status;
    return n[STATUS_QUEUED] + n[STATUS_SENDING] + n[STATUS_SENT] + n[STATUS_DELIVERED] +
           n[STATUS_FAILED];
}

int64_t counts_rate_milli(const struct counts *counts)
{
    int64_t sent = counts_sent(counts);
    if (sent == 0)
        return 0;
    return (200 * counts->by_status[STATUS_DELIVERED] + sent) / (2 * sent) * 10;
}
