# Conditions use the index that a person would have made for them: in plans made
# for the values at hand, and in plans made once for all values.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use OrmTest::Values;
use OrmTest::Server;

# index, how it is made, the condition
my @cases = (
	[ 'n_key', '(n)', '{"n": 4711}' ],
	[ 'n_key', '(n)', '{"n": {"$gte": 4711, "$lt": 4713}}' ],
	[ 'n_key', '(n)', '{"n": {"$between": [4711, 4713]}}' ],
	[ 'n_key', '(n)', '{"n": {"$in": [1, 4711, 17]}}' ],
	[ 'n_key', '(n)', '{"n": [1, 4711, 17]}' ],
	[ 'n_key', '(n)', '{"n": {"$same": 4711}}' ],
	[ 'n_key', '(n)', '{"n": null}' ],
	[ 'big_key', '(big)', '{"big": "4711"}' ],
	[ 'at_key', '(at)', '{"at": {"$gte": "2020-01-02 00:00+00", "$lt": "2020-01-02 00:02+00"}}' ],
	[ 'name_key', '(name text_pattern_ops)', '{"name": {"$starts": "name 471"}}' ],
	[ 'c_key', '(c)', '{"c": {"$starts": "name 471"}}' ],
	[ 'c_key', '(c)', '{"c": {"$starts": "name 471", "$gt": "name 4711"}}' ],
	[ 'c_pattern', '(c text_pattern_ops)', '{"c": {"$starts": "name 471"}}', 'custom' ],
	[ 'numbers_key', 'USING gin (numbers)', '{"numbers": {"$contains": [4711]}}' ],
	[ 'numbers_key', 'USING gin (numbers)', '{"numbers": {"$contains": 4711}}' ],
	[ 'numbers_key', 'USING gin (numbers)', '{"numbers": {"$overlap": [4711, 4712]}}' ],
	[ 'numbers_key', 'USING gin (numbers)', '{"numbers": {"$any": 4711}}' ],
	[ 'numbers_key', 'USING gin (numbers)', '{"numbers": {"$any": {"$eq": 4711}}}' ],
	[ 'doc_key', 'USING gin (doc)', '{"doc": {"$contains": {"n": 4711}}}' ],
	[ 'doc_path_key', 'USING gin (doc jsonb_path_ops)', '{"doc": {"$contains": {"n": 4711}}}' ],
	[ 'doc_key', 'USING gin (doc)', '{"doc": {"$key": "k4711"}}' ],
	[ 'doc_key', 'USING gin (doc)', '{"doc": {"$key": ["n", "k4711"]}}' ],
	[ 'doc_path_key', 'USING gin (doc jsonb_path_ops)', '{"doc": {"$jsonpath": "$.n == 4711"}}' ],
	[ 'doc_path_key', 'USING gin (doc jsonb_path_ops)', '{"doc": {"n": 4711}}' ],
	[ 'doc_path_key', 'USING gin (doc jsonb_path_ops)', '{"doc": {"in": {"name": "name 4711"}}}' ],
	[ 'during_key', 'USING gist (during)', '{"during": {"$contains": 47110}}' ],
	[ 'during_key', 'USING gist (during)', '{"during": {"$contains": "[47110,47112)"}}' ],
	[ 'during_key', 'USING gist (during)', '{"during": {"$overlap": "[47110,47112)"}}' ],
	[ 'during_key', 'USING gist (during)', '{"during": {"$contained": "[47100,47130)"}}' ],
	[ 'during_key', 'USING gist (during)', '{"during": {"$op": {"name": "@>", "type": "int4", "value": 47110}}}' ],
	[ 'trigrams', 'USING gin (name gin_trgm_ops)', '{"name": {"$icontains": "ME 4711"}}', 'custom' ],
	[ 'trigrams', 'USING gin (name gin_trgm_ops)', '{"name": {"$contains": "me 4711"}}', 'custom' ],
	[ 'trigrams', 'USING gin (name gin_trgm_ops)', '{"name": {"$re": "me 4711$"}}', 'custom' ],
	[ 'vector_key', 'USING gin (vector)', '{"$search": {"query": "4711", "in": ["vector"], "config": "simple"}}' ],
	[ 'text_key', q{USING gin (to_tsvector('simple', name))}, '{"$search": {"query": "4711", "in": ["name"], "config": "simple"}}' ],
	[ 'texts_key', q{USING gin (to_tsvector('english', coalesce(name, '') || ' ' || coalesce(c, '')))},
		'{"$search": {"query": "4711", "in": ["name", "c"], "config": "english", "mode": "plain"}}' ],
	[ 'part_key', '(thing_id) ON part', '{"id": 4711, "parts": {"n": 4711}}' ],
	[ 'part_key', '(thing_id) ON part', '{"id": 4711, "parts": {"$count": {"$lt": 3}}}' ],
	[ 'part_n_key', '(n) ON part', '{"parts": {"n": 4711}}' ],
);

my $server = start_server();
my (undef, $err) = run_script($server, <<'SQL');
CREATE EXTENSION pg_trgm;
-- not the collation C, whatever else the server was built with
CREATE COLLATION tongue (locale = 'C.UTF-8');
CREATE TABLE thing (id int PRIMARY KEY, n int, big bigint, at timestamptz, name text COLLATE tongue, c text COLLATE "C",
	numbers int[], doc jsonb, during int4range, vector tsvector);
INSERT INTO thing SELECT i, nullif(i, 5), i, timestamptz '2020-01-01 00:00+00' + i * interval '1 minute', 'name ' || i, 'name ' || i, ARRAY[i, -i],
	jsonb_build_object('n', i, 'k' || i, true, 'in', jsonb_build_object('name', 'name ' || i)), int4range(i * 10, i * 10 + 5), to_tsvector('simple', 'name ' || i)
	FROM generate_series(1, 20000) i;
CREATE TABLE part (id int PRIMARY KEY, thing_id int, n int);
INSERT INTO part SELECT i, i, i FROM generate_series(1, 20000) i;
ANALYZE;
SET client_min_messages = warning;
SELECT FROM orm.reflect();
SELECT FROM orm.has_many('thing', 'parts', 'part', ARRAY['thing_id']);
SQL
is($err, '', 'the tables are there');

# What the plans of a condition say: auto_explain tells on stderr.
sub plans
{
	my ($index, $how, $where, $mode) = @_;
	my $table = $how =~ s/ ON (\w+)$// ? $1 : 'thing';
	my $document = literal(qq({"where": $where, "select": ["id"]}));
	my ($rows, $said) = run_script($server, <<"SQL");
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE INDEX $index ON $table $how;
ANALYZE $table;
LOAD 'auto_explain';
SET LOCAL auto_explain.log_min_duration = 0;
SET LOCAL auto_explain.log_nested_statements = on;
SET LOCAL auto_explain.log_level = 'warning';
SET LOCAL plan_cache_mode = force_${mode}_plan;
SELECT to_json(count(f)) FROM (SELECT orm.fetch('thing', $document) AS f) AS s;
ROLLBACK;
SQL
	return ($rows->[0], $said);
}

for my $case (@cases)
{
	my ($index, $how, $where, $only) = @$case;
	# a pattern that is not known is no reason to use an index for it
	for my $mode ($only // qw(custom generic))
	{
		my ($count, $said) = plans($index, $how, $where, $mode);
		my $found = $count && $said =~ /(?:using|Scan on) \Q$index\E\b/;
		ok($found, "$mode plan: $index $how for $where") or diag(($count // 'no') . " rows\n$said");
	}
}

$server->stop;
done_testing();
