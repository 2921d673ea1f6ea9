#include "common/io/url.h"

#include "common/base/buf.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static char *part_of(CURLU *parts, CURLUPart what)
{
    char *text = NULL;
    return curl_url_get(parts, what, &text, 0) == CURLUE_OK ? text : NULL;
}

/* What the resolver would take the host for. */
static void check_host(const char *host)
{
    struct in_addr address;
    require(strcasecmp(host, "localhost") != 0);
    if (inet_aton(host, &address) == 0)
        return;
    uint32_t ip = ntohl(address.s_addr);
    require(ip >> 24 != 127 && ip >> 24 != 10 && ip >> 24 != 0 && ip >> 16 != 0xc0a8);
    require(ip >> 20 != 0xac1 && ip >> 16 != 0xa9fe && ip >> 22 != 0x64400000 >> 22);
}

/* Properties: what is allowed is https without user info, as libcurl reads it, and not a private
 * address; what isn't says why. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *why = NULL;
    struct str url = {(const char *)data, size};
    if (url_check_callback(url, &why) != ERR_OK) {
        require(why != NULL && why[0] != '\0');
        return 0;
    }
    require(size <= URL_CALLBACK_MAX_BYTES);
    char *text = xstrndup(url.p, url.n);
    CURLU *parts = curl_url();
    require(parts != NULL && curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK);
    char *scheme = part_of(parts, CURLUPART_SCHEME), *host = part_of(parts, CURLUPART_HOST);
    char *user = part_of(parts, CURLUPART_USER), *password = part_of(parts, CURLUPART_PASSWORD);
    require(strcmp(scheme, "https") == 0 && user == NULL && password == NULL);
    check_host(host);
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(parts);
    xfree(text);
    return 0;
}
