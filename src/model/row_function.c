/*
 * row_function.c
 *	  Functions that take the row of a relation and give rows of another.
 */
#include "base/compat.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "model/row_function.h"

Oid
orm_row_function(const char *name, Oid relid)
{
	List	   *names = textToQualifiedNameList(cstring_to_text(name));
	Oid			type = get_rel_type_id(relid);
	Oid			schema;

	if (!OidIsValid(type))
		return InvalidOid;
	if (list_length(names) != 2)
		return LookupFuncName(names, 1, &type, true);
	/* without a right to the schema one still sees what is declared, and may not call it */
	schema = get_namespace_oid(strVal(linitial(names)), true);
	if (!OidIsValid(schema))
		return InvalidOid;
	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, PointerGetDatum(strVal(lsecond(names))),
						   PointerGetDatum(buildoidvector(&type, 1)), ObjectIdGetDatum(schema));
}

bool
orm_row_function_gives(Oid function, Oid relid)
{
	return OidIsValid(function) && get_func_prokind(function) == PROKIND_FUNCTION &&
		get_func_retset(function) && get_func_rettype(function) == get_rel_type_id(relid);
}

char *
orm_row_function_qualified(Oid function)
{
	return quote_qualified_identifier(get_namespace_name(get_func_namespace(function)), get_func_name(function));
}
