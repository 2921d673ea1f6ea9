#include "workers/api/openapi.h"

#include "common/io/httpd.h"

extern const char openapi_json[]; /* made by the build */

void openapi_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    (void)api;
    (void)caller;
    httpd_answer(own_req, &(struct httpd_answer){.status = 200,
                                                 .content_type = "application/json",
                                                 .body = str_of(openapi_json)});
}
