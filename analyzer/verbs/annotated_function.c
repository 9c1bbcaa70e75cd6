#include "analyzer/verbs/annotated_function.h"

#include <string.h>

#include "analyzer/base/text.h"

void annotate_instruction_text(const struct annotated_function *function,
                               const struct annotated_instruction *item,
                               char text[DISASSEMBLER_TEXT])
{
    *text = '\0';
    if (!item->is_code)
        return;
    size_t size = disassembler_text(function->disassembler, item->code.address, text);
    /* A lock prefix is an instruction of its own to the decoder: programs jump over it. */
    if (size > item->code.size)
        text_end_before(text, " ");
}
