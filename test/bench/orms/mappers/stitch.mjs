import pg from 'pg';
import { settings } from '../connection.mjs';

// raw rows, put together by hand
const user = 'id, name, email, active, balance, settings, created_at';
const post = 'id, author_id, title, body, views, published, score, created_at';

export async function open() {
	const client = new pg.Client(settings);
	await client.connect();
	const rows = async (name, text, values) => (await client.query({ name, text, values })).rows;
	const ids = (list) => list.map((row) => row.id);

	// puts children into a list of each parent
	const attach = (parents, children, key, name) => {
		const byId = new Map();
		for (const parent of parents) {
			parent[name] = [];
			byId.set(parent.id, parent[name]);
		}
		for (const child of children) byId.get(child[key]).push(child);
	};
	const users = ({ from, to }) => rows('users', `SELECT ${user} FROM users WHERE id BETWEEN $1 AND $2`, [from, to]);
	const posts = async (parents) => {
		const list = await rows('posts', `SELECT ${post} FROM posts WHERE author_id = ANY ($1::bigint[]) ORDER BY id`, [ids(parents)]);
		attach(parents, list, 'author_id', 'posts');
		return list;
	};
	const comments = async (parents) => {
		const list = await rows('comments',
			'SELECT id, post_id, author_id, body, likes, created_at FROM comments WHERE post_id = ANY ($1::bigint[]) ORDER BY id', [ids(parents)]);
		attach(parents, list, 'post_id', 'comments');
	};
	const profiles = async (parents) => {
		const list = await rows('profiles', 'SELECT id, user_id, bio, website, born FROM profiles WHERE user_id = ANY ($1::bigint[])', [ids(parents)]);
		const byUser = new Map(list.map((profile) => [profile.user_id, profile]));
		for (const parent of parents) parent.profile = byUser.get(parent.id) ?? null;
	};
	const run = {
		W4: async (range) => {
			const list = await users(range);
			await posts(list);
			return list;
		},
		W5: async (range) => {
			const list = await users(range);
			await profiles(list);
			await comments(await posts(list));
			return list;
		},
		W6: async (range) => {
			const list = await users(range);
			await comments(await posts(list));
			return list;
		},
		W7: async ({ from, to }) => {
			const list = await rows('range', `SELECT ${post} FROM posts WHERE id BETWEEN $1 AND $2`, [from, to]);
			const pairs = await rows('pairs', 'SELECT post_id, tag_id FROM post_tag WHERE post_id = ANY ($1::bigint[]) ORDER BY tag_id', [ids(list)]);
			const tags = await rows('tags', 'SELECT id, name, color FROM tags WHERE id = ANY ($1::bigint[])', [[...new Set(pairs.map((p) => p.tag_id))]]);
			const authors = await rows('authors', `SELECT ${user} FROM users WHERE id = ANY ($1::bigint[])`, [[...new Set(list.map((p) => p.author_id))]]);
			const tagById = new Map(tags.map((tag) => [tag.id, tag]));
			const authorById = new Map(authors.map((author) => [author.id, author]));
			const postById = new Map();
			for (const p of list) {
				p.tags = [];
				p.author = authorById.get(p.author_id);
				postById.set(p.id, p);
			}
			for (const pair of pairs) postById.get(pair.post_id).tags.push(tagById.get(pair.tag_id));
			return list;
		},
		W8: async (range) => {
			const list = await users(range);
			const latest = await rows('latest', `SELECT p.* FROM unnest($1::bigint[]) k (id), LATERAL (SELECT ${post} FROM posts
				WHERE author_id = k.id ORDER BY created_at DESC LIMIT 3) p`, [ids(list)]);
			attach(list, latest, 'author_id', 'posts');
			return list;
		},
	};
	return { kind: 'stitch', variants: { 'by hand': (name, range) => run[name](range) }, close: () => client.end() };
}
