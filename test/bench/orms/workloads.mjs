// The nested workloads, as numbers: each mapper asks for them in its own words.
export const workloads = {
	W4: { title: '100 users with posts', from: 201, to: 300 },
	W5: { title: '100 users with profile, posts, comments', from: 201, to: 300 },
	W6: { title: '500 users with posts and comments', from: 1001, to: 1500 },
	W7: { title: '1,000 posts with tags and author', from: 2001, to: 3000 },
	W8: { title: '1,000 users with 3 latest posts', from: 1001, to: 2000 },
};

// What has to be the same whatever the mapper's own types: which objects hang where. (Not all mappers keep an order below the first level.)
export function shape(entities) {
	const entity = (e, root) => {
		const out = { id: String(e.id) };
		if (e.profile) out.profile = String(e.profile.id);
		// further down it is a mapper's own way back to the parent
		if (root && e.author) out.author = String(e.author.id);
		for (const name of ['posts', 'comments', 'tags']) {
			const list = e[name];
			if (list && (!list.isInitialized || list.isInitialized())) out[name] = [...list].map((child) => entity(child, false)).sort((a, b) => a.id - b.id);
		}
		return out;
	};
	return JSON.stringify([...entities].map((e) => entity(e, true)).sort((a, b) => a.id - b.id));
}
