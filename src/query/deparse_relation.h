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
/* the properties that the query gives, of the relation "t", and its flex column */
extern void orm_deparse_properties(OrmDeparse *deparse, OrmStatement *statement, OrmQuery *query);

/* "schema.relation", palloc'd */
extern char *orm_relation_table(Oid relid);

/* the arrays of keys are the first parameters, whatever is written first */
extern void orm_relation_reserve_keys(OrmDeparse *deparse, OrmStatement *statement, OrmRelation *relation);
/* "ROWS FROM (unnest($1), …) WITH ORDINALITY AS k(k1, …, ord)", appended, as are the next two */
extern void orm_relation_keys(StringInfo buf, const OrmRelation *relation);
/* the relation with its junction, without the condition that ties it to the keys */
extern void orm_relation_from(StringInfo buf, OrmRelation *relation);
/* the columns of "far" that meet the keys of that alias */
extern void orm_relation_key_match(StringInfo buf, const OrmRelation *relation, const char *far, const char *keys);
/* the condition that ties it to the keys "k" */
extern void orm_relation_matches(StringInfo buf, OrmRelation *relation);
/* the keys "k" joined with the relation */
extern void orm_relation_join(StringInfo buf, OrmRelation *relation);
/* the condition that ties it to the keys without "k", where rows are matched by image */
extern void orm_relation_any(StringInfo buf, OrmRelation *relation);
/* the same for rows between two keys, the parameters $1 and $2 */
extern void orm_relation_range(StringInfo buf, OrmRelation *relation);

/*
 * Whether rows can be asked for by "= ANY" and find their keys by bytes. The
 * table has to be large and indexed: a scan of it would go through the whole
 * array for every row.
 */
extern bool orm_relation_by_image(OrmRelation *relation);

#endif							/* ORM_QUERY_DEPARSE_RELATION_H */
