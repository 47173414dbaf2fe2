/*
 * graph_reader.h
 *	  Between those who read the input: what is wrong with it, and what a row
 *	  that was read is.
 */
#ifndef ORM_SAVE_GRAPH_READER_H
#define ORM_SAVE_GRAPH_READER_H

#include "save/graph.h"

/* 22023: "what" is expected at a place of the input; "hint" may be NULL */
extern void orm_save_wrong_kind(const OrmSaveCall *call, Size start, const char *what, const char *hint);

/* after a row's object was read: by what the row is found, or that it is new: identity.c */
extern void orm_save_classify(OrmSaveRow *row);

#endif							/* ORM_SAVE_GRAPH_READER_H */
