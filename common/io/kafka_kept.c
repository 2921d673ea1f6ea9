#include "common/base/buf.h"
#include "common/io/kafka.h"

#include <string.h>

void kafka_keep(struct kafka_kept *ret_kept, const struct kafka_record *record)
{
    char *bytes = xalloc(record->key.n + record->value.n + 1);
    if (record->key.n > 0)
        memcpy(bytes, record->key.p, record->key.n);
    if (record->value.n > 0)
        memcpy(bytes + record->key.n, record->value.p, record->value.n);
    *ret_kept = (struct kafka_kept){.record = *record, .own_bytes = bytes};
    ret_kept->record.key.p = bytes;
    ret_kept->record.value.p = bytes + record->key.n;
}

void kafka_kept_done(struct kafka_kept *kept)
{
    xfree(kept->own_bytes);
    kept->own_bytes = NULL;
}
