#include "workers/sender/visit.h"

struct visit *visit_new(struct lane *lane, const struct kafka_record *record, uint32_t claim_number)
{
    struct visit *v = xalloc(sizeof(*v));
    enum err err = chunk_parse(&v->chunk, record->value);
    if (err != ERR_OK)
        v->dead = err_text(err);
    v->lane = lane;
    v->record = xstrndup(record->value.n > 0 ? record->value.p : "", record->value.n);
    v->record_n = record->value.n;
    v->key = xstrndup(record->key.n > 0 ? record->key.p : "", record->key.n);
    v->key_n = record->key.n;
    v->partition = record->partition;
    v->offset = record->offset;
    v->epoch = record->epoch;
    v->claim.chunk = &v->chunk;
    v->claim.number = claim_number;
    return v;
}

void visit_free(struct visit *own_visit)
{
    if (own_visit == NULL)
        return;
    chunk_done(&own_visit->chunk);
    xfree(own_visit->record);
    xfree(own_visit->key);
    xfree(own_visit);
}

size_t visit_left(const struct visit *visit)
{
    return visit->chunk.to_count - visit->asked;
}

size_t visit_ask(struct visit *visit, size_t most, bool deduplicates)
{
    if (!visit->again) {
        visit->claim.first = visit->asked;
        visit->claim.count = visit_left(visit) < most ? visit_left(visit) : most;
        visit->claim.deduplicates = deduplicates;
    }
    visit->again = false;
    visit->asking = true;
    return visit->claim.count;
}

void visit_come_back(struct visit *visit, int64_t at_ms)
{
    if (visit->next_at_ms == 0 || at_ms < visit->next_at_ms)
        visit->next_at_ms = at_ms;
}

bool visit_settled(const struct visit *visit)
{
    return !visit->asking && !visit->again && visit->under_way == 0 &&
           (visit->dead != NULL || visit_left(visit) == 0);
}
