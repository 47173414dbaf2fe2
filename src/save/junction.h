/*
 * junction.h
 *	  The many-to-many relations of a call: rows of junctions, once both sides
 *	  are there.
 */
#ifndef ORM_SAVE_JUNCTION_H
#define ORM_SAVE_JUNCTION_H

#include "save/graph.h"

/* links what the input lists, and unlinks what lists that state a whole set leave out */
extern void orm_save_junctions(OrmSaveCall *call);

#endif							/* ORM_SAVE_JUNCTION_H */
