#include "common/sms/utf8.h"
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

/* What is accepted can be carried: the chunk made of it is read as it was. */
static void check_chunk(const struct send_request *request)
{
    static const uint8_t random[ID_RANDOM_SIZE];
    struct chunk chunk = {.account = "a",
                          .send = id_new(1, random),
                          .single = request->to_count == 1,
                          .encoding = request->segments.encoding,
                          .parts = (unsigned)request->segments.part_count,
                          .body = request->message,
                          .ref = request->ref,
                          .to_count = request->to_count},
                 again;
    struct buf record = {.cap = CAP};
    memcpy(chunk.to, request->to, sizeof(chunk.to));
    chunk_write(&record, &chunk);
    require(!record.full && chunk_parse(&again, buf_view(&record)) == ERR_OK);
    require(str_eq(again.body, chunk.body) && str_eq(again.ref, chunk.ref));
    require(again.to_count == chunk.to_count && again.parts == chunk.parts);
    for (size_t i = 0; i < chunk.to_count; i++) {
        require(strcmp(again.to[i].digits, chunk.to[i].digits) == 0);
        for (size_t k = 0; k < i; k++)
            require(strcmp(chunk.to[i].digits, chunk.to[k].digits) != 0);
    }
    chunk_done(&again);
    buf_done(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct send_request request;
    struct problem problem;
    if (!send_request_read(&request, (struct str){(const char *)data, size}, NOW_MS, &problem)) {
        check_problem(&problem);
        return 0;
    }
    require(request.to_count >= 1 && request.to_count <= CHUNK_MAX);
    require(request.message.n > 0 && request.ref.n <= SEND_REF_MAX_BYTES);
    require(utf8_valid(request.message.p, request.message.n));
    require(request.segments.part_count <= SEGMENTS_MAX_PARTS);
    require(request.segments.code_point_count <= SEGMENTS_MAX_CODE_POINTS);
    check_chunk(&request);
    send_request_done(&request);
    return 0;
}
