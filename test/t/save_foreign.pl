# Foreign tables through postgres_fdw: graphs are saved into them and read back,
# with versions kept on this side.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use OrmTest::Server;

my $server = start_server();
plan skip_all => 'postgres_fdw is not installed' if $server->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'postgres_fdw'}) eq '0';
my ($port, $host) = ($server->port, $server->host);
my (undef, $err) = run_script($server, <<"SQL");
SET client_min_messages = warning;
CREATE EXTENSION postgres_fdw;
CREATE SCHEMA far;
CREATE SCHEMA near;
CREATE TABLE far.author (id int PRIMARY KEY, name text NOT NULL, version int);
CREATE TABLE far.book (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author_id int REFERENCES far.author, title text DEFAULT 'far default');
CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$host', port '$port', dbname 'postgres');
CREATE USER MAPPING FOR CURRENT_USER SERVER loop;
CREATE FOREIGN TABLE near.author (id int NOT NULL, name text, version int) SERVER loop OPTIONS (schema_name 'far', table_name 'author');
CREATE FOREIGN TABLE near.book (id int, author_id int, title text) SERVER loop OPTIONS (schema_name 'far', table_name 'book');
SELECT FROM orm.entity('author', 'near.author', key => '{id}', version => 'version');
SELECT FROM orm.entity('book', 'near.book', key => '{id}');
SELECT FROM orm.has_many('author', 'books', 'book', '{author_id}');
SQL
is($err, '', 'foreign tables are entities');

sub answer
{
	my ($sql) = @_;
	my ($code, $out, $said) = $server->psql('postgres', $sql);
	return $said eq '' ? $out : $said;
}

is(answer(q{INSERT INTO near.author (id, name) VALUES (9, 'plain') RETURNING version}), '1', 'the trigger on this side gives a version');
is(answer(q{UPDATE near.author SET name = 'again' WHERE id = 9 RETURNING version}), '2', 'and bumps it');
is(answer(q{SELECT version FROM far.author WHERE id = 9}), '2', 'on the other side as well');

is(answer(q{SELECT orm.save('author', '{"id": 1, "name": "Ada", "books": [{"id": 1, "title": "a"}]}')}) =~ /ERROR/ ? 'refused' : 'saved', 'refused', 'a key that the other side generates cannot be given');
is(answer(q{SELECT count(*) FROM far.author WHERE id = 1}), '0', 'and nothing is left of it');
is(answer(q{SELECT orm.save('author', '[{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}]')}),
	'[{"id":1,"name":"Ada","version":1},{"id":2,"name":"Grace","version":1}]', 'rows are inserted');
is(answer(q{SELECT orm.save('author', '{"id": 1, "name": "Ada L.", "version": 1}', '{"actions": true}')}), '{"id":1,"name":"Ada L.","version":2,"$action":"updated"}', 'a row is updated');
like(answer(q{SELECT orm.save('author', '{"id": 1, "name": "stale", "version": 1}')}), qr/ERROR/, 'a stale one is not');
is(answer(q{SELECT orm.save('author', orm.find('author', 1), '{"actions": true}')}), '{"id":1,"name":"Ada L.","version":2,"$action":"unchanged"}', 'what was found is not written again');
is(answer(q{INSERT INTO far.book (author_id, title) VALUES (1, 'x'), (1, 'y') RETURNING id}), "1\n2", 'children on the other side');
is(answer(q{SELECT orm.save('author', '{"id": 1, "books": [{"id": 1, "title": "X"}, {"id": 2, "title": "y"}]}')->'books'}),
	'[{"id":1,"author_id":1,"title":"X"},{"id":2,"author_id":1,"title":"y"}]', 'children are updated');
is(answer(q{SELECT title FROM far.book ORDER BY id}), "X\ny", 'as the other side has it');
$server->stop;
done_testing();
