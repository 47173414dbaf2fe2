/*
 * relation_statement.h
 *	  Statements about what is there of a relation: rows that a list leaves
 *	  out, and pivots.
 *
 * Written as row_statement.h's are; the second array of rows is $2, "g".
 */
#ifndef ORM_SAVE_RELATION_STATEMENT_H
#define ORM_SAVE_RELATION_STATEMENT_H

#include "save/row_statement.h"

/*
 * For owners: the keys of the relation's rows that are none of "given", as the
 * first columns of the result.
 */
extern OrmSaveStatement *orm_save_missing_statement(OrmRelation *relation, OrmSaveTable *owner, OrmSaveTable *target,
													OrmSaveRow **given, int ngiven);

/* for owners and, one for each of them, targets: the pivot columns of the junction's row */
extern OrmSaveStatement *orm_save_pivot_statement(OrmRelation *relation, OrmSaveTable *owner, OrmSaveTable *target,
												  OrmSaveRow **targets, int ntargets);

#endif							/* ORM_SAVE_RELATION_STATEMENT_H */
