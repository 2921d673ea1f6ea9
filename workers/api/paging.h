/*
 * paging.h - the query parameters page and per_page of a list.
 *
 * Units    page counts from 1, first from 0.
 * Owns     nothing.
 * Errors   told in the problem.
 * Threads  pure.
 */
#ifndef WORKERS_API_PAGING_H
#define WORKERS_API_PAGING_H

#include "workers/api/problem.h"

enum { PAGING_USUAL = 50, PAGING_MOST = 500 };

struct paging {
    int64_t page, per_page;
    int64_t first; /* how many are skipped */
};

void paging_read(struct paging *ret_paging, const struct httpd_req *req, struct problem *problem);
/* `,"total":..,"page":..,"per_page":..` */
void paging_write(struct buf *out, const struct paging *paging, int64_t total);

#endif
