#include "workers/api/api.h"

int main(int argc, char **argv)
{
    static struct api api;
    const struct worker worker = api_worker(&api);
    return worker_main(argc, argv, &worker);
}
