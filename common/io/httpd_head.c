#include "common/io/httpd_head.h"

#include <string.h>

enum { PAIR_BYTES = 72 }; /* of a header or parameter, beside its text */

size_t httpd_head_line(const char *uri)
{
    size_t bytes = strlen(uri);
    union {
        const char *in;
        char *out;
    } query = {.in = strchr(uri, '?')}; /* the library's own memory, and it writes there, too */
    if (query.in == NULL)
        return bytes;
    for (const char *p = query.in; p != NULL; p = strchr(p + 1, '&'))
        bytes += PAIR_BYTES;
    if (bytes > HTTPD_HEAD_MOST)
        query.out[0] = query.out[1] = '\0';
    return bytes;
}

static enum MHD_Result count_pair(void *arg, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    size_t *bytes = arg;
    (void)kind;
    *bytes += PAIR_BYTES + strlen(name) + (value != NULL ? strlen(value) : 0);
    return MHD_YES;
}

bool httpd_head_too_large(struct MHD_Connection *connection, size_t line_bytes)
{
    size_t bytes = line_bytes;
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_pair, &bytes);
    (void)MHD_get_connection_values(connection, MHD_COOKIE_KIND, count_pair, &bytes);
    return bytes > HTTPD_HEAD_MOST;
}
