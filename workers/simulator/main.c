#include "workers/simulator/simulator.h"

int main(int argc, char **argv)
{
    struct simulator *simulator = simulator_new();
    const struct worker worker = simulator_worker(simulator);
    int status = worker_main(argc, argv, &worker);
    simulator_free(simulator);
    return status;
}
