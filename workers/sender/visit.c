#include "workers/sender/visit.h"

struct visit *visit_new(struct lane *lane, const struct kafka_record *record, uint32_t claim_number)
{
    struct visit *v = xalloc(sizeof(*v));
    enum err err = chunk_parse(&v->chunk, record->value);
    if (err != ERR_OK)
        v->dead = err_text(err);
    v->lane = lane;
    kafka_keep(&v->kept, record);
    v->claim.chunk = &v->chunk;
    v->claim.number = claim_number;
    v->to_ask = v->chunk.to_count;
    return v;
}

void visit_free(struct visit *own_visit)
{
    if (own_visit == NULL)
        return;
    chunk_done(&own_visit->chunk);
    kafka_kept_done(&own_visit->kept);
    xfree(own_visit);
}

static void put(struct visit *visit, size_t recipient, enum visit_place place)
{
    enum visit_place was = visit->places[recipient];
    visit->to_ask += (size_t)(place == VISIT_ASK) - (size_t)(was == VISIT_ASK);
    visit->later += (size_t)(place == VISIT_LATER) - (size_t)(was == VISIT_LATER);
    visit->places[recipient] = (uint8_t)place;
}

void visit_wake(struct visit *visit, uint32_t claim_number)
{
    for (size_t i = 0; i < visit->chunk.to_count; i++) {
        if (visit->places[i] == VISIT_LATER)
            put(visit, i, VISIT_ASK);
    }
    /* Another number: the attempts under way would be given out once more under the old one. */
    visit->claim.number = claim_number;
}

void visit_ask(struct visit *visit, size_t most, int64_t most_parts, bool deduplicates)
{
    struct claim *claim = &visit->claim;
    visit->asking = true;
    if (visit->again) {
        visit->again = false;
        return;
    }
    size_t end = 0;
    while (visit->places[end] != VISIT_ASK)
        end++;
    claim->first = end;
    claim->deduplicates = deduplicates;
    for (int64_t parts = 0; end < visit->chunk.to_count && end < claim->first + most; end++) {
        parts += chunk_item(&visit->chunk, end).parts;
        if (visit->places[end] != VISIT_ASK || (end > claim->first && parts > most_parts))
            break;
    }
    claim->count = end - claim->first;
}

int64_t visit_cost_of(const struct visit *visit, size_t recipient, bool in_parts)
{
    return in_parts ? chunk_item(&visit->chunk, recipient).parts : 1;
}

int64_t visit_cost(const struct visit *visit, bool in_parts)
{
    int64_t cost = 0;
    for (size_t i = 0; i < visit->claim.count; i++)
        cost += visit_cost_of(visit, visit->claim.first + i, in_parts);
    return cost;
}

void visit_come_back(struct visit *visit, size_t recipient, int64_t at_ms)
{
    if (visit->later == 0 || at_ms < visit->next_at_ms)
        visit->next_at_ms = at_ms;
    put(visit, recipient, VISIT_LATER);
}

void visit_answered(struct visit *visit)
{
    const struct claim *claim = &visit->claim;
    visit->asking = false;
    if (claim->differs)
        visit->dead = "its numbers differ from those under the same ids";
    for (size_t i = 0; i < claim->count; i++) {
        int64_t answer = claim->answers[i];
        if (answer < 0)
            visit_come_back(visit, claim->first + i, -answer);
        else
            put(visit, claim->first + i, VISIT_DONE);
        visit->under_way += answer > 0;
    }
    for (size_t i = 0; claim->rest_at_ms > 0 && i < visit->chunk.to_count; i++) {
        if (visit->places[i] == VISIT_ASK)
            visit_come_back(visit, i, claim->rest_at_ms);
    }
}

bool visit_idle(const struct visit *visit)
{
    return !visit->asking && !visit->again && (visit->dead != NULL || visit->to_ask == 0);
}

bool visit_settled(const struct visit *visit)
{
    return visit_idle(visit) && visit->under_way == 0;
}
