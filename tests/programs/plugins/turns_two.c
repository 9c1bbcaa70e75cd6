#include "tests/programs/plugins/turns.h"

TURNS_PLUGIN("two")
