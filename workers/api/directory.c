#include "workers/api/directory.h"

#include "common/base/clock.h"
#include "common/io/crypto.h"
#include "workers/api/problem.h"
#include "workers/api/route.h"

bool directory_id(struct id *ret_id, struct str text)
{
    return id_parse(ret_id, text) == ERR_OK && id_number(*ret_id) == 0;
}

bool directory_path_id(struct id *ret_id, const struct httpd_req *req, unsigned segment)
{
    return directory_id(ret_id, route_segment(httpd_path(req), segment));
}

/* Ids of one millisecond count up in the 12 bits behind it (RFC 9562, 6.2, method 1), so that what
 * one process makes is in the order of its making. */
struct id directory_new_id(void)
{
    static int64_t last_ms;
    static unsigned counter;
    uint8_t random[ID_RANDOM_SIZE];
    int64_t now_ms = clock_wall_ms();
    counter = now_ms > last_ms ? 0 : counter + 1;
    if (now_ms > last_ms)
        last_ms = now_ms;
    if (counter > 0xfff) {
        counter = 0;
        last_ms++;
    }
    crypto_random(random, sizeof(random));
    random[0] = (uint8_t)(counter >> 8);
    random[1] = (uint8_t)counter;
    return id_new(last_ms, random);
}

void directory_absent(struct httpd_req *own_req, enum directory_noun noun)
{
    problem_simple(own_req, 404,
                   noun == DIRECTORY_CONTACT ? "There is no contact with this id."
                                             : "There is no group with this id.");
}

void directory_failed(struct httpd_req *own_req, enum directory_noun noun, enum err err)
{
    if (err == ERR_NOT_FOUND)
        directory_absent(own_req, noun);
    else
        problem_unavailable(own_req, "Redis can't be reached at the moment. Try again.");
}

struct id directory_made_id(const struct caller *caller)
{
    return caller->idempotent ? caller->send : directory_new_id();
}

void directory_not_made(struct httpd_req *own_req, enum directory_noun noun, enum err err,
                        bool idempotent)
{
    if (err == ERR_UNKNOWN && idempotent)
        problem_undecided(own_req, "Redis' answer was lost. Repeat it with the same key.");
    else if (err == ERR_UNKNOWN)
        problem_simple(own_req, 500,
                       noun == DIRECTORY_CONTACT
                           ? "Redis' answer was lost; the contact may be there or not. Look at the "
                             "list before you make it again."
                           : "Redis' answer was lost; the group may be there or not. Look at the "
                             "list before you make it again.");
    else
        directory_failed(own_req, noun, err);
}
