-- link, unlink and sync over tables of every shape, and as roles that may not do everything
SET client_min_messages = warning;
CREATE SCHEMA link_shapes;
SET search_path = link_shapes;
\pset format unaligned
\pset tuples_only on
CREATE PROCEDURE raises(call text) LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text;
BEGIN
	EXECUTE 'SELECT ' || call;
	RAISE WARNING '% raised nothing', call;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RAISE WARNING E'%: %\n%', state, message, detail;
END $$;

-- composite keys on both sides, quoted names, pivot columns of an array and of a domain
CREATE DOMAIN score AS numeric(5, 2) CHECK (VALUE >= 0);
CREATE TABLE "Order" (shop int, "no" int, label text, PRIMARY KEY (shop, "no"));
CREATE TABLE item (kind text, "the code" varchar(8), PRIMARY KEY (kind, "the code"));
CREATE TABLE "order item" (shop int, "no" int, kind text, "the code" varchar(8), sizes int[], weights float8[] DEFAULT '{0.5}', mark score, span interval[],
	PRIMARY KEY (shop, "no", kind, "the code"), FOREIGN KEY (shop, "no") REFERENCES "Order", FOREIGN KEY (kind, "the code") REFERENCES item);
INSERT INTO "Order" VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'c');
INSERT INTO item VALUES ('x', '1'), ('x', '2'), ('y', '1');
SELECT orm.entity('Order', '"Order"'), orm.entity('Item', 'item');
SELECT name, type FROM orm.describe('Order') WHERE kind = 'relation';
SELECT orm.link('Order', '{"shop": 1, "no": 2}', 'item', '[{"kind": "x", "the code": "1", "pivot": {"sizes": [1, null, 2], "mark": 1.005, "weights": [0.1, 1e-300], "span": ["1 day 02:00", "-1 mon"]}}, {"the code": "1", "kind": "y"}]');
SELECT * FROM "order item" ORDER BY kind;
SET extra_float_digits = -3; SET intervalstyle = sql_standard;
SELECT orm.link('Order', '{"shop": 1, "no": 2}', 'item', '[{"kind": "x", "the code": "1", "pivot": {"sizes": [1, null, 2], "mark": "1.01", "weights": [0.1, 1e-300], "span": ["1 day 02:00", "-1 mon"]}}]');
SELECT orm.link('Order', '{"shop": 1, "no": 2}', 'item', '[{"kind": "y", "the code": "1", "pivot": {"weights": [0.1234567890123456789], "span": ["-1 day -02:00:01"]}}]');
RESET extra_float_digits; RESET intervalstyle;
SELECT weights, span FROM "order item" WHERE kind = 'y';
SELECT orm.sync('Order', '{"shop": 1, "no": 2}', 'item', '[{"kind": "y", "the code": "1"}, {"kind": "x", "the code": "2"}]');
SELECT orm.unlink('Order', '{"shop": 1, "no": 2}'::jsonb, 'item', '{"kind": "y", "the code": "1"}'::jsonb);
CALL raises($$orm.link('Order', '{"shop": 1, "no": 2}', 'item', '[{"kind": "x", "the code": "1", "pivot": {"mark": -1}}]')$$);
CALL raises($$orm.link('Order', '{"shop": 1, "no": 2}', 'item', '[{"kind": "x"}]')$$);
CALL raises($$orm.link('Order', '{"shop": 1, "no": 2}', 'item', '["x"]')$$);
CALL raises($$orm.link('Order', '{"shop": 1}', 'item', '[]')$$);
CALL raises($$orm.link('Order', 5, 'item', '[]')$$);

-- data of every SQL type
CREATE TABLE ticket (id uuid PRIMARY KEY);
CREATE TABLE order_ticket (shop int, "no" int, ticket_id uuid REFERENCES ticket, PRIMARY KEY (shop, "no", ticket_id), FOREIGN KEY (shop, "no") REFERENCES "Order");
INSERT INTO ticket VALUES ('a0000000-0000-0000-0000-000000000001'), ('a0000000-0000-0000-0000-000000000002');
CREATE DOMAIN ticket_id AS uuid;
CREATE DOMAIN keys AS jsonb;
SELECT orm.entity('Ticket', 'ticket');
SELECT orm.many_to_many('Order', 'tickets', 'Ticket', 'order_ticket');
SELECT orm.link('Order', '{"shop": 2, "no": 1}', 'tickets', '["a0000000-0000-0000-0000-000000000001"]'::varchar),
	orm.link('Order', '{"shop": 2, "no": 1}'::json, 'tickets', 'a0000000-0000-0000-0000-000000000002'::ticket_id),
	orm.sync('Order', '{"shop": 2, "no": 1}'::jsonb, 'tickets', '["a0000000-0000-0000-0000-000000000002"]'::keys),
	orm.sync('Order', '{"shop": 2, "no": 1}', 'tickets', '{}'::uuid[]);
SELECT orm.sync('Order', '{"shop": 2, "no": 1}', 'tickets', array_agg(id)) FROM ticket;
CALL raises($$orm.link('Order', '{"shop": 2, "no": 1}', 'tickets', ARRAY['a0000000-0000-0000-0000-000000000001'::uuid, NULL])$$);
CALL raises($$orm.link('Order', '{"shop": 2, "no": 1}', 'tickets', 5)$$);

-- a foreign key of two columns, of which one may be null: only that is cleared
CREATE TABLE note (id int PRIMARY KEY, shop int NOT NULL, "no" int, FOREIGN KEY (shop, "no") REFERENCES "Order");
INSERT INTO note VALUES (1, 1, 1), (2, 1, NULL), (3, 2, 1);
SELECT orm.entity('Note', 'note');
SELECT orm.sync('Order', '{"shop": 1, "no": 1}', 'note', '[2, 3]');
SELECT * FROM note ORDER BY 1;
SELECT orm.unlink('Note', 2, 'Order', '{"shop": 1, "no": 1}'::jsonb);
SELECT orm.link('Note', 2, 'Order', '{"shop": 2, "no": 1}'::jsonb);
SELECT * FROM note ORDER BY 1;

-- a junction with a key of its own: the same pair may be there more than once
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY, shown bool DEFAULT true);
CREATE TABLE ab (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a_id int NOT NULL REFERENCES a, b_id int NOT NULL REFERENCES b, rank int);
INSERT INTO a VALUES (1), (2);
INSERT INTO b VALUES (1, true), (2, true), (3, true), (4, false);
INSERT INTO ab (a_id, b_id, rank) VALUES (1, 1, 1), (1, 1, 2), (1, 2, 1), (1, 4, 1);
SELECT orm.entity('A', 'a'), orm.entity('B', 'b');
SELECT orm.many_to_many('A', 'bs', 'B', 'ab', pivot => '{rank}');
SELECT orm.link('A', 1, 'bs', '[{"id": 1, "pivot": {"rank": 2}}, {"id": 3, "pivot": {"rank": null}}]');
SELECT orm.sync('A', 1, 'bs', '[2]');
SELECT a_id, b_id, rank FROM ab ORDER BY 1, 2, 3;

-- a relation with a condition sees, links and removes only what satisfies it
SELECT orm.many_to_many('A', 'shown', 'B', 'ab', condition => '{"shown": true}');
INSERT INTO ab (a_id, b_id) VALUES (1, 4);
UPDATE b SET shown = false WHERE id = 4;
SELECT orm.sync('A', 1, 'shown', '[3]');
CALL raises($$orm.link('A', 1, 'shown', '[4]')$$);
SELECT a_id, b_id FROM ab ORDER BY 1, 2;

-- a unique index on something else goes on raising, and nothing stays
CREATE UNIQUE INDEX ON ab (a_id, rank);
CALL raises($$orm.link('A', 1, 'bs', '[{"id": 1, "pivot": {"rank": 5}}, {"id": 2, "pivot": {"rank": 5}}]')$$);
SELECT a_id, b_id FROM ab ORDER BY 1, 2;

-- a trigger that will not have a row: what it kept off is not reported
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.b_id = 2 THEN RETURN NULL; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON ab FOR EACH ROW EXECUTE FUNCTION refuse();
SELECT orm.link('A', 2, 'bs', '[1, 2, 3]');
SELECT a_id, b_id FROM ab WHERE a_id = 2 ORDER BY 1, 2;
DROP TRIGGER refuse ON ab;

-- where a row that belongs to another is not to be taken
CREATE TABLE child (id int PRIMARY KEY, a_id int REFERENCES a);
INSERT INTO child VALUES (1, 1), (2, NULL), (3, 2);
SELECT orm.entity('Child', 'child');
SELECT orm.has_many('A', 'children', 'Child', on_foreign => 'error');
CALL raises($$orm.link('A', 1, 'children', '[2, 3]')$$);
SELECT orm.link('A', 1, 'children', '[1, 2]');

-- a junction that is a view with triggers, an entity that is a view
CREATE VIEW b_view WITH (orm.entity = 'BView', orm.key = 'id') AS SELECT * FROM b WHERE shown;
CREATE VIEW ab_view AS SELECT a_id, b_id, rank FROM ab;
SELECT orm.many_to_many('A', 'views', 'BView', 'ab_view', '{a_id}', '{b_id}', pivot => '{rank}');
SELECT orm.sync('A', 2, 'views', '[{"id": 1, "pivot": {"rank": 8}}, 2]');
CALL raises($$orm.link('A', 2, 'views', '[4]')$$);

-- a junction in partitions
CREATE TABLE pab (a_id int REFERENCES a, b_id int REFERENCES b, rank int, PRIMARY KEY (a_id, b_id)) PARTITION BY HASH (a_id);
CREATE TABLE pab0 PARTITION OF pab FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE pab1 PARTITION OF pab FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT orm.many_to_many('A', 'parts', 'B', 'pab', pivot => '{rank}');
SELECT orm.link('A', 1, 'parts', '[1, 2, 3]'), orm.sync('A', 1, 'parts', '[{"id": 3, "pivot": {"rank": 1}}]');

-- relations that nothing can be linked by
SELECT orm.has_many('B', 'a_children', 'Child', '{a_id}', '{id}');
SELECT orm.link('B', 1, 'a_children', '[]');

-- many rows by as many statements as few: one each to read the owner and the targets, to remove, to read the junction, to insert
INSERT INTO b SELECT generate_series(10, 5009);
SELECT sum(calls) AS before FROM orm.stats \gset
SELECT orm.sync('A', 1, 'parts', '[1]');
SELECT sum(calls) - :before AS statements, sum(calls) AS before FROM orm.stats \gset
\echo :statements
SELECT orm.sync('A', 1, 'parts', '[]');
SELECT sum(calls) AS before FROM orm.stats \gset
SELECT json_array_length(orm.sync('A', 1, 'parts', array_agg(id)) -> 'linked') FROM b WHERE id >= 10;
SELECT sum(calls) - :before AS statements FROM orm.stats \gset
\echo :statements
SELECT json_array_length(orm.sync('A', 1, 'parts', array_agg(id)) -> 'unlinked') FROM b WHERE id BETWEEN 10 AND 100;
SELECT json_array_length(orm.sync('A', 1, 'parts', json_agg(json_build_object('id', id, 'pivot', json_build_object('rank', id)))) -> 'updated') FROM b WHERE id BETWEEN 10 AND 100;
SELECT count(*), sum(rank) FROM pab;

-- rights: what the work itself needs is enough
CREATE ROLE link_tester;
GRANT USAGE ON SCHEMA link_shapes TO link_tester;
GRANT SELECT (id) ON a, b TO link_tester;
ALTER TABLE ab ALTER rank SET DEFAULT 0;
DROP INDEX ab_a_id_rank_idx;
DELETE FROM ab;
GRANT SELECT (a_id, b_id), INSERT (a_id, b_id) ON ab TO link_tester;
SET ROLE link_tester;
SELECT orm.link('A', 1, 'bs', '[1, 2]');
CALL link_shapes.raises($$orm.unlink('A', 1, 'bs', '[1]')$$);
CALL link_shapes.raises($$orm.link('A', 1, 'bs', '[{"id": 1, "pivot": {"rank": 3}}]')$$);
RESET ROLE;
GRANT DELETE ON ab TO link_tester;
GRANT SELECT (rank), UPDATE (rank), INSERT (rank) ON ab TO link_tester;
SET ROLE link_tester;
SELECT orm.link('A', 1, 'bs', '[{"id": 1, "pivot": {"rank": 3}}, {"id": 3, "pivot": {"rank": 4}}]');
SELECT orm.sync('A', 1, 'bs', '[3]');
CALL link_shapes.raises($$orm.link('Child', 1, 'a', '2')$$);
RESET ROLE;

-- row-level security: a hidden row is not there; no link to it is made, told of or removed
ALTER TABLE b ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON b FOR SELECT TO link_tester USING (id <> 3);
SET ROLE link_tester;
CALL link_shapes.raises($$orm.link('A', 1, 'bs', '[2, 3]')$$);
SELECT orm.unlink('A', 1, 'bs', '[3]');
SELECT orm.sync('A', 1, 'bs', '[2]');
RESET ROLE;
SELECT a_id, b_id FROM ab ORDER BY 1, 2;
ALTER TABLE ab ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON ab FOR SELECT TO link_tester USING (true);
CREATE POLICY made ON ab FOR INSERT TO link_tester WITH CHECK (rank < 5);
CREATE POLICY gone ON ab FOR DELETE TO link_tester USING (b_id = 2);
SET ROLE link_tester;
CALL link_shapes.raises($$orm.link('A', 2, 'bs', '[{"id": 1, "pivot": {"rank": 5}}]')$$);
SELECT orm.link('A', 2, 'bs', '[{"id": 1, "pivot": {"rank": 4}}, 2]');
SELECT orm.sync('A', 2, 'bs', '[]');
RESET ROLE;
SELECT a_id, b_id FROM ab ORDER BY 1, 2;
ALTER TABLE a ENABLE ROW LEVEL SECURITY;
SET ROLE link_tester;
CALL link_shapes.raises($$orm.sync('A', 1, 'bs', '[]')$$);
RESET ROLE;

-- read only
BEGIN READ ONLY;
SELECT orm.link('A', 1, 'bs', '[]');
ROLLBACK;
DROP SCHEMA link_shapes CASCADE;
DROP ROLE link_tester;
