-- Relations over tables large enough to be asked by "= ANY" or by a range of keys: the same entities as SQL gives.
CREATE TABLE owner (id int PRIMARY KEY, "a b" text);
CREATE TABLE item (id bigint PRIMARY KEY, "select" bigint REFERENCES owner, body text);
CREATE TABLE label (id smallint PRIMARY KEY, name text);
CREATE TABLE item_label (item_id bigint REFERENCES item, label_id smallint REFERENCES label, PRIMARY KEY (item_id, label_id));
INSERT INTO owner SELECT i, 'o' || i FROM generate_series(-200, 1200) i WHERE i % 7 <> 3;
-- out of order, some without an owner, some owners without any
INSERT INTO item SELECT i, CASE WHEN i % 11 <> 0 THEN (SELECT id FROM owner WHERE id = (i * 37 % 1100) - 150) END, repeat('x', 60)
FROM generate_series(4000, 1, -1) i;
INSERT INTO label SELECT i, 'l' || i FROM generate_series(1, 30) i;
INSERT INTO item_label SELECT i, 1 + i * n % 30 FROM generate_series(1, 4000) i, generate_series(1, 3) n ON CONFLICT DO NOTHING;
CREATE INDEX ON item ("select");
ANALYZE;
SELECT count(*) FROM orm.reflect();

CREATE FUNCTION wanted(filter text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		SELECT '{"id":' || o.id || ',"a b":' || to_json(o."a b") || ',"item":[' || coalesce((
			SELECT string_agg('{"id":' || i.id || ',"select":' || i."select" || ',"owner":' || row_to_json(o) || ',"label":[' || coalesce((
				SELECT string_agg(row_to_json(l)::text, ',' ORDER BY l.id) FROM item_label p JOIN label l ON l.id = p.label_id WHERE p.item_id = i.id), '') || ']}',
				',' ORDER BY i.id) FROM item i WHERE i."select" = o.id), '') || ']}'
		FROM owner o WHERE %s ORDER BY o.id$q$, filter);
END $$;
CREATE FUNCTION document(filter text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT ('{"order": ["id"], "where": ' || filter || ', "load": {"item": {"select": ["id", "select"], "load": ["owner", "label"]}}}')::jsonb $$;

-- close together: a range; far apart: a list
SELECT path, strategy FROM orm.explain('owner', document('{"id": {"$between": [-100, 400]}}'), '{"limit": 500}') WHERE path = 'item';
SELECT path, strategy FROM orm.explain('owner', document('{"id": {"$in": [-199, 5, 77, 600, 1200]}}')) WHERE path = 'item';

SET orm.window_size = 1000;
SELECT count(*), count(*) FILTER (WHERE a IS DISTINCT FROM b) AS different
FROM ROWS FROM (orm.fetch('owner', document('{"id": {"$between": [-200, 1200]}}')), wanted('true')) r(a1, b), LATERAL (SELECT a1::text) s(a);
SELECT count(*), count(*) FILTER (WHERE a IS DISTINCT FROM b) AS different
FROM ROWS FROM (orm.fetch('owner', document('{"id": {"$in": [-199, 5, 77, 600, 1200]}}')), wanted('o.id IN (-199, 5, 77, 600, 1200)')) r(a1, b), LATERAL (SELECT a1::text) s(a);
-- every second key: as far apart as a range is worth
SELECT count(*), count(*) FILTER (WHERE a IS DISTINCT FROM b) AS different
FROM ROWS FROM (orm.fetch('owner', document((SELECT jsonb_build_object('id', jsonb_build_object('$in', jsonb_agg(i)))::text FROM generate_series(0, 900, 2) i))), wanted('o.id BETWEEN 0 AND 900 AND o.id % 2 = 0')) r(a1, b), LATERAL (SELECT a1::text) s(a);

-- so many keys that each page of the table holds rows of several: read page by page, once the first windows have told how many rows a key has
CREATE TABLE ledger (id bigint PRIMARY KEY);
CREATE TABLE entry (id bigint PRIMARY KEY, ledger_id bigint NOT NULL REFERENCES ledger, body text);
INSERT INTO ledger SELECT i * 5 FROM generate_series(1, 5000) i;
INSERT INTO entry SELECT i, 5 * (1 + (i / 4 + i % 3 * 7) % 5000), repeat('y', 100) FROM generate_series(1, 20000) i;
CREATE INDEX ON entry (ledger_id);
ANALYZE ledger, entry;
SELECT count(*) FROM orm.reflect();
SET orm.window_size = 1250;
SELECT path, strategy, actual_rows, loops, plan->'Plan'->>'Node Type' AS node
FROM orm.explain('ledger', '{"load": {"entry": {"select": ["id", "body"]}}}') WHERE path = 'entry';
SELECT count(*), count(*) FILTER (WHERE a IS DISTINCT FROM b) AS different
FROM (SELECT orm.fetch('ledger', '{"load": {"entry": {"select": ["id"]}}}')::jsonb AS a) f
FULL JOIN (
	SELECT jsonb_build_object('id', l.id, 'entry', coalesce((SELECT jsonb_agg(jsonb_build_object('id', e.id) ORDER BY e.id) FROM entry e WHERE e.ledger_id = l.id), '[]')) AS b
	FROM ledger l) w ON a->'id' = b->'id';
-- neither the setting nor a plan of the session's own is touched by it
SHOW enable_indexscan;

-- a type beside the key, both ways
SET orm.window_size = 1000;
CREATE TABLE remark (id int PRIMARY KEY, kind text, about bigint, body text);
INSERT INTO remark SELECT i, (ARRAY['owner', 'item', 'song'])[i % 3 + 1], i * 13 % 1500, repeat('y', 60) FROM generate_series(5000, 1, -1) i;
CREATE INDEX ON remark (kind, about);
ANALYZE remark;
SELECT orm.entity('remark', 'remark');
SELECT orm.morph_to('remark', 'subject', 'kind', '{about}', '{"owner": "owner", "item": "item"}');
SELECT orm.morph_many('owner', 'remarks', 'remark', 'subject'), orm.morph_many('item', 'remarks', 'remark', 'subject');
CREATE FUNCTION different(entity text, relation text, clause jsonb, wanted text) RETURNS TABLE (strategy text, rows bigint, different bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT (SELECT string_agg(DISTINCT strategy, '','') FROM orm.explain(%1$L, %2$L::jsonb) WHERE path LIKE %4$L),
		count(*), count(*) FILTER (WHERE e.value->%5$L IS NULL OR (e.value->%5$L)::jsonb IS DISTINCT FROM coalesce(w.value, ''null''))
		FROM orm.fetch(%1$L, %2$L::jsonb) AS e(value) FULL JOIN (%3$s) AS w(id, value) ON w.id = (e.value->>''id'')::int', entity, clause, wanted, relation || '%', relation);
END $$;
SELECT * FROM different('owner', 'remarks', '{"where": {"id": {"$gte": 0}}, "load": {"remarks": {"select": ["id"]}}}',
	$$SELECT o.id, coalesce((SELECT jsonb_agg(jsonb_build_object('id', r.id) ORDER BY r.id) FROM remark r WHERE r.kind = 'owner' AND r.about = o.id), '[]') FROM owner o WHERE o.id >= 0$$);
SELECT * FROM different('item', 'remarks', '{"where": {"id": {"$in": [1, 700, 1400, 3000]}}, "load": {"remarks": {"select": ["id"]}}}',
	$$SELECT i.id, coalesce((SELECT jsonb_agg(jsonb_build_object('id', r.id) ORDER BY r.id) FROM remark r WHERE r.kind = 'item' AND r.about = i.id), '[]') FROM item i WHERE i.id IN (1, 700, 1400, 3000)$$);
SELECT * FROM different('item', 'remarks', '{"where": {"id": {"$lte": 1600}}, "load": {"remarks": {"select": ["id"], "order": ["-id"], "limit": 2, "offset": 1}}}',
	$$SELECT i.id, coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.id) ORDER BY s.id DESC) FROM (SELECT id FROM remark r WHERE r.kind = 'item' AND r.about = i.id ORDER BY id DESC LIMIT 2 OFFSET 1) s), '[]') FROM item i WHERE i.id <= 1600$$);
SELECT * FROM different('remark', 'subject', '{"load": {"subject": {"select": ["id"]}}}',
	$$SELECT r.id, CASE r.kind WHEN 'owner' THEN (SELECT jsonb_build_object('id', o.id) FROM owner o WHERE o.id = r.about)
		WHEN 'item' THEN (SELECT jsonb_build_object('id', i.id) FROM item i WHERE i.id = r.about) END FROM remark r$$);
