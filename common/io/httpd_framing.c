#include "common/io/httpd_framing.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct framing {
    unsigned lengths, codings;
    bool odd_name, other_coding;
};

static enum MHD_Result count_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    struct framing *f = arg;
    (void)kind;
    if (name[0] == '\0' || strpbrk(name, " \t") != NULL)
        f->odd_name = true;
    if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0)
        f->lengths++;
    if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        f->codings++;
        if (value == NULL || strcasecmp(value, "chunked") != 0)
            f->other_coding = true;
    }
    return MHD_YES;
}

const char *httpd_framing_fault(struct MHD_Connection *connection, const char *version)
{
    struct framing f = {0};
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_header, &f);
    if (f.odd_name)
        return "A header's name holds a space; write 'Name: value' without a space before the "
               "colon.";
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
