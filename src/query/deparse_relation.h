/*
 * deparse_relation.h
 *	  Pieces of the statements that are run for the keys of a window.
 *
 * Shared by the statements that load a relation's rows and those that
 * aggregate them. Whole statements are deparse.c's and deparse_aggregate.c's.
 */
#ifndef ORM_QUERY_DEPARSE_RELATION_H
#define ORM_QUERY_DEPARSE_RELATION_H

#include "query/deparse.h"
#include "query/deparse_where.h"

/* the number of the column with this text, added when there is none */
extern int	orm_statement_column(OrmStatement *statement, char *sql);
/* one of its own even if another has the same text: it is printed under this name */
extern int	orm_statement_column_named(OrmStatement *statement, char *sql, const char *name);
/* the far columns of the first links as columns by which a row finds its key */
extern void orm_statement_match(OrmStatement *statement, OrmRelation *relation);
/* all columns, as they stand behind SELECT; appended */
extern void orm_statement_columns(StringInfo buf, OrmStatement *statement);
/* the text, with the parameters that writing it has collected */
extern void orm_statement_take(OrmStatement *statement, OrmDeparse *deparse, char *sql);

/* does what stands in FROM have a column of that name? */
extern bool orm_source_has(const OrmSource *source, const char *column);
/* "schema.relation", palloc'd */
extern char *orm_relation_table(Oid relid);

/* the arrays of keys are the first parameters, whatever is written first */
extern void orm_relation_reserve_keys(OrmDeparse *deparse, OrmStatement *statement, OrmRelation *relation);
/* "ROWS FROM (unnest($1), …) WITH ORDINALITY AS k(k1, …, ord)", appended */
extern void orm_relation_key_arrays(StringInfo buf, const OrmRelation *relation);
/*
 * What the relation starts from, as "k" with the columns k1 … and ord, appended,
 * as are the next ones: the keys, or what they lead to on the way. Of the
 * elements of an array "pos" is the place.
 */
extern void orm_relation_keys(OrmDeparse *deparse, StringInfo buf, OrmRelation *relation);
/* the relation with its junction, without the condition that ties it to the keys */
extern void orm_relation_from(StringInfo buf, OrmRelation *relation);
/* the columns of "far" that meet the keys of that alias */
extern void orm_relation_key_match(StringInfo buf, const OrmRelation *relation, const char *far, const char *keys);
/* the condition that ties it to the keys "k" */
extern void orm_relation_matches(StringInfo buf, OrmRelation *relation);
/* the keys "k" joined with the relation */
extern void orm_relation_join(OrmDeparse *deparse, StringInfo buf, OrmRelation *relation);
/* the rows of the one key "k" of the arrays, FROM to WHERE; "h" is what it leads to on the way, with "pos" as above */
extern void orm_relation_of_one_key(OrmDeparse *deparse, StringInfo buf, OrmRelation *relation);
/* whether orm_relation_from gives a join */
extern bool orm_relation_is_join(OrmRelation *relation);
/* the text of an array as the array again */
extern char *orm_relation_array_of_text(OrmRelation *relation, const char *text);
/* the condition that ties it to the keys without "k", where rows are matched by image */
extern void orm_relation_any(StringInfo buf, OrmRelation *relation);
/* the same for rows between two keys, the parameters $1 and $2 */
extern void orm_relation_range(StringInfo buf, OrmRelation *relation);

/* whether rows can be asked for by "= ANY" and find their keys by bytes */
extern bool orm_relation_can_image(OrmRelation *relation);
/*
 * Whether that is the better way under these conditions: the table has to be
 * large and indexed, for a scan of it would go through the whole array for
 * every row.
 */
extern bool orm_relation_by_image(OrmRelation *relation, List *wheres);

#endif							/* ORM_QUERY_DEPARSE_RELATION_H */
