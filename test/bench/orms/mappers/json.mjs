import pg from 'pg';
import { settings } from '../connection.mjs';

// JSON by a statement written by hand, the two that do best in the server
const comments = '(SELECT coalesce(json_agg(c), \'[]\') FROM (SELECT * FROM comments WHERE post_id = p.id ORDER BY id) c) AS comments';
const posts = (column) => `(SELECT coalesce(json_agg(q), '[]') FROM (SELECT p.*${column} FROM posts p WHERE p.author_id = u.id ORDER BY p.id) q) AS posts`;
const users = (columns) => `SELECT u.*, ${columns} FROM users u WHERE u.id BETWEEN $1 AND $2`;
const statements = {
	W4: users(posts('')),
	W5: users(`(SELECT row_to_json(f) FROM profiles f WHERE f.user_id = u.id) AS profile, ${posts(`, ${comments}`)}`),
	W6: users(posts(`, ${comments}`)),
	W7: `SELECT p.*, coalesce(t.tags, '[]') AS tags, u AS author FROM posts p JOIN users u ON u.id = p.author_id LEFT JOIN (
		SELECT q.post_id, json_agg(q.tag) AS tags FROM (
			SELECT pt.post_id, t AS tag FROM post_tag pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id BETWEEN $1 AND $2 ORDER BY pt.post_id, t.id) q
		GROUP BY q.post_id) t ON t.post_id = p.id
		WHERE p.id BETWEEN $1 AND $2`,
	W8: users(`(SELECT coalesce(json_agg(p), '[]') FROM (SELECT * FROM posts WHERE author_id = u.id ORDER BY created_at DESC LIMIT 3) p) AS posts`),
};

export async function open() {
	const client = new pg.Client(settings);
	await client.connect();
	const run = (wrap) => async (name, { from, to }) => {
		const text = wrap(statements[name]);
		const { rows } = await client.query({ name: `${name}${text.length}`, text, values: [from, to] });
		return rows.length === 1 && Array.isArray(rows[0].j) ? rows[0].j : rows.map((row) => row.j);
	};
	return {
		kind: 'json',
		variants: {
			row_to_json: run((text) => `SELECT row_to_json(x) AS j FROM (${text}) x`),
			json_agg: run((text) => `SELECT json_agg(x) AS j FROM (${text}) x`),
		},
		close: () => client.end(),
	};
}
