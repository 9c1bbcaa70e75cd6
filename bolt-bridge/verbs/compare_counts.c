#include "bolt-bridge/verbs/compare_counts.h"

#include <stdio.h>

#include <jansson.h>

#include "analyzer/write/json_parts.h"
#include "bolt-bridge/report/counts_table.h"
#include "bolt-bridge/report/print_json.h"

static json_t *all_json(const struct measure_request *request,
                        const struct count_comparison *counted, bool good)
{
    json_t *root = counts_table_json(request, counted);

    json_object_set_new(root, "a", json_text(request->names[MEASURE_A]));
    json_object_set_new(root, "b", json_text(request->names[MEASURE_B]));
    json_object_set_new(root, "good", json_boolean(good));
    return root;
}

bool compare_counts(const struct measure_request *request, enum count_source source,
                    enum compare_output output, double limit, bool *good, struct error *error)
{
    static struct count_comparison counted;

    if (!count_sides(request, MEASURE_B, source, &counted, error))
        return false;
    *good = counted.same;
    for (size_t i = 0; i < counted.count; i++) {
        const struct count_pair *pair = &counted.pairs[i];
        double before = (double)pair->before.values[COUNT_INSTRUCTIONS];
        double after = (double)pair->after.values[COUNT_INSTRUCTIONS];
        *good = *good && after <= before * (1 + limit);
    }
    if (output == COMPARE_JSON)
        return print_json(all_json(request, &counted, *good), error);
    if (output == COMPARE_MARKDOWN) {
        counts_table_markdown(request, &counted);
        return true;
    }
    printf("A = %s\nB = %s\n", request->names[MEASURE_A], request->names[MEASURE_B]);
    counts_table_print(request, &counted, "B");
    return true;
}
