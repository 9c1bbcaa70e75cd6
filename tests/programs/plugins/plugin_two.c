#include "tests/programs/work.h"

WORK_FUNCTION(plugin_two_hot)
