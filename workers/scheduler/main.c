#include "workers/scheduler/scheduler.h"

int main(int argc, char **argv)
{
    static struct scheduler scheduler;
    const struct worker worker = scheduler_worker(&scheduler);
    return worker_main(argc, argv, &worker);
}
