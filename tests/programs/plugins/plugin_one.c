#include "tests/programs/work.h"

WORK_FUNCTION(plugin_one_hot)
