-- What a row costs as rows become more, flat and nested. The format is described in spec.h.

--: workload F:N flat, rows: :N
--: for N 10 100 1000 10000 100000 1000000
--: variant raw keys
--: is $
SELECT id, post_id, author_id, body, likes, created_at FROM comments WHERE id BETWEEN 1 AND :N;
--: variant json row_to_json
SELECT row_to_json(c) FROM comments c WHERE id BETWEEN 1 AND :N;
--: variant orm fetch
SELECT orm.fetch('Comment', '{"where": {"id": {"$between": [1, :N]}}}');

--: workload N:N posts with comments, posts: :N
--: for N 10 100 1000 10000 100000 200000
--: variant raw keys
--: is $
SELECT id, author_id, title, body, views, published, score, created_at FROM posts WHERE id BETWEEN 1 AND :N;
--: param SELECT array_agg(id) FROM posts WHERE id BETWEEN 1 AND :N
--: is $.comments[*]
SELECT id, post_id, author_id, body, likes, created_at FROM comments WHERE post_id = ANY ($1::bigint[]);
--: variant json correlated
SELECT row_to_json(x) FROM (
	SELECT p.*, (SELECT coalesce(json_agg(c ORDER BY c.id), '[]') FROM comments c WHERE c.post_id = p.id) AS comments
	FROM posts p WHERE p.id BETWEEN 1 AND :N) x;
--: variant json groups, sorted
SELECT row_to_json(x) FROM (
	SELECT p.*, coalesce(c.comments, '[]') AS comments
	FROM posts p LEFT JOIN (
		SELECT post_id, json_agg(q) AS comments FROM (SELECT * FROM comments WHERE post_id BETWEEN 1 AND :N ORDER BY post_id, id) q GROUP BY post_id) c
		ON c.post_id = p.id
	WHERE p.id BETWEEN 1 AND :N) x;
--: variant orm fetch
SELECT orm.fetch('Post', '{"where": {"id": {"$between": [1, :N]}}, "load": ["comments"]}');
