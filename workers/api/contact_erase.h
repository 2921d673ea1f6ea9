/*
 * contact_erase.h - POST /v1/contacts/{id}/gdpr-delete: a contact is forgotten, and so is its number
 * in the account's messages.
 *
 * The number is remembered as a digest, so that neither a scheduled send nor a replay of Kafka
 * brings it back; its messages lose number and text, those that wait are withheld; last, the
 * contact is deleted. So what was interrupted can be asked for again. Later sends to the number are
 * not hindered: consent may be given anew.
 *
 * Units    none.
 * Owns     nothing beyond the request.
 * Errors   404; 503 it was not finished: repeat it.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_CONTACT_ERASE_H
#define WORKERS_API_CONTACT_ERASE_H

#include "workers/api/route.h"

void contact_erase(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
