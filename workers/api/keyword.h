/*
 * keyword.h - the inbound keywords of an account: what a message to a shared number begins with.
 *
 *     GET    /v1/sms/keywords                    200, all of them, the oldest first
 *     POST   /v1/sms/keywords                    201
 *     GET    /v1/sms/keywords/{id}               200
 *     PATCH  /v1/sms/keywords/{id}               200
 *     DELETE /v1/sms/keywords/{id}               204
 *     GET    /v1/sms/keywords/check/{keyword}    200, is it free?
 *
 * A keyword belongs to one account, whatever its case; it can't be changed into another.
 *
 * Units    none.
 * Owns     nothing beyond the requests.
 * Errors   answered: 404; 409 the keyword is taken, too many; 422; 500 it is not known whether it
 *          was made; 503.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_KEYWORD_H
#define WORKERS_API_KEYWORD_H

struct api;
struct caller;
struct httpd_req;

void keyword_list(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void keyword_create(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void keyword_get(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void keyword_patch(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void keyword_delete(struct api *api, struct httpd_req *own_req, const struct caller *caller);
void keyword_check(struct api *api, struct httpd_req *own_req, const struct caller *caller);

#endif
