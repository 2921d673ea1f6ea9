/*
 * message_row.h - how a message is put together from what Redis says of it and of its send.
 *
 * Units    none.
 * Owns     nothing: texts point into what is given.
 * Errors   none.
 * Threads  pure.
 */
#ifndef COMMON_STORE_MESSAGE_ROW_H
#define COMMON_STORE_MESSAGE_ROW_H

#include "common/store/keys.h"
#include "common/store/messages.h"

/* A single send's string is its line, '|', its description: returns the line, *text becomes the
 * description. Without a '|' all is the line, and *text empty. */
struct str message_cut_line(struct str *text);

/* What the send's description says. send_body is that of a send of many. */
void message_describe(struct message *message, const struct description *description,
                      struct str send_body);

#endif
