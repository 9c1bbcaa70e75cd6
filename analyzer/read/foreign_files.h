/*
 * Files that people take for profiles and that no reader takes: what they are, and what to
 * give instead.
 */
#ifndef ANALYZER_READ_FOREIGN_FILES_H
#define ANALYZER_READ_FOREIGN_FILES_H

/* What perf script -D says of each record: readers of its text leave it alone. */
#define FOREIGN_PERF_DUMP ". ... raw event: size "

/* What the file is, by its beginning, and what to do; NULL where that is not known. */
const char *foreign_file_describe(const char *path);

#endif
