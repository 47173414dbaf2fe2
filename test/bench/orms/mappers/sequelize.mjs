import { DataTypes, Op, Sequelize } from 'sequelize';
import { settings } from '../connection.mjs';

const { BIGINT, BOOLEAN, DATE, DATEONLY, DECIMAL, INTEGER, JSONB, TEXT } = DataTypes;

function define(sequelize) {
	const table = (name, columns) => sequelize.define(name, { id: { type: BIGINT, primaryKey: true }, ...columns },
		{ tableName: name, schema: 'bench', timestamps: false });
	const users = table('users', { name: TEXT, email: TEXT, active: BOOLEAN, balance: DECIMAL, settings: JSONB, created_at: DATE });
	const profiles = table('profiles', { user_id: BIGINT, bio: TEXT, website: TEXT, born: DATEONLY });
	const posts = table('posts', { author_id: BIGINT, title: TEXT, body: TEXT, views: INTEGER, published: BOOLEAN, score: DECIMAL, created_at: DATE });
	const comments = table('comments', { post_id: BIGINT, author_id: BIGINT, body: TEXT, likes: INTEGER, created_at: DATE });
	const tags = table('tags', { name: TEXT, color: TEXT });
	const postTag = sequelize.define('post_tag', { post_id: { type: BIGINT, primaryKey: true }, tag_id: { type: BIGINT, primaryKey: true } },
		{ tableName: 'post_tag', schema: 'bench', timestamps: false });

	return {
		users, posts,
		profile: users.hasOne(profiles, { as: 'profile', foreignKey: 'user_id' }),
		postsOf: users.hasMany(posts, { as: 'posts', foreignKey: 'author_id' }),
		author: posts.belongsTo(users, { as: 'author', foreignKey: 'author_id' }),
		comments: posts.hasMany(comments, { as: 'comments', foreignKey: 'post_id' }),
		tags: posts.belongsToMany(tags, { as: 'tags', through: postTag, foreignKey: 'post_id', otherKey: 'tag_id' }),
	};
}

export async function open() {
	const sequelize = new Sequelize(settings.database, settings.user, null, {
		dialect: 'postgres', host: settings.host, port: settings.port, logging: false, pool: { min: 1, max: 1, idle: 1e9 },
	});
	const m = define(sequelize);
	// "separate" reads a to-many by a statement of its own
	const queries = (separate) => {
		const sorted = separate ? { separate, order: [['id', 'ASC']] } : {};
		const withComments = { association: m.postsOf, ...sorted, include: [{ association: m.comments, ...sorted }] };
		const order = (...path) => (separate ? {} : { order: path });
		return {
			W4: { include: [{ association: m.postsOf, ...sorted }], ...order(['id'], ['posts', 'id']) },
			W5: { include: [{ association: m.profile }, withComments], ...order(['id'], ['posts', 'id'], ['posts', 'comments', 'id']) },
			W6: { include: [withComments], ...order(['id'], ['posts', 'id'], ['posts', 'comments', 'id']) },
			W7: { include: [{ association: m.tags, through: { attributes: [] } }, { association: m.author }], order: [['id'], ['tags', 'id']] },
			// its own limit for each parent is a UNION of a thousand statements, ten times slower than to load all and cut
			W8: { include: [separate ? { association: m.postsOf, separate, order: [['created_at', 'DESC']] } : { association: m.postsOf }], ...order(['id'], ['posts', 'created_at', 'DESC']) },
		};
	};
	const run = (separate) => {
		const query = queries(separate);
		return async (name, { from, to }) => {
			const list = await (name === 'W7' ? m.posts : m.users).findAll({ where: { id: { [Op.between]: [from, to] } }, ...query[name] });
			if (name !== 'W8') return list;
			return list.map((user) => ({ id: user.id, user, posts: user.posts.slice(0, 3) }));
		};
	};
	return { kind: 'sequelize', variants: { join: run(false), separate: run(true) }, close: () => sequelize.close() };
}
