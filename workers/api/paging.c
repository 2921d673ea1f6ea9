#include "workers/api/paging.h"

enum { PAGES_MOST = 1000000000 };

static int64_t number(const struct httpd_req *req, const char *name, unsigned long long most,
                      int64_t when_absent, struct problem *problem)
{
    const char *text = httpd_query(req, name);
    unsigned long long value = 0;
    if (text == NULL)
        return when_absent;
    if (str_to_uint(str_of(text), most, &value) && value >= 1)
        return (int64_t)value;
    problem_parameter(problem, name, "invalid", "\"%s\" must be a number from 1 to %llu.", name,
                      most);
    return when_absent;
}

void paging_read(struct paging *ret_paging, const struct httpd_req *req, struct problem *problem)
{
    struct paging *p = ret_paging;
    p->page = number(req, "page", PAGES_MOST, 1, problem);
    p->per_page = number(req, "per_page", PAGING_MOST, PAGING_USUAL, problem);
    p->first = (p->page - 1) * p->per_page;
}

void paging_write(struct buf *out, const struct paging *paging, int64_t total)
{
    buf_printf(out, ",\"total\":%lld,\"page\":%lld,\"per_page\":%lld", (long long)total,
               (long long)paging->page, (long long)paging->per_page);
}
