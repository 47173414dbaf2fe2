import pg from 'pg';

// this extension: one statement, the graph as it is
export async function open(settings) {
	const client = new pg.Client(settings);
	await client.connect();
	const query = { name: 'insert', text: 'SELECT orm.insert($1, $2::json) AS saved' };
	return {
		kind: 'orm',
		variants: {
			insert: async (graph) => (await client.query({ ...query, values: ['Author', JSON.stringify(graph)] })).rows[0].saved,
		},
		close: () => client.end(),
	};
}
