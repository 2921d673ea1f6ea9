#include "common/io/versions.h"

#include <curl/curl.h>
#include <hiredis/hiredis.h>
#include <jansson.h>
#include <librdkafka/rdkafka.h>
#include <microhttpd.h>
#include <openssl/crypto.h>

void versions_write(struct buf *out)
{
    buf_printf(out, "librdkafka/%s ", rd_kafka_version_str());
    buf_printf(out, "libcurl/%s ", curl_version_info(CURLVERSION_NOW)->version);
    buf_printf(out, "libmicrohttpd/%s ", MHD_get_version());
    buf_printf(out, "hiredis/%d.%d.%d ", HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH);
    buf_printf(out, "jansson/%s ", JANSSON_VERSION);
    buf_printf(out, "openssl/%s", OpenSSL_version(OPENSSL_VERSION_STRING));
}
