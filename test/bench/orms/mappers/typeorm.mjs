import 'reflect-metadata';
import { Between, DataSource, EntitySchema } from 'typeorm';
import { settings } from '../connection.mjs';

const id = { type: 'bigint', primary: true };
const many = (target, inverseSide) => ({ type: 'one-to-many', target, inverseSide });
const one = (target, name, inverseSide) => ({ type: 'many-to-one', target, joinColumn: { name }, inverseSide });
const entities = [
	new EntitySchema({
		name: 'User', tableName: 'users',
		columns: {
			id, name: { type: 'text' }, email: { type: 'text' }, active: { type: 'boolean' }, balance: { type: 'numeric' },
			settings: { type: 'jsonb' }, created_at: { type: 'timestamptz' },
		},
		relations: { profile: { type: 'one-to-one', target: 'Profile', inverseSide: 'user' }, posts: many('Post', 'author') },
	}),
	new EntitySchema({
		name: 'Profile', tableName: 'profiles',
		columns: { id, user_id: { type: 'bigint' }, bio: { type: 'text' }, website: { type: 'text', nullable: true }, born: { type: 'date' } },
		relations: { user: { type: 'one-to-one', target: 'User', joinColumn: { name: 'user_id' }, inverseSide: 'profile' } },
	}),
	new EntitySchema({
		name: 'Post', tableName: 'posts',
		columns: {
			id, author_id: { type: 'bigint' }, title: { type: 'text' }, body: { type: 'text' }, views: { type: 'int' },
			published: { type: 'boolean' }, score: { type: 'numeric', nullable: true }, created_at: { type: 'timestamptz' },
		},
		relations: {
			author: one('User', 'author_id', 'posts'), comments: many('Comment', 'post'),
			tags: {
				type: 'many-to-many', target: 'Tag',
				joinTable: { name: 'post_tag', joinColumn: { name: 'post_id' }, inverseJoinColumn: { name: 'tag_id' } },
			},
		},
	}),
	new EntitySchema({
		name: 'Comment', tableName: 'comments',
		columns: {
			id, post_id: { type: 'bigint' }, author_id: { type: 'bigint' }, body: { type: 'text' }, likes: { type: 'int' },
			created_at: { type: 'timestamptz' },
		},
		relations: { post: one('Post', 'post_id', 'comments') },
	}),
	new EntitySchema({ name: 'Tag', tableName: 'tags', columns: { id, name: { type: 'text' }, color: { type: 'text', nullable: true } } }),
];
const byId = { id: 'ASC' };
const query = {
	W4: { relations: { posts: true }, order: { ...byId, posts: byId } },
	W5: { relations: { profile: true, posts: { comments: true } }, order: { ...byId, posts: { ...byId, comments: byId } } },
	W6: { relations: { posts: { comments: true } }, order: { ...byId, posts: { ...byId, comments: byId } } },
	W7: { relations: { tags: true, author: true }, order: { ...byId, tags: byId } },
	// there is no limit for each parent: all are loaded, and cut
	W8: { relations: { posts: true }, order: { ...byId, posts: { created_at: 'DESC' } } },
};

export async function open() {
	const source = new DataSource({
		type: 'postgres', host: settings.host, port: settings.port, username: settings.user, database: settings.database,
		schema: 'bench', extra: { max: 1, idleTimeoutMillis: 0, options: settings.options }, entities, logging: false,
	});
	await source.initialize();
	const run = (relationLoadStrategy) => async (name, { from, to }) => {
		const list = await source.getRepository(name === 'W7' ? 'Post' : 'User')
			.find({ where: { id: Between(from, to) }, relationLoadStrategy, ...query[name] });
		if (name === 'W8') for (const user of list) user.posts = user.posts.slice(0, 3);
		return list;
	};
	return {
		kind: 'typeorm',
		// a statement per relation ("query") is 4 to 20 times slower than this
		variants: { join: run('join') },
		close: () => source.destroy(),
	};
}
