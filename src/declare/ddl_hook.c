/*
 * ddl_hook.c
 *	  The utility hook: takes the options out of statements that no event
 *	  trigger of ours sees, or that it sees after they have been analysed.
 *
 * It works once the library is loaded, so from the first statement on only
 * with session_preload_libraries. Where event triggers fire as well, they find
 * a statement without options, and declare at its end what was taken out here.
 */
#include "base/compat.h"

#include "access/xact.h"
#include "tcop/utility.h"

#include "declare/ddl.h"

static ProcessUtility_hook_type previous_hook = NULL;

/*
 * Does the statement concern us? Tags first: this runs for every utility
 * statement, some of which run where no catalog may be read. The elements of
 * CREATE SCHEMA come by as statements of their own.
 */
static bool
concerns_us(Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_CreateStmt:
		case T_CreateTableAsStmt:
		case T_ViewStmt:
		case T_AlterTableStmt:
		case T_IndexStmt:
		case T_ExplainStmt:
			if (!orm_reloptions_present(stmt))
				return false;
			break;
		case T_RenameStmt:
			if (!orm_ddl_renames_column(stmt))
				return false;
			break;
		default:
			return false;
	}
	return IsTransactionState() && orm_ddl_enabled();
}

static void
process_utility(PlannedStmt *pstmt, const char *query, bool read_only_tree, ProcessUtilityContext context,
				ParamListInfo params, QueryEnvironment *environment, DestReceiver *dest,
				QueryCompletion *completion)
{
	uint64		pending = 0;

	if (concerns_us(pstmt->utilityStmt))
	{
		if (read_only_tree)
			pstmt = copyObject(pstmt);
		read_only_tree = false;
		pending = orm_ddl_begin(pstmt->utilityStmt, true);
	}

	if (previous_hook)
		previous_hook(pstmt, query, read_only_tree, context, params, environment, dest, completion);
	else
		standard_ProcessUtility(pstmt, query, read_only_tree, context, params, environment, dest, completion);

	if (pending != 0)
		orm_ddl_end_by_name(pending);
}

void
orm_ddl_hook_init(void)
{
	previous_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}
