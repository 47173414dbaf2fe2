import pg from 'pg';
import { drizzle } from 'drizzle-orm/node-postgres';
import { bigint, boolean, integer, pgSchema, text } from 'drizzle-orm/pg-core';

// Drizzle has no nested create: what its documentation does is a statement of many
// rows for each table, with the keys of the level above put in by hand.
export async function open(settings, schemaName) {
	const { table } = { table: pgSchema(schemaName).table };
	const id = () => bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity();
	const authors = table('authors', { id: id(), name: text().notNull(), email: text().notNull() });
	const articles = table('articles', {
		id: id(), author_id: bigint({ mode: 'number' }).notNull(), title: text().notNull(), body: text().notNull(),
		views: integer().notNull(), published: boolean().notNull(),
	});
	const remarks = table('remarks', { id: id(), article_id: bigint({ mode: 'number' }).notNull(), body: text().notNull(), likes: integer().notNull() });
	const client = new pg.Client(settings);
	await client.connect();
	const db = drizzle({ client });

	// a statement takes 65,535 parameters
	async function insert(tx, into, rows) {
		const most = Math.floor(65535 / Object.keys(rows[0]).length);
		for (let from = 0; from < rows.length; from += most) {
			const part = rows.slice(from, from + most);
			const saved = await tx.insert(into).values(part).returning({ id: into.id });
			for (let i = 0; i < part.length; i++) part[i].id = saved[i].id;
		}
		return rows;
	}

	const create = (graph) => db.transaction(async (tx) => {
		const savedAuthors = await insert(tx, authors, graph.map(({ articles: _, ...author }) => author));
		const articleRows = graph.flatMap((author, i) => author.articles.map(({ remarks: _, ...article }) => ({ author_id: savedAuthors[i].id, ...article })));
		const savedArticles = await insert(tx, articles, articleRows);
		const flat = graph.flatMap((author) => author.articles);
		const savedRemarks = await insert(tx, remarks, flat.flatMap((article, i) => article.remarks.map((remark) => ({ article_id: savedArticles[i].id, ...remark }))));
		let a = 0;
		let r = 0;
		return graph.map((author, i) => ({
			...savedAuthors[i],
			articles: author.articles.map((article) => ({ ...savedArticles[a++], remarks: article.remarks.map(() => savedRemarks[r++]) })),
		}));
	});
	return { kind: 'drizzle', variants: { 'a statement per table': create }, close: () => client.end() };
}
