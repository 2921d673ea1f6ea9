#include "common/sms/utf8.h"
#include "workers/api/send_make.h"
#include "workers/api/send_request.h"

#include <jansson.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CAP = 1 << 20 };

static const int64_t NOW_MS = INT64_C(1769854272000);

static void require(bool ok)
{
    if (!ok)
        abort();
}

/* What is told is JSON, whatever came. */
static void check_problem(struct problem *problem)
{
    struct buf text = {.cap = CAP};
    unsigned listed = problem->errors < PROBLEM_MAX_ERRORS ? problem->errors : PROBLEM_MAX_ERRORS;
    require(problem->errors > 0 && (problem->status == 400 || problem->status == 422));
    require(problem->detail.n > 0 && utf8_valid(problem->detail.p, problem->detail.n));
    buf_char(&text, '[');
    buf_str(&text, buf_view(&problem->list));
    buf_char(&text, ']');
    json_t *list = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
    require(list != NULL && json_array_size(list) == listed);
    json_decref(list);
    buf_done(&text);
    problem_done(problem);
}

static void check_made_chunk(const struct chunk *chunk)
{
    struct buf record = {.cap = CAP};
    struct chunk again;
    chunk_write(&record, chunk);
    require(!record.full && chunk_parse(&again, buf_view(&record)) == ERR_OK);
    require(str_eq(again.body, chunk->body) && str_eq(again.ref, chunk->ref));
    require(again.to_count == chunk->to_count && again.parts == chunk->parts);
    for (size_t i = 0; i < chunk->to_count; i++) {
        require(strcmp(again.to[i].digits, chunk->to[i].digits) == 0);
        require(str_eq(chunk_item(&again, i).body, chunk_item(chunk, i).body));
        for (size_t k = 0; k < i; k++)
            require(strcmp(chunk->to[i].digits, chunk->to[k].digits) != 0);
    }
    chunk_done(&again);
    buf_done(&record);
}

static void check_made_job(const struct job *job)
{
    struct buf record = {.cap = CAP};
    struct job again;
    job_write(&record, job);
    require(!record.full && job_parse(&again, buf_view(&record)) == ERR_OK);
    require(again.to_count == job->to_count && again.group_count == job->group_count);
    require(again.template == job->template && again.names.count == job->names.count);
    job_done(&again);
    buf_done(&record);
}

/* What is accepted can be carried: the chunk, or the job, made of it is read as it was. */
static void check_made(struct send_request *request)
{
    static const uint8_t random[ID_RANDOM_SIZE];
    const struct chunk shared = {.account = "a", .send = id_new(1, random), .ref = request->ref};
    struct send_made made;
    struct problem problem;
    problem_init(&problem, 422);
    send_make(&made, request, &shared, 0, &problem);
    if (problem.errors > 0)
        check_problem(&problem);
    else if (made.is_job)
        check_made_job(&made.job);
    else if (made.to_count > 0)
        check_made_chunk(&made.chunk);
    problem_done(&problem);
    send_make_done(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct send_request request;
    struct problem problem;
    if (!send_request_read(&request, (struct str){(const char *)data, size}, NOW_MS, &problem)) {
        check_problem(&problem);
        return 0;
    }
    require(request.to.count + request.contact_count + request.group_count >= 1);
    require(request.to.count <= SEND_MAX_TO && request.message.n > 0);
    require(request.ref.n <= SEND_REF_MAX_BYTES);
    require(utf8_valid(request.message.p, request.message.n));
    require(request.names.count > 0 ||
            (request.segments.part_count <= SEGMENTS_MAX_PARTS &&
             request.segments.code_point_count <= SEGMENTS_MAX_CODE_POINTS));
    check_made(&request);
    send_request_done(&request);
    return 0;
}
