import { EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import { settings } from '../connection.mjs';

const id = { type: 'bigint', primary: true };
const entities = [
	new EntitySchema({
		name: 'User', tableName: 'users',
		properties: {
			id, name: { type: 'text' }, email: { type: 'text' }, active: { type: 'boolean' }, balance: { type: 'decimal' },
			settings: { type: 'json' }, created_at: { type: 'datetime', fieldName: 'created_at' },
			profile: { kind: '1:1', entity: 'Profile', mappedBy: 'user' }, posts: { kind: '1:m', entity: 'Post', mappedBy: 'author' },
		},
	}),
	new EntitySchema({
		name: 'Profile', tableName: 'profiles',
		properties: {
			id, user: { kind: '1:1', entity: 'User', inversedBy: 'profile', owner: true, joinColumn: 'user_id', fieldName: 'user_id' }, bio: { type: 'text' },
			website: { type: 'text', nullable: true }, born: { type: 'date' },
		},
	}),
	new EntitySchema({
		name: 'Post', tableName: 'posts',
		properties: {
			id, author: { kind: 'm:1', entity: 'User', fieldName: 'author_id' }, title: { type: 'text' }, body: { type: 'text' },
			views: { type: 'integer' }, published: { type: 'boolean' }, score: { type: 'decimal', nullable: true },
			created_at: { type: 'datetime', fieldName: 'created_at' }, comments: { kind: '1:m', entity: 'Comment', mappedBy: 'post' },
			tags: { kind: 'm:n', entity: 'Tag', pivotTable: 'post_tag', joinColumn: 'post_id', inverseJoinColumn: 'tag_id' },
		},
	}),
	new EntitySchema({
		name: 'Comment', tableName: 'comments',
		properties: {
			id, post: { kind: 'm:1', entity: 'Post', fieldName: 'post_id' }, author: { kind: 'm:1', entity: 'User', fieldName: 'author_id' },
			body: { type: 'text' }, likes: { type: 'integer' }, created_at: { type: 'datetime', fieldName: 'created_at' },
		},
	}),
	new EntitySchema({ name: 'Tag', tableName: 'tags', properties: { id, name: { type: 'text' }, color: { type: 'text', nullable: true } } }),
];
// made anew for each call: it writes into them
const options = () => ({
	W4: { populate: ['posts'], orderBy: { id: 'asc', posts: { id: 'asc' } } },
	W5: { populate: ['profile', 'posts.comments'], orderBy: { id: 'asc', posts: { id: 'asc', comments: { id: 'asc' } } } },
	W6: { populate: ['posts.comments'], orderBy: { id: 'asc', posts: { id: 'asc', comments: { id: 'asc' } } } },
	W7: { populate: ['tags', 'author'], orderBy: { id: 'asc', tags: { id: 'asc' } } },
	// there is no limit for each parent: all are loaded, and cut
	W8: { populate: ['posts'], orderBy: { id: 'asc', posts: { created_at: 'desc' } } },
});

export async function open() {
	const orm = await MikroORM.init({
		host: settings.host, port: settings.port, user: settings.user, dbName: settings.database, schema: 'bench', entities,
		pool: { min: 1, max: 1, idleTimeoutMillis: 1e9 }, driverOptions: { connection: { options: settings.options } }, debug: false,
		autoJoinOneToOneOwner: false, metadataCache: { enabled: false }, discovery: { warnWhenNoEntities: false },
	});
	const run = (strategy) => async (name, { from, to }) => {
		const list = await orm.em.fork().find(name === 'W7' ? 'Post' : 'User', { id: { $gte: from, $lte: to } }, { strategy, ...options()[name] });
		if (name !== 'W8') return list;
		return list.map((user) => ({ id: user.id, user, posts: user.posts.getItems().slice(0, 3) }));
	};
	return { kind: 'mikroorm', variants: { joined: run('joined'), 'select-in': run('select-in') }, close: () => orm.close() };
}
