#include "workers/api/send_flow.h"

#include "common/store/contacts.h"
#include "common/store/groups.h"
#include "common/store/profiles.h"
#include "workers/api/api.h"
#include "workers/api/problem.h"
#include "workers/api/send_recipients.h"

static const char NO_REDIS[] =
    "The send was not accepted: what it names can't be looked up at the moment. Try again.";

struct send_flow *send_flow_new(struct api *api, struct httpd_req *own_req,
                                const struct caller *caller, struct send_request *own_request)
{
    struct send_flow *flow = xalloc(sizeof(*flow));
    flow->api = api;
    flow->req = own_req;
    flow->account = *caller->account;
    flow->id = caller->send;
    flow->idempotent = caller->idempotent;
    flow->request = *own_request;
    flow->sender = caller->account->default_sender;
    api->sends_open++;
    problem_init(&flow->problem, 422);
    return flow;
}

void send_flow_forget(struct send_flow *own_flow)
{
    own_flow->api->sends_open--;
    send_make_done(&own_flow->made);
    send_request_done(&own_flow->request);
    problem_done(&own_flow->problem);
    xfree(own_flow);
}

/* Answers what is wrong, if anything is. */
static bool refused(struct send_flow *flow)
{
    if (flow->problem.errors == 0)
        return false;
    problem_answer(flow->req, &flow->problem);
    send_flow_forget(flow);
    return true;
}

static void unavailable(struct send_flow *flow)
{
    problem_unavailable(flow->req, NO_REDIS);
    send_flow_forget(flow);
}

/* --- groups --- */

static void on_groups(void *arg, enum err err, const int64_t *counts, size_t count)
{
    struct send_flow *flow = arg;
    if (err != ERR_OK) {
        unavailable(flow);
        return;
    }
    for (size_t i = count; i-- > 0;) { /* backwards: dropping one moves those behind it */
        if (counts[i] < 0)
            send_recipients_drop_group(&flow->request, i, &flow->problem);
        else
            flow->members += counts[i];
    }
    if (!refused(flow))
        flow->found(flow);
}

static void find_groups(struct send_flow *flow)
{
    struct id ids[SEND_MAX_GROUPS];
    size_t count = flow->request.group_count;
    if (count == 0) {
        if (!refused(flow))
            flow->found(flow);
        return;
    }
    for (size_t i = 0; i < count; i++)
        ids[i] = flow->request.groups[i].id;
    if (groups_counts(flow->api->links.redis, flow->account.id, ids, count, on_groups, flow) !=
        ERR_OK)
        unavailable(flow);
}

/* --- contacts --- */

static void find_contacts(struct send_flow *flow);

static void on_contacts(void *arg, enum err err, const struct str *texts, size_t count)
{
    struct send_flow *flow = arg;
    if (err != ERR_OK) {
        unavailable(flow);
        return;
    }
    for (size_t i = 0; i < count; i++)
        send_recipients_add_contact(&flow->request,
                                    &flow->request.contacts[flow->contacts_asked + i], texts[i],
                                    &flow->problem);
    flow->contacts_asked += count;
    find_contacts(flow);
}

/* Some at a time. */
static void find_contacts(struct send_flow *flow)
{
    struct id ids[CONTACTS_MANY];
    size_t count = flow->request.contact_count - flow->contacts_asked;
    if (count == 0) {
        find_groups(flow);
        return;
    }
    if (count > CONTACTS_MANY)
        count = CONTACTS_MANY;
    for (size_t i = 0; i < count; i++)
        ids[i] = flow->request.contacts[flow->contacts_asked + i].id;
    if (contacts_get_many(flow->api->links.redis, flow->account.id, ids, count, on_contacts,
                          flow) != ERR_OK)
        unavailable(flow);
}

/* --- the sender --- */

static void sender_error(struct send_flow *flow, const char *code, const char *what)
{
    problem_error(&flow->problem,
                  flow->request.profile.p != NULL ? "/sender_profile_id" : "/sender_id", code, "%s",
                  what);
}

static void on_profile(void *arg, enum err err, const struct profile *profile)
{
    struct send_flow *flow = arg;
    switch ((int)err) {
    case ERR_OK:
        if (profile->approval == APPROVAL_PENDING)
            sender_error(flow, "sender_pending", "This sender profile has not been approved yet.");
        else if (profile->approval == APPROVAL_REJECTED)
            sender_error(flow, "sender_rejected", "This sender profile was rejected.");
        else
            flow->sender = profile_sender(profile);
        break;
    case ERR_NOT_FOUND:
        sender_error(flow, "unknown_sender", "This account has no such sender profile.");
        break;
    case ERR_CONFLICT:
        sender_error(flow, "sender_differs", "This sender profile has another \"sender_id\".");
        break;
    default:
        unavailable(flow);
        return;
    }
    find_contacts(flow);
}

void send_flow_find(struct send_flow *flow, void (*found)(struct send_flow *flow))
{
    const struct send_request *r = &flow->request;
    flow->found = found;
    if (r->profile.p == NULL && r->sender_id.p == NULL)
        find_contacts(flow);
    else if (profiles_find(flow->api->links.redis, flow->account.id, r->profile, r->sender_id,
                           on_profile, flow) != ERR_OK)
        unavailable(flow);
}
