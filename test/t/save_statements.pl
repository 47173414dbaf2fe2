# How many statements a save runs: their number follows the shape of the graph,
# not how many rows it has.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use OrmTest::Server;

my $server = start_server(q{shared_preload_libraries = 'pg_stat_statements'}, q{pg_stat_statements.track = 'all'}, 'pg_stat_statements.max = 5000');
my (undef, $err) = run_script($server, <<'SQL');
SET client_min_messages = warning;
CREATE EXTENSION pg_stat_statements;
CREATE SCHEMA app;
CREATE TABLE app.author (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE app.book (id int PRIMARY KEY, author_id int REFERENCES app.author, title text NOT NULL);
CREATE TABLE app.page (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, book_id int NOT NULL REFERENCES app.book, n int);
CREATE TABLE app.tag (id int PRIMARY KEY, label text);
CREATE TABLE app.book_tag (book_id int REFERENCES app.book, tag_id int REFERENCES app.tag, weight int, PRIMARY KEY (book_id, tag_id));
CREATE TABLE app.node (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent_id int REFERENCES app.node, name text);
CREATE INDEX ON app.book (author_id);
CREATE INDEX ON app.page (book_id);
CREATE INDEX ON app.book_tag (tag_id);
CREATE INDEX ON app.node (parent_id);
INSERT INTO app.tag SELECT n, 'tag' || n FROM generate_series(1, 50) n;
SELECT FROM orm.reflect('app');
SELECT FROM orm.has_many('node', 'children', 'node', '{parent_id}');
SQL
is($err, '', 'tables and entities are there');

# Runs a save and takes it back; gives the statements that it ran itself, those of foreign keys aside.
sub statements
{
	my ($what, $sql) = @_;
	(my $rows, $err) = run_script($server, "BEGIN;\nSELECT FROM pg_stat_statements_reset();\nSELECT FROM ($sql) q;\n" .
		q{SELECT json_build_object('query', query, 'calls', calls) FROM pg_stat_statements WHERE NOT toplevel AND query !~ '^SELECT .+ FROM ONLY ' ORDER BY query COLLATE "C";} . "\nROLLBACK;\n");
	is($err, '', $what);
	my $calls = 0;
	$calls += $_->{calls} for @$rows;
	return ($calls, join "\n", map { "$_->{calls}  $_->{query}" } @$rows);
}

my %shapes = (
	'a root with n new children' => sub { my ($n) = @_; return qq{SELECT orm.save('author', (SELECT json_build_object('name', 'a', 'book', json_agg(json_build_object('id', i, 'title', 't' || i))) FROM generate_series(1, $n) i))} },
	'n roots' => sub { my ($n) = @_; return qq{SELECT orm.insert('author', (SELECT json_agg(json_build_object('name', 'a' || i)) FROM generate_series(1, $n) i))} },
	'n grandchildren with generated keys, and links' => sub { my ($n) = @_; my $each = $n / 10;
		return qq{SELECT orm.save('author', (SELECT json_build_object('name', 'a', 'book', json_agg(json_build_object('id', b, 'title', 't',
			'page', (SELECT json_agg(json_build_object('n', p)) FROM generate_series(1, $each) p),
			'tag', (SELECT json_agg(json_build_object('id', t, 'pivot', json_build_object('weight', t))) FROM generate_series(1, least($each, 50)) t)))) FROM generate_series(1, 10) b))} },
	'two levels of one table' => sub { my ($n) = @_; my $each = $n / 10;
		return qq{SELECT orm.save('node', (SELECT json_agg(json_build_object('name', 'p', 'children', (SELECT json_agg(json_build_object('name', 'c')) FROM generate_series(1, $each)))) FROM generate_series(1, 10)))} },
);
for my $shape (sort keys %shapes)
{
	my ($few, $few_text) = statements("$shape: 10", $shapes{$shape}->(10));
	ok($few > 0 && $few < 25, "$shape: $few statements") or diag($few_text);
	for my $n (1000, 100000)
	{
		my ($many, $many_text) = statements("$shape: $n", $shapes{$shape}->($n));
		is($many, $few, "$shape: as many for $n") or diag("$few_text\n---\n$many_text");
	}
}

# the same over rows that are there: all changed, a part changed, none changed
run_script($server, q{SELECT FROM orm.save('author', (SELECT json_build_object('name', 'a', 'book', json_agg(json_build_object('id', i, 'title', 't' || i))) FROM generate_series(1, 100000) i));});
for my $changed ('i', 'i % 2', '0')
{
	my %counts;
	for my $n (10, 1000, 100000)
	{
		my ($calls, $text) = statements("rows that are there, $changed: $n",
			qq{SELECT orm.save('book', (SELECT json_agg(json_build_object('id', i, 'title', 't' || (CASE WHEN $changed > 0 THEN -i ELSE i END))) FROM generate_series(1, $n) i))});
		$counts{$calls} = $text;
	}
	is(scalar keys %counts, 1, "rows that are there, $changed: as many statements for 10 as for 100,000") or diag(join "\n---\n", map { "$_: $counts{$_}" } sort keys %counts);
}

$server->stop;
done_testing();
