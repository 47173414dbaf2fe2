-- What it costs to write many rows that come as one JSON array, by hand and by
-- this extension. The table is emptied before each time. The format is described in spec.h.

--: workload I:N insert of :N
--: for N 1000 100000
--: variant raw jsonb_to_recordset
TRUNCATE notes;
--: param SELECT jsonb_agg(json_build_object('author_id', author_id, 'title', title, 'body', body, 'views', views, 'published', published, 'score', score, 'created_at', created_at)) FROM posts WHERE id <= :N
INSERT INTO notes (author_id, title, body, views, published, score, created_at)
SELECT author_id, title, body, views, published, score, created_at FROM jsonb_to_recordset($1::jsonb) AS r(author_id bigint, title text, body text, views integer, published boolean, score numeric, created_at timestamptz);
--: variant orm insert
TRUNCATE notes;
--: param SELECT json_agg(json_build_object('author_id', author_id, 'title', title, 'body', body, 'views', views, 'published', published, 'score', score, 'created_at', created_at)) FROM posts WHERE id <= :N
SELECT orm.insert('Note', $1::json, '{"returning": false}');

--: workload R:N insert of :N, with what was inserted
--: for N 1000 100000
--: variant raw jsonb_to_recordset
TRUNCATE notes;
--: param SELECT jsonb_agg(json_build_object('author_id', author_id, 'title', title, 'body', body, 'views', views, 'published', published, 'score', score, 'created_at', created_at)) FROM posts WHERE id <= :N
INSERT INTO notes (author_id, title, body, views, published, score, created_at)
SELECT author_id, title, body, views, published, score, created_at FROM jsonb_to_recordset($1::jsonb) AS r(author_id bigint, title text, body text, views integer, published boolean, score numeric, created_at timestamptz)
RETURNING id, author_id, title, body, views, published, score, created_at;
--: variant json as JSON
TRUNCATE notes;
--: param SELECT jsonb_agg(json_build_object('author_id', author_id, 'title', title, 'body', body, 'views', views, 'published', published, 'score', score, 'created_at', created_at)) FROM posts WHERE id <= :N
WITH made AS (INSERT INTO notes (author_id, title, body, views, published, score, created_at)
	SELECT author_id, title, body, views, published, score, created_at FROM jsonb_to_recordset($1::jsonb) AS r(author_id bigint, title text, body text, views integer, published boolean, score numeric, created_at timestamptz) RETURNING id, author_id, title, body, views, published, score, created_at)
SELECT json_agg(made) FROM made;
--: variant orm insert
TRUNCATE notes;
--: param SELECT json_agg(json_build_object('author_id', author_id, 'title', title, 'body', body, 'views', views, 'published', published, 'score', score, 'created_at', created_at)) FROM posts WHERE id <= :N
SELECT orm.insert('Note', $1::json);
