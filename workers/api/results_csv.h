/*
 * results_csv.h - messages as lines of CSV.
 *
 * What somebody wrote and a spreadsheet would take for a formula (it begins with = + - @, a tab or CR) gets an apostrophe
 * before it. Phone numbers keep their '+'.
 *
 * Units    times as in the API's answers.
 * Owns     nothing.
 * Errors   none.
 * Threads  pure.
 * Source   RFC 4180.
 */
#ifndef WORKERS_API_RESULTS_CSV_H
#define WORKERS_API_RESULTS_CSV_H

#include "common/store/messages.h"

void results_csv_head(struct buf *out);
void results_csv_line(struct buf *out, const struct message *message);

#endif
