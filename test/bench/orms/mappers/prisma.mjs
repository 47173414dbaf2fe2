import { PrismaPg } from '@prisma/adapter-pg';
import prisma from '../generated/index.js';
import { settings } from '../connection.mjs';

const byId = { orderBy: { id: 'asc' } };
const commentsOfPosts = { posts: { ...byId, include: { comments: byId } } };
const include = {
	W4: { posts: byId },
	W5: { profile: true, ...commentsOfPosts },
	W6: commentsOfPosts,
	W7: { author: true, tags: { orderBy: { tagId: 'asc' }, include: { tag: true } } },
	W8: { posts: { orderBy: { createdAt: 'desc' }, take: 3 } },
};

export async function open() {
	const client = new prisma.PrismaClient({ adapter: new PrismaPg({ ...settings, max: 1, idleTimeoutMillis: 0 }, { schema: 'bench' }) });
	const run = (relationLoadStrategy) => async (name, { from, to }) => {
		const query = { relationLoadStrategy, where: { id: { gte: from, lte: to } }, include: include[name] };
		if (name !== 'W7') return client.user.findMany(query);
		const list = await client.post.findMany(query);
		for (const post of list) post.tags = post.tags.map((link) => link.tag);
		return list;
	};
	return { kind: 'prisma', variants: { join: run('join'), query: run('query') }, close: () => client.$disconnect() };
}
