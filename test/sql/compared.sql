-- Whether a relation is loaded as a statement by hand finds its rows, by every
-- strategy that serves. Owner and target have the key "id"; by_hand gives the
-- target's ids for the row "o" of the owner, in order.

CREATE FUNCTION loaded(entity text, relation text, strategy text, clauses text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(format('%s:%s', e ->> 'id', array_to_string(ARRAY(
			SELECT r ->> 'id' FROM json_array_elements(CASE json_typeof(e -> relation) WHEN 'array' THEN e -> relation
				WHEN 'null' THEN '[]' ELSE json_build_array(e -> relation) END) r), ',')), ' ')
		FROM json_array_elements(orm.list(entity, format('{"select": ["id"], "order": ["id"], "load": {%s: {"select": ["id"] %s %s}}}',
			to_json(relation), CASE WHEN strategy <> '' THEN format(', "strategy": "%s"', strategy) END, clauses)::jsonb)) e);
EXCEPTION WHEN invalid_parameter_value THEN
	IF sqlerrm NOT LIKE 'strategy % can''t load %' THEN
		RAISE;
	END IF;
	RETURN NULL;
END
$$;

CREATE FUNCTION compared(entity text, relation text, by_hand text, clauses text DEFAULT '') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	wanted text;
	given text;
	strategy text;
	served int := 0;
BEGIN
	EXECUTE format('SELECT string_agg(format(''%%s:%%s'', o.id, array_to_string(ARRAY(%s), '','')), '' '' ORDER BY o.id) FROM %I o
		WHERE o.id::text IN (SELECT e ->> ''id'' FROM orm.fetch(%L) e)', by_hand, entity, entity) INTO wanted;
	FOREACH strategy IN ARRAY '{"",any,ordinality,lateral,row_number}'::text[] LOOP
		given := loaded(entity, relation, strategy, clauses);
		IF given <> wanted OR given IS NULL AND strategy = '' THEN
			RETURN format('%s: %s and not %s', strategy, given, wanted);
		END IF;
		served := served + (given IS NOT NULL)::int;
	END LOOP;
	RETURN format('%s (%s)', wanted, served);
END
$$;
