import pg from 'pg';
import { settings } from '../connection.mjs';

// this extension, with node-pg, whose parser of json is JSON.parse
const documents = {
	W4: ['User', { load: ['posts'] }],
	W5: ['User', { load: ['profile', 'posts.comments'] }],
	W6: ['User', { load: ['posts.comments'] }],
	W7: ['Post', { load: ['tags', 'author'] }],
	W8: ['User', { load: { posts: { order: ['-created_at'], limit: 3 } } }],
};

export async function open() {
	const client = new pg.Client(settings);
	await client.connect();
	const parameters = (name, { from, to }) => {
		const [entity, document] = documents[name];
		return [entity, JSON.stringify({ where: { id: { $between: [from, to] } }, ...document })];
	};
	return {
		kind: 'orm',
		variants: {
			fetch: async (name, range) => {
				const result = await client.query({ name: 'fetch', text: 'SELECT orm.fetch($1, $2::jsonb) AS entity', values: parameters(name, range) });
				return result.rows.map((row) => row.entity);
			},
			list: async (name, range) => {
				const result = await client.query({ name: 'list', text: 'SELECT orm.list($1, $2::jsonb) AS entities', values: parameters(name, range) });
				return result.rows[0].entities;
			},
		},
		close: () => client.end(),
	};
}
