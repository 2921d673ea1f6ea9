#include "common/io/httpd_framing.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct framing {
    unsigned lengths, codings;
    bool odd_name, nul, other_coding;
};

static bool named(const char *name, size_t name_n, const char *wanted)
{
    return name_n == strlen(wanted) && strncasecmp(name, wanted, name_n) == 0;
}

/* NOLINTNEXTLINE(readability-function-size): the library's signature */
static enum MHD_Result count_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                    size_t name_n, const char *value, size_t value_n)
{
    struct framing *f = arg;
    (void)kind;
    if (name_n == 0 || strcspn(name, " \t") < name_n)
        f->odd_name = true;
    if (memchr(name, '\0', name_n) != NULL ||
        (value != NULL && memchr(value, '\0', value_n) != NULL))
        f->nul = true;
    if (named(name, name_n, "Content-Length"))
        f->lengths++;
    if (named(name, name_n, "Transfer-Encoding")) {
        f->codings++;
        if (value == NULL || !named(value, value_n, "chunked"))
            f->other_coding = true;
    }
    return MHD_YES;
}

const char *httpd_framing_fault(struct MHD_Connection *connection, const char *version)
{
    struct framing f = {0};
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, count_header, &f);
    if (f.odd_name)
        return "A header's name holds a space; write 'Name: value' without a space before the "
               "colon.";
    if (f.nul)
        return "A header holds a NUL.";
    if (f.other_coding || f.codings > 1)
        return "Only 'Transfer-Encoding: chunked' is understood.";
    if (f.codings > 0 && strcmp(version, MHD_HTTP_VERSION_1_0) == 0)
        return "HTTP/1.0 has no Transfer-Encoding.";
    if (f.lengths > 1)
        return "The request has more than one Content-Length.";
    if (f.lengths > 0 && f.codings > 0)
        return "The request has both Content-Length and Transfer-Encoding.";
    return NULL;
}

size_t httpd_framing_unescape(void *ignored, struct MHD_Connection *connection, char *text)
{
    (void)ignored;
    (void)connection;
    return strstr(text, "%00") != NULL ? strlen(text) : MHD_http_unescape(text);
}
