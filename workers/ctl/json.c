#include "workers/ctl/json.h"

#include <jansson.h>

enum {
    DECIMAL_DIGITS = 15
}; /* with 17, which is what jansson takes, 0.99 is 0.98999999999999999 */

static int add(const char *bytes, size_t n, void *out)
{
    buf_add(out, bytes, n);
    return 0;
}

void json_write(struct buf *out, const json_t *value)
{
    (void)json_dump_callback(value, add, out,
                             JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(DECIMAL_DIGITS));
}
