import { PrismaPg } from '@prisma/adapter-pg';
import prisma from '../generated/index.js';

// one create for each root, all of them in one transaction
export async function open(settings, schema) {
	const client = new prisma.PrismaClient({
		adapter: new PrismaPg({ ...settings, max: 1, idleTimeoutMillis: 0 }, { schema }),
		transactionOptions: { timeout: 600000 },
	});
	const data = (author) => ({
		...author,
		articles: { create: author.articles.map((article) => ({ ...article, remarks: { create: article.remarks } })) },
	});
	const include = { articles: { select: { id: true, remarks: { select: { id: true } } } } };
	return {
		kind: 'prisma',
		variants: { 'nested create': (graph) => client.$transaction(graph.map((author) => client.author.create({ data: data(author), include }))) },
		close: () => client.$disconnect(),
	};
}
