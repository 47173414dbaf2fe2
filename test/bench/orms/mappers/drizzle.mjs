import pg from 'pg';
import { between, relations, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { bigint, boolean, date, integer, jsonb, numeric, pgSchema, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import { settings } from '../connection.mjs';

const { table } = { table: pgSchema('bench').table };
const id = () => bigint({ mode: 'bigint' });

const users = table('users', {
	id: id().primaryKey(), name: text().notNull(), email: text().notNull(), active: boolean().notNull(),
	balance: numeric().notNull(), settings: jsonb().notNull(), created_at: timestamp({ withTimezone: true }).notNull(),
});
const profiles = table('profiles', { id: id().primaryKey(), user_id: id().notNull(), bio: text().notNull(), website: text(), born: date().notNull() });
const posts = table('posts', {
	id: id().primaryKey(), author_id: id().notNull(), title: text().notNull(), body: text().notNull(), views: integer().notNull(),
	published: boolean().notNull(), score: numeric(), created_at: timestamp({ withTimezone: true }).notNull(),
});
const comments = table('comments', {
	id: id().primaryKey(), post_id: id().notNull(), author_id: id().notNull(), body: text().notNull(), likes: integer().notNull(),
	created_at: timestamp({ withTimezone: true }).notNull(),
});
const tags = table('tags', { id: id().primaryKey(), name: text().notNull(), color: text() });
const postTag = table('post_tag', { post_id: id().notNull(), tag_id: id().notNull() }, (t) => [primaryKey({ columns: [t.post_id, t.tag_id] })]);

const schema = {
	users, profiles, posts, comments, tags, postTag,
	userLinks: relations(users, ({ one, many }) => ({ profile: one(profiles, { fields: [users.id], references: [profiles.user_id] }), posts: many(posts) })),
	postLinks: relations(posts, ({ one, many }) => ({
		author: one(users, { fields: [posts.author_id], references: [users.id] }), comments: many(comments), tags: many(postTag),
	})),
	commentLinks: relations(comments, ({ one }) => ({ post: one(posts, { fields: [comments.post_id], references: [posts.id] }) })),
	postTagLinks: relations(postTag, ({ one }) => ({
		post: one(posts, { fields: [postTag.post_id], references: [posts.id] }), tag: one(tags, { fields: [postTag.tag_id], references: [tags.id] }),
	})),
};
const byId = (t, { asc }) => asc(t.id);
const range = (t) => between(t.id, sql.placeholder('from'), sql.placeholder('to'));

export async function open() {
	const client = new pg.Client(settings);
	await client.connect();
	const db = drizzle({ client, schema });
	const prepared = {
		W4: db.query.users.findMany({ where: range(users), with: { posts: { orderBy: byId } } }).prepare('w4'),
		W5: db.query.users.findMany({
			where: range(users), with: { profile: true, posts: { orderBy: byId, with: { comments: { orderBy: byId } } } },
		}).prepare('w5'),
		W6: db.query.users.findMany({ where: range(users), with: { posts: { orderBy: byId, with: { comments: { orderBy: byId } } } } }).prepare('w6'),
		W7: db.query.posts.findMany({
			where: range(posts), with: { author: true, tags: { columns: {}, orderBy: (t, { asc }) => asc(t.tag_id), with: { tag: true } } },
		}).prepare('w7'),
		W8: db.query.users.findMany({ where: range(users), with: { posts: { orderBy: (t, { desc }) => desc(t.created_at), limit: 3 } } }).prepare('w8'),
	};
	const run = async (name, { from, to }) => {
		const list = await prepared[name].execute({ from, to });
		if (name === 'W7') for (const post of list) post.tags = post.tags.map((link) => link.tag);
		return list;
	};
	return { kind: 'drizzle', variants: { 'relational queries, prepared': run }, close: () => client.end() };
}
