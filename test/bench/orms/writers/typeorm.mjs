import 'reflect-metadata';
import { DataSource, EntitySchema } from 'typeorm';

const id = { type: 'bigint', primary: true, generated: 'identity', generatedIdentity: 'BY DEFAULT' };
const many = (target, inverseSide) => ({ type: 'one-to-many', target, inverseSide, cascade: true });
const one = (target, name, inverseSide) => ({ type: 'many-to-one', target, joinColumn: { name }, inverseSide });
const entities = [
	new EntitySchema({
		name: 'Author', tableName: 'authors', columns: { id, name: { type: 'text' }, email: { type: 'text' } },
		relations: { articles: many('Article', 'author') },
	}),
	new EntitySchema({
		name: 'Article', tableName: 'articles',
		columns: { id, title: { type: 'text' }, body: { type: 'text' }, views: { type: 'int' }, published: { type: 'boolean' } },
		relations: { author: one('Author', 'author_id', 'articles'), remarks: many('Remark', 'article') },
	}),
	new EntitySchema({
		name: 'Remark', tableName: 'remarks', columns: { id, body: { type: 'text' }, likes: { type: 'int' } },
		relations: { article: one('Article', 'article_id', 'remarks') },
	}),
];

export async function open(settings, schema) {
	const source = new DataSource({
		type: 'postgres', host: settings.host, port: settings.port, username: settings.user, database: settings.database,
		schema, extra: { max: 1, idleTimeoutMillis: 0, options: settings.options }, entities, logging: false,
	});
	await source.initialize();
	const repository = source.getRepository('Author');
	return { kind: 'typeorm', variants: { save: (graph) => repository.save(graph) }, close: () => source.destroy() };
}
