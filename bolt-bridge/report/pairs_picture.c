#include "bolt-bridge/report/pairs_picture.h"

#include <math.h>
#include <string.h>

#include "analyzer/write/html/text.h"
#include "bolt-bridge/report/table.h"

#define BINS 60
/* In pixels, from top to bottom. */
#define BAR_HEIGHT 56.0
#define INTERVAL_HEIGHT 16.0
#define AXIS_HEIGHT 24.0
/* Of a row's pairs, those that are further out than this share may be drawn at the edge. */
#define OUTER_SHARE 0.05
#define MARGIN 0.08 /* on both sides, of the whole width */
#define SMALLEST_MARGIN 0.001
#define MOST_TICKS 8

/* What is drawn, from left to right: ratios. */
struct picture {
    FILE *stream;
    double low, high;
};

static void widen(struct picture *picture, double ratio)
{
    picture->low = fmin(picture->low, ratio);
    picture->high = fmax(picture->high, ratio);
}

static double ratio_at(const struct measure_pairs *pairs, enum measure_side side, double share)
{
    double sorted[PAIRED_MAXIMUM];

    memcpy(sorted, pairs->ratios[side], pairs->count * sizeof(*sorted));
    median(sorted, pairs->count); /* sorts them */
    return sorted[(size_t)lround(share * (double)(pairs->count - 1))];
}

/* One slow run on a busy machine must not squeeze all others into a line. */
static void choose_scale(struct picture *picture, const struct measure_request *request,
                         const struct measure_report *report, const struct measure_pairs *pairs)
{
    picture->low = picture->high = 1;
    for (size_t side = request->noise ? MEASURE_A : MEASURE_B; side < request->side_count; side++) {
        const struct measure_row *row = &report->all.cpu[side];
        widen(picture, ratio_at(pairs, (enum measure_side)side, OUTER_SHARE));
        widen(picture, ratio_at(pairs, (enum measure_side)side, 1 - OUTER_SHARE));
        widen(picture, row->interval.ratio);
        if (row->has_interval) {
            widen(picture, row->interval.low);
            widen(picture, row->interval.high);
        }
    }
    double margin = fmax(MARGIN * (picture->high - picture->low), SMALLEST_MARGIN);
    picture->low -= margin;
    picture->high += margin;
}

/* Percent of the width, so that text keeps its size in a narrow window. */
static double place(const struct picture *picture, double ratio)
{
    return 100 * (ratio - picture->low) / (picture->high - picture->low);
}

static double percent(double ratio)
{
    return 100 * (ratio - 1);
}

static void draw_line(const struct picture *picture, const char *style, double ratio, double top,
                      double bottom)
{
    double x = place(picture, ratio);
    fprintf(picture->stream,
            "<line class=\"%s\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.0f\" y2=\"%.0f\"/>", style, x, x,
            top, bottom);
}

static void draw_bars(const struct picture *picture, const struct measure_pairs *pairs,
                      enum measure_side side)
{
    size_t bins[BINS] = {0}, most = 1;
    double width = (picture->high - picture->low) / BINS;

    for (size_t i = 0; i < pairs->count; i++) {
        double bin = floor((pairs->ratios[side][i] - picture->low) / width);
        size_t *counted = &bins[(size_t)fmin(fmax(bin, 0), BINS - 1)];
        *counted += 1;
        most = *counted > most ? *counted : most;
    }
    for (size_t bin = 0; bin < BINS; bin++) {
        double height = BAR_HEIGHT * (double)bins[bin] / (double)most;
        double left = picture->low + width * (double)bin;
        if (bins[bin] == 0)
            continue;
        fprintf(
            picture->stream,
            "<rect class=\"bar\" x=\"%.2f%%\" width=\"%.2f%%\" y=\"%.1f\" height=\"%.1f\"><title>"
            "%zu %s, %+.2f to %+.2f %%</title></rect>",
            100.0 * (double)bin / BINS, 100.0 / BINS - 0.15, BAR_HEIGHT - height, height, bins[bin],
            bins[bin] == 1 ? "pair" : "pairs", percent(left), percent(left + width));
    }
}

static void draw_interval(const struct picture *picture, const struct measure_row *row)
{
    double y = BAR_HEIGHT + INTERVAL_HEIGHT / 2;

    if (row->has_interval) {
        fprintf(picture->stream,
                "<line class=\"mark\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.0f\" y2=\"%.0f\"/>",
                place(picture, row->interval.low), place(picture, row->interval.high), y, y);
        draw_line(picture, "mark", row->interval.low, y - 4, y + 4);
        draw_line(picture, "mark", row->interval.high, y - 4, y + 4);
    }
    fprintf(picture->stream, "<circle class=\"dot\" cx=\"%.2f%%\" cy=\"%.0f\" r=\"4\"/>",
            place(picture, row->interval.ratio), y);
}

/* "B/A, app.bolt: faster: -3.1 %, 95 % interval ..." */
static void write_label(FILE *stream, const struct measure_request *request,
                        const struct measure_report *report, enum measure_side side)
{
    char sentence[256];

    table_sentence(&report->all.cpu[side], sentence, sizeof(sentence));
    fprintf(stream, "%s/A, ", table_letter(side));
    html_text(stream, side == MEASURE_A ? "the program against itself" : request->names[side]);
    fputs(": ", stream);
    html_text(stream, sentence);
}

static void draw_axis(const struct picture *picture, double top)
{
    static const double steps[] = {1, 2, 5};
    double low = percent(picture->low), high = percent(picture->high), step = 0.1;

    for (size_t i = 0; (high - low) / step > MOST_TICKS; i++)
        step = steps[i % 3] * pow(10, (int)(i / 3) - 1);
    for (long tick = (long)ceil(low / step); (double)tick * step <= high; tick++) {
        double ratio = 1 + (double)tick * step / 100;
        if (place(picture, ratio) < 4 || place(picture, ratio) > 96)
            continue; /* its number would be cut */
        draw_line(picture, "tick", ratio, top, top + 5);
        fprintf(picture->stream,
                "<text x=\"%.2f%%\" y=\"%.0f\" text-anchor=\"middle\">%s%.*f %%</text>",
                place(picture, ratio), top + 19, tick > 0 ? "+" : "", step < 1 ? 1 : 0,
                (double)tick * step);
    }
}

static size_t count_outside(const struct picture *picture, const struct measure_request *request,
                            const struct measure_pairs *pairs)
{
    size_t count = 0;

    for (size_t side = request->noise ? MEASURE_A : MEASURE_B; side < request->side_count; side++)
        for (size_t i = 0; i < pairs->count; i++)
            if (pairs->ratios[side][i] < picture->low || pairs->ratios[side][i] > picture->high)
                count++;
    return count;
}

static void draw_row(const struct picture *picture, const struct measure_request *request,
                     const struct measure_report *report, const struct measure_pairs *pairs,
                     enum measure_side side, bool has_axis)
{
    const struct measure_row *noise = &report->all.cpu[MEASURE_A];
    FILE *stream = picture->stream;
    double bottom = BAR_HEIGHT + INTERVAL_HEIGHT;

    fputs("<p class=\"row\">", stream);
    write_label(stream, request, report, side);
    fprintf(stream,
            "</p>\n<svg class=\"pairs\" role=\"img\" width=\"100%%\" height=\"%.0f\" "
            "aria-label=\"",
            bottom + (has_axis ? AXIS_HEIGHT : 0));
    write_label(stream, request, report, side);
    fputs("\">", stream);
    if (request->noise && noise->has_interval) {
        double left = place(picture, noise->interval.low);
        fprintf(stream,
                "<rect class=\"band\" x=\"%.2f%%\" width=\"%.2f%%\" y=\"0\" height=\"%.0f\"/>",
                left, place(picture, noise->interval.high) - left, bottom);
    }
    draw_line(picture, "zero", 1, 0, bottom);
    draw_bars(picture, pairs, side);
    draw_interval(picture, &report->all.cpu[side]);
    if (has_axis)
        draw_axis(picture, bottom);
    fputs("</svg>\n", stream);
}

void pairs_picture_write(FILE *stream, const struct measure_request *request,
                         const struct measure_report *report, const struct measure_pairs *pairs)
{
    struct picture picture = {.stream = stream};

    if (pairs->count == 0)
        return;
    choose_scale(&picture, request, report, pairs);
    for (size_t side = MEASURE_B; side < request->side_count; side++)
        draw_row(&picture, request, report, pairs, (enum measure_side)side,
                 !request->noise && side + 1 == request->side_count);
    if (request->noise)
        draw_row(&picture, request, report, pairs, MEASURE_A, true);
    fprintf(stream,
            "<p class=\"small\">CPU time of each of %zu pairs against the program's in the same "
            "round; left is faster. Below the bars: the estimate with its interval.%s",
            pairs->count,
            request->noise ? " The band is what the program differs from itself by." : "");
    size_t outside = count_outside(&picture, request, pairs);
    if (outside > 0)
        fprintf(stream, " Ratios that are further out stand at the edge: %zu.", outside);
    fputs("</p>\n", stream);
}
