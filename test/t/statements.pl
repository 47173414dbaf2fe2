# How many statements a read runs: one for the roots, and per window one for
# each relation asked for, or counted under one filter, that has any keys there, whatever the data.
#
# ORM_TEST_ROUNDS and ORM_TEST_SEED ask for more rounds and for other seeds.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use OrmTest::Values;
use OrmTest::Schema;
use OrmTest::Morph;
use OrmTest::Tree;
use OrmTest::Server;

my $trees = 15;
my $server = start_server(q{shared_preload_libraries = 'pg_stat_statements'}, q{pg_stat_statements.track = 'all'}, 'pg_stat_statements.max = 5000');

# a statement that is ended by an outer LIMIT counts as one of the top level, as it is told from there
sub counted { my ($sql) = @_; return "SELECT FROM pg_stat_statements_reset();\n${sql}SELECT json_build_object('calls', coalesce(sum(calls), 0)) FROM pg_stat_statements WHERE NOT toplevel OR query LIKE 'SELECT t.%';\n" }

# Runs one statement; returns its rows and how many statements it ran itself.
sub run_counted
{
	my ($sql, $settings, $database) = @_;
	my ($rows, $err) = run_script($server, ($settings // '') . counted($sql), $database);
	my $last = pop @$rows;
	diag($err) if $err ne '';
	return ($rows, $err eq '' ? $last->{calls} : -1);
}

# ---- generated trees ----

# Every row that a level of a window holds, relation by relation, and how many of them have keys.
sub count_edges
{
	my ($node, @objects) = @_;
	my $statements = 0;
	for my $tally (tallies($node))
	{
		my @near = map { $_->[0]{name} } @{ $tally->{relation}{links} };
		$statements++ if grep { my $object = $_; !grep { !defined $object->{$_} } @near } @objects;
	}
	for my $load (below($node))
	{
		my $relation = $load->{relation};
		my @near = map { $_->[0]{name} } @{ $relation->{links} };
		my $type = $relation->{near_type};
		my @keyed = grep { my $object = $_; !grep { !defined $object->{$_} } @near } @objects;
		@keyed = grep { my $said = $_->{ $type->{column}{name} }; defined $said && $said =~ s/ +$//r eq $type->{alias} } @keyed if $type;
		next if !@keyed;
		my @below = map { ref eq 'ARRAY' ? @$_ : $_ // () } map { $_->{ $relation->{name} } } @keyed;
		$statements += 1 + count_edges($load, @below);
	}
	return $statements;
}

# all columns are needed to see which rows have keys
sub whole
{
	my ($node) = @_;
	delete @$node{qw(select omit)};
	whole($_) for below($node);
	return $node;
}

sub expected_statements
{
	my ($node, $size, $open, @roots) = @_;
	my $statements = 1;
	my $next = $size || ($open && !defined $node->{limit} ? 2 : 128);
	while (@roots)
	{
		$statements += count_edges($node, splice @roots, 0, $next);
		$next *= 4 if !$size;
	}
	return $statements;
}

my (undef, $err) = run_script($server, types_sql() . "CREATE EXTENSION pg_stat_statements;\n");
is($err, '', 'pg_stat_statements is there');

sub count_trees
{
	my ($seed, $declare, @tables) = @_;
	my $quiet = "SET client_min_messages = warning;\n";
	my $schema = $tables[0]{schema};
	(undef, $err) = run_script($server, "${quiet}CREATE SCHEMA $schema;\n" . schema_sql(@tables) . "SELECT FROM orm.reflect('$schema');\n");
	is($err, '', "seed $seed: the schema is made") or return;
	my $model = model_of($server);
	$_->{entity} = $model->{ $_->{schema} }{ $_->{table} }{name} for @tables;
	(undef, $err) = run_script($server, $quiet . $declare->(@tables));
	is($err, '', "seed $seed: relations are declared") or return;
	take_relations(model_of($server), @tables);
	my @wrong;
	for my $tree (1 .. $trees)
	{
		my $node = whole(random_tree(pick(@tables), between(1, 4), 100));
		my $size = pick(0, 1, 2, 7, 1000);
		my $document = literal(json(tree_document($node)));
		# below a LIMIT reading may stop early, and begins with a small window
		my $open = chance(50);
		my ($rows, $calls) = run_counted('SELECT orm.fetch(' . literal($node->{table}{entity}) . ", $document)" . ($open ? " LIMIT 1000;\n" : ";\n"), "SET orm.window_size = $size;\n");
		my $due = expected_statements($node, $size, $open, @$rows);
		push @wrong, "tree $tree, windows of $size" . ($open ? ', open' : '') . ": $calls statements instead of $due for " . scalar(@$rows) . " roots and $document" if $calls != $due;
	}
	ok(!@wrong, "seed $seed: one statement per relation and window, of a morph_to one per type") or diag(verdicts([ 1 .. $trees ], map { [$_] } @wrong));
	run_script($server, "${quiet}DROP SCHEMA $schema CASCADE;\n");
	return;
}

for my $seed (map { 2000 + $_ } first_seed() .. first_seed() + rounds(4) - 1)
{
	seed_random($seed);
	count_trees($seed, sub { '' }, random_schema("n$seed"));
}
for my $seed (map { 2500 + $_ } first_seed() .. first_seed() + rounds(3) - 1)
{
	seed_random($seed);
	count_trees($seed, \&declare_morphs, morph_schema("n$seed"));
}

# ---- known trees ----

(undef, $err) = run_script($server, <<'SQL');
CREATE SCHEMA known;
CREATE TABLE known.parent (id int PRIMARY KEY, boss_id int REFERENCES known.parent);
CREATE TABLE known.child (id int PRIMARY KEY, parent_id int REFERENCES known.parent);
CREATE TABLE known.toy (id int PRIMARY KEY, child_id int REFERENCES known.child);
INSERT INTO known.parent SELECT i FROM generate_series(1, 100) i;
INSERT INTO known.child SELECT i, i % 10 + 1 FROM generate_series(1, 100) i;
SET client_min_messages = warning;
SELECT FROM orm.reflect('known');
SQL
is($err, '', 'known tables');
for my $case (
	[ 'no relation', '{}', 1000, 1 ],
	[ 'a relation in one window', '{"load": ["child"]}', 1000, 2 ],
	[ 'a relation in ten windows', '{"load": ["child"]}', 10, 11 ],
	[ 'a relation in FROM, which reads all', '{"load": ["child"]}', 0, 2 ],
	[ 'no root', '{"where": {"id": -1}, "load": ["child.toy"]}', 1000, 1 ],
	[ 'NULL keys only', '{"load": ["boss"]}', 1000, 1 ],
	[ 'the last level is empty', '{"load": ["child.toy.child"]}', 1000, 3 ],
	[ 'parents without children', '{"where": {"id": {"$gt": 50}}, "load": ["child.toy"]}', 1000, 2 ],
	[ 'two relations and a clause each', '{"load": {"child": {"limit": 1, "load": ["toy", "parent"]}}}', 1000, 4 ])
{
	my ($what, $document, $size, $due) = @$case;
	my (undef, $calls) = run_counted("SELECT FROM orm.fetch('parent', '$document');\n", "SET orm.window_size = $size;\n");
	# a fetch in FROM runs to its end at once
	is($calls, $due, "$what: $due statements");
}
# who may stop, and how many roots of the first window that means
my $fetch = q{SELECT orm.fetch('parent', '{"load": ["child"]}')};
for my $case (
	[ 'in the select list of a client', $fetch, 2 ],
	[ 'computed with', qq{SELECT (orm.fetch('parent', '{"load": ["child"]}') ->> 'id')::int + 1}, 2 ],
	[ 'below a LIMIT', "$fetch LIMIT 1000", 5 ],
	[ 'in a subquery', "SELECT (SELECT count(*) FROM (SELECT orm.fetch('parent', '{\"load\": [\"child\"]}') OFFSET 0) x)", 5 ],
	[ 'in EXISTS', "SELECT to_json(EXISTS ($fetch))", 2 ],
	[ 'in a cursor', "BEGIN;\nDECLARE c CURSOR FOR $fetch;\nFETCH ALL FROM c;\nCOMMIT", 5 ],
	# with the loop's own
	[ 'in a loop', "DO \$\$ DECLARE e json; BEGIN FOR e IN $fetch LOOP END LOOP; END \$\$", 6 ])
{
	my ($what, $sql, $due) = @$case;
	my (undef, $calls) = run_counted("$sql;\n");
	is($calls, $due, "$what: $due statements");
}
for my $case (
	[ 'find', q{SELECT orm.find('parent', 3, '{"load": ["child"]}')}, 2 ],
	[ 'find of nothing', q{SELECT to_json(orm.find('parent', 333, '{"load": ["child"]}') IS NULL)}, 1 ],
	[ 'find of NULL', q{SELECT to_json(orm.find('parent', NULL::int, '{"load": ["child"]}') IS NULL)}, 0 ],
	[ 'first', q{SELECT orm.first('parent', '{"order": ["id"], "load": ["child"]}')}, 2 ],
	[ 'count', q{SELECT orm.count('parent', '{"load": ["child"]}')}, 1 ],
	[ 'exists', q{SELECT to_json(orm.exists('parent', '{"load": ["child"]}'))}, 1 ],
	[ 'list', q{SELECT orm.list('parent', '{"load": ["child"]}')}, 2 ],
	[ 'fetch with an outer LIMIT', q{SELECT orm.fetch('parent', '{"load": ["child"]}') LIMIT 1}, 2 ])
{
	my ($what, $sql, $due) = @$case;
	my (undef, $calls) = run_counted("$sql;\n");
	is($calls, $due, "$what: $due statements");
}

# case A6: a morph_to over three types is three statements, and none for a type that no row is of
(undef, $err) = run_script($server, <<'SQL');
SET client_min_messages = warning;
CREATE TABLE known.note (id int PRIMARY KEY, kind text, thing_id int);
INSERT INTO known.note SELECT i, (ARRAY['parent', 'child', 'toy', 'nothing', NULL])[i % 5 + 1], i FROM generate_series(1, 100) i;
INSERT INTO known.toy SELECT i, i FROM generate_series(1, 100) i;
SELECT FROM orm.entity('note', 'known.note');
SELECT FROM orm.morph_to('note', 'thing', 'kind', '{thing_id}', '{"parent": "parent", "child": "child", "toy": "toy"}');
SQL
is($err, '', 'a table that leads to three others');
for my $case (
	[ 'three types', '{"load": ["thing"]}', 1000, 4 ],
	[ 'three types in ten windows', '{"load": ["thing"]}', 10, 31 ],
	[ 'two of three types', '{"where": {"kind": ["parent", "toy"]}, "load": ["thing"]}', 1000, 3 ],
	[ 'unknown types and none', '{"where": {"$or": [{"kind": "nothing"}, {"kind": null}]}, "load": ["thing"]}', 1000, 1 ],
	[ 'no root', '{"where": {"id": -1}, "load": ["thing"]}', 1000, 1 ],
	[ 'what some types have', '{"where": {"kind": ["parent", "child"]}, "load": ["thing.child"]}', 1000, 4 ])
{
	my ($what, $document, $size, $due) = @$case;
	my (undef, $calls) = run_counted("SELECT FROM orm.fetch('note', '$document');\n", "SET orm.window_size = $size;\n");
	is($calls, $due, "$what: $due statements");
}

# ---- Chinook ----

SKIP:
{
	my $file = $ENV{CHINOOK_SQL} // "$FindBin::RealBin/../../../shared/data/chinook.sql";
	skip 'the Chinook data is not here', 5 if !-r $file;
	$server->safe_psql('postgres', 'CREATE DATABASE chinook');
	my $data = do { local (@ARGV, $/) = ($file); <> };
	$server->safe_psql('chinook', "SET client_min_messages = warning;\n$data");
	my ($rows, $err) = run_script($server, <<'SQL', 'chinook');
SET client_min_messages = warning;
CREATE EXTENSION orm;
CREATE EXTENSION pg_stat_statements;
SELECT json_agg(r) FROM orm.reflect() AS r;
SELECT json_agg(e.n || '.' || d.name ORDER BY 1) FROM unnest(ARRAY['employee', 'customer', 'playlist', 'track']) AS e(n), orm.describe(e.n) AS d WHERE d.kind = 'relation';
SQL
	is($err, '', 'the Chinook data is there');
	is("@{ $rows->[0] }", 'album artist customer employee genre invoice invoice_line media_type playlist playlist_track track', 'every table of it is an entity');
	my %is = map { $_ => 1 } @{ $rows->[1] };
	my @missing = grep { !$is{$_} } qw(employee.employee employee.employee_by_reports_to customer.support_rep playlist.track track.playlist);
	is("@missing", '', 'its relations bear the names that one expects');

	my $document = '{"order": ["artist_id"], "load": ["album.track.genre", "album.track.playlist"]}';
	my ($entities, $calls) = run_counted("SELECT orm.fetch('artist', '$document');\n", "SET orm.window_size = 1000;\n", 'chinook');
	is($calls, 5, scalar(@$entities) . ' artists in 5 statements');

	# rows of one level as they stand, and below them those of the next
	(my $verdict, $err) = run_script($server, "CREATE SCHEMA orm_test;\n" . compare_sql() . <<"SQL", 'chinook');
SELECT orm_test.reads_same('chinook', 'artist', ARRAY['$document']::jsonb[], \$want\$
SELECT row_to_json(a)::text AS e, a.artist_id AS n FROM (
  SELECT ar.*, albums.j AS album FROM artist ar CROSS JOIN LATERAL (
    SELECT coalesce('[' || string_agg(row_to_json(b)::text, ',' ORDER BY b.album_id) || ']', '[]')::json AS j FROM (
      SELECT al.*, tracks.j AS track FROM album al CROSS JOIN LATERAL (
        SELECT coalesce('[' || string_agg(row_to_json(c)::text, ',' ORDER BY c.track_id) || ']', '[]')::json AS j FROM (
          SELECT tr.*, (SELECT row_to_json(g) FROM genre g WHERE g.genre_id = tr.genre_id) AS genre,
            (SELECT coalesce('[' || string_agg(row_to_json(p)::text, ',' ORDER BY p.playlist_id) || ']', '[]')::json
             FROM playlist p JOIN playlist_track pt USING (playlist_id) WHERE pt.track_id = tr.track_id) AS playlist
          FROM track tr WHERE tr.album_id = al.album_id) AS c) AS tracks
      WHERE al.artist_id = ar.artist_id) AS b) AS albums) AS a
\$want\$);
SQL
	is($err . $verdict->[0][1], 'same', 'and they are what the lateral statement gives');
}

$server->stop;
done_testing();
