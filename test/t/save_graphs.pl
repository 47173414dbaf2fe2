# Random graphs are saved, read, changed at random and saved again by save, by save
# with sync, and by replace: what find then gives is what was saved, with
# defaults for what was not said, and rows that were there keep their keys.
#
# ORM_TEST_ROUNDS and ORM_TEST_SEED ask for more rounds and for other seeds.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin", "$FindBin::RealBin/lib";
use JSON::PP ();
use Test::More;
use OrmTest::Values;
use OrmTest::Server;
use Session;

my $server = start_server();
my (undef, $err) = run_script($server, <<'SQL');
SET client_min_messages = warning;
CREATE SCHEMA app;
CREATE TABLE app.node (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent_id int REFERENCES app.node, label text NOT NULL, depth int DEFAULT 0);
CREATE TABLE app.author (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, node_id int REFERENCES app.node, label text NOT NULL, rank int NOT NULL DEFAULT 7, note text);
CREATE TABLE app.profile (author_id int PRIMARY KEY REFERENCES app.author ON DELETE CASCADE, label text NOT NULL, bio text DEFAULT 'none');
CREATE TABLE app.book (id bigserial PRIMARY KEY, author_id int REFERENCES app.author, label text NOT NULL, price numeric(8,2) DEFAULT 9.50, meta jsonb);
CREATE TABLE app.chapter (book_id bigint REFERENCES app.book ON DELETE CASCADE, number int, label text NOT NULL, words int DEFAULT 100, PRIMARY KEY (book_id, number));
CREATE TABLE app.tag (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), label text NOT NULL);
CREATE TABLE app.book_tag (book_id bigint REFERENCES app.book, tag_id uuid REFERENCES app.tag, weight int DEFAULT 1, PRIMARY KEY (book_id, tag_id));
CREATE TABLE app.remark (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject_type text, subject_id bigint, label text NOT NULL, stars int DEFAULT 3);
CREATE INDEX ON app.remark (subject_id, subject_type);
CREATE INDEX ON app.node (parent_id);
CREATE INDEX ON app.author (node_id);
CREATE INDEX ON app.book (author_id);
CREATE INDEX ON app.book_tag (tag_id);
SELECT FROM orm.reflect('app');
SELECT FROM orm.has_many('node', 'children', 'node', '{parent_id}');
SELECT FROM orm.morph_to('remark', 'subject', 'subject_type', '{subject_id}', '{"a book": "book", "node": "node", "author": "author"}');
SELECT FROM orm.morph_many('book', 'remarks', 'remark', 'subject');
SELECT FROM orm.morph_one('author', 'remark', 'remark', 'subject');
SQL
is($err, '', 'tables and entities are there');

# what can be given of each entity: defaults of its properties, its key, its relations
my %model = (
	author => { key => ['id'], foreign => ['node_id'], defaults => { label => undef, rank => 7, note => undef },
		relations => { profile => { to => 'profile', missing => 'delete' }, remark => { to => 'remark', missing => 'unlink' }, book => { to => 'book', many => 1, missing => 'unlink' }, node => { to => 'node', owner => 1 } } },
	profile => { key => ['author_id'], foreign => [], defaults => { label => undef, bio => 'none' }, relations => {} },
	book => { key => ['id'], foreign => ['author_id'], defaults => { label => undef, price => 9.5, meta => undef },
		relations => { remarks => { to => 'remark', many => 1, missing => 'unlink' }, chapter => { to => 'chapter', many => 1, missing => 'delete' }, tag => { to => 'tag', many => 1, missing => 'unlink', pivot => 1 } } },
	chapter => { key => [ 'book_id', 'number' ], foreign => [], defaults => { label => undef, words => 100 }, relations => {} },
	remark => { key => ['id'], foreign => [ 'subject_type', 'subject_id' ], defaults => { label => undef, stars => 3 }, relations => {} },
	tag => { key => ['id'], foreign => [], defaults => { label => undef }, relations => {} },
	node => { key => ['id'], foreign => ['parent_id'], defaults => { label => undef, depth => 0 },
		relations => { children => { to => 'node', many => 1, missing => 'unlink' } } },
);
my $load = '{"load": ["profile", "remark", "book.chapter", "book.tag", "book.remarks", "node.children.children"]}';
my $coder = JSON::PP->new->utf8->canonical->allow_nonref;
my $serial = 0;

# ---- documents ----

sub property_value
{
	my ($name) = @_;
	return 'l' . ++$serial if $name eq 'label';
	return undef if chance(20) && $name ne 'rank';
	return between(1, 99) if $name =~ /^(rank|words|depth|stars)$/;
	return between(1, 999) + 0.25 if $name eq 'price';
	return { a => [ between(1, 9), undef ], '$' => 'é' } if $name eq 'meta';
	return pick('', 'text', "line\nline", '{"$inc": 1}', 'null');
}

# a row that is not there yet, and what it will be
sub new_row
{
	my ($kind, $depth, $number) = @_;
	my $about = $model{$kind};
	my (%given, %then);
	for my $name (sort keys %{ $about->{defaults} })
	{
		$given{$name} = property_value($name) if $name eq 'label' || chance(50);
		$then{$name} = exists $given{$name} ? $given{$name} : $about->{defaults}{$name};
	}
	$given{number} = $then{number} = $number if $kind eq 'chapter';
	for my $name (sort keys %{ $about->{relations} })
	{
		my $relation = $about->{relations}{$name};
		$then{$name} = $relation->{many} ? [] : undef;
		next if $depth <= 0 || chance(40);
		if (!$relation->{many})
		{
			($given{$name}, $then{$name}) = new_row($relation->{to}, $depth - 1);
			next;
		}
		$given{$name} = [];
		push_new($given{$name}, $then{$name}, $relation, $depth - 1, $_) for 1 .. between(0, 3);
	}
	# a relation that is deeper than what is read
	delete $then{children} if $kind eq 'node' && $depth <= 0;
	return (\%given, \%then);
}

sub push_new
{
	my ($given, $then, $relation, $depth, $number) = @_;
	my ($row, $after) = new_row($relation->{to}, $depth, $number);
	if ($relation->{pivot})
	{
		$row->{pivot} = { weight => between(2, 9) } if chance(50);
		$after->{pivot} = { weight => $row->{pivot} ? $row->{pivot}{weight} : 1 };
	}
	push @$given, $row;
	push @$then, $after;
	return;
}

# changes to a row that is there: what is given, and what it will be
sub changed_row
{
	my ($kind, $row, $depth, $mode) = @_;
	my $about = $model{$kind};
	my (%given, %then);
	$given{$_} = $row->{$_} for @{ $about->{key} };
	$then{$_} = $row->{$_} for @{ $about->{key} };
	for my $name (sort keys %{ $about->{defaults} })
	{
		# a property that has no default, and must have one, is given
		$given{$name} = chance(50) ? $row->{$name} : property_value($name) if chance(60) || ($name eq 'label' && $mode eq 'replace');
		$then{$name} = exists $given{$name} ? $given{$name} : $mode eq 'replace' ? $about->{defaults}{$name} : $row->{$name};
	}
	for my $name (grep { exists $row->{$_} } sort keys %{ $about->{relations} })
	{
		my $relation = $about->{relations}{$name};
		# what is not said of a foreign key is its default, as of any other property
		$then{$name} = $relation->{owner} && $mode eq 'replace' ? undef : $row->{$name};
		next if chance(40);
		if ($relation->{many}) { ($given{$name}, $then{$name}) = changed_list($relation, $row->{$name}, $depth, $mode) }
		else { ($given{$name}, $then{$name}) = changed_one($relation, $row->{$name}, $depth, $mode) }
	}
	return (\%given, \%then);
}

sub changed_one
{
	my ($relation, $row, $depth, $mode) = @_;
	return (undef, undef) if chance(25);
	return new_row($relation->{to}, $depth - 1) if !$row;
	return changed_row($relation->{to}, $row, $depth - 1, $mode);
}

sub changed_list
{
	my ($relation, $rows, $depth, $mode) = @_;
	my (@given, @then);
	my $most = 0;
	for my $row (@$rows)
	{
		$most = $row->{number} if defined $row->{number} && $row->{number} > $most;
		if (chance(25))
		{
			push @then, $row if $mode eq 'save';
			next;
		}
		# of children, a key alone says that nothing is to be changed, or all to be reset
		my ($changed, $after) = chance(80) || (!$relation->{pivot} && $mode eq 'replace') ? changed_row($relation->{to}, $row, $depth - 1, $mode) : link_to($relation, $row, $mode);
		if ($relation->{pivot})
		{
			$changed->{pivot} = { weight => between(2, 9) } if chance(40);
			$after->{pivot} = { weight => $changed->{pivot} ? $changed->{pivot}{weight} : $row->{pivot}{weight} };
		}
		push @given, $changed;
		push @then, $after;
	}
	push_new(\@given, \@then, $relation, $depth - 1, $most + $_) for 1 .. between(0, 2);
	return ([ shuffled(@given) ], \@then);
}

# a row named by its key alone is linked, and not changed
sub link_to
{
	my ($relation, $row) = @_;
	return ({ map { $_ => $row->{$_} } @{ $model{ $relation->{to} }{key} } }, {%$row});
}

# ---- comparing ----

# lists in an order of their own, without keys: new ones are not known
sub bare
{
	my ($value) = @_;
	return [ sort { $a->{label} cmp $b->{label} } map { bare($_) } @$value ] if ref $value eq 'ARRAY';
	return $value if ref $value ne 'HASH' || !exists $value->{label};
	return { map { $_ => bare($value->{$_}) } grep { !/^(id|author_id|book_id|node_id|parent_id|subject_id|subject_type)$/ } keys %$value };
}

# keys by label
sub keys_of
{
	my ($value, $kind, $found) = @_;
	if (ref $value eq 'ARRAY') { keys_of($_, $kind, $found) for @$value }
	elsif (ref $value eq 'HASH')
	{
		my @key = map { $value->{$_} } @{ $model{$kind}{key} };
		$found->{"$kind $value->{label}"} = "@key" if !grep { !defined } @key;
		keys_of($value->{$_}, $model{$kind}{relations}{$_}{to}, $found) for grep { exists $value->{$_} } keys %{ $model{$kind}{relations} };
	}
	return $found;
}

# of what was read, just that which the answer of a save speaks of
sub spoken_of
{
	my ($read, $answer) = @_;
	return $read if !ref $answer || !ref $read;
	if (ref $answer eq 'ARRAY')
	{
		my %by_label = map { $_->{label} => $_ } @$read;
		return [ map { spoken_of($by_label{ $_->{label} }, $_) } @$answer ];
	}
	return $read if !exists $answer->{label};
	return { map { $_ => spoken_of($read->{$_}, $answer->{$_}) } grep { exists $read->{$_} } keys %$answer };
}

my $session = Session->new($server, '-v', 'VERBOSITY=verbose');

sub call
{
	my ($sql) = @_;
	my $said = $session->query($sql);
	chomp $said;
	return $session->{failed} ? ($said, undef) : ($said, $coder->decode($said));
}

sub check
{
	my ($what, $got, $want) = @_;
	my ($g, $w) = map { $coder->encode($_) } $got, $want;
	return '' if $g eq $w;
	return "$what:\n got: $g\nwant: $w";
}

sub one_round
{
	my ($given, $then) = new_row('author', 3);
	my $document = $coder->encode($given);
	my ($said, $saved) = call('SELECT orm.save(' . literal('author') . ', ' . literal($document) . ')');
	return "save of $document: $said" if !$saved;
	($said, my $read) = call("SELECT orm.find('author', $saved->{id}, '$load')");
	return "find: $said" if !$read;
	my $wrong = check("find after save of $document", bare($read), bare($then)) || check("the answer of save of $document", $saved, spoken_of($read, $saved));
	return $wrong if $wrong;
	for (1 .. 4)
	{
		my $mode = pick('save', 'sync', 'replace');
		($given, $then) = changed_row('author', $read, 3, $mode);
		$document = $coder->encode($given);
		my $verb = $mode eq 'replace' ? 'replace' : 'save';
		my $clause = $mode eq 'sync' ? q{, '{"sync": true}'} : '';
		my $label = "$mode of $document over " . $coder->encode($read);
		($said, $saved) = call("SELECT orm.$verb('author', " . literal($document) . "$clause)");
		return "$label: $said" if !$saved;
		my $before = keys_of($read, 'author', {});
		($said, $read) = call("SELECT orm.find('author', $saved->{id}, '$load')");
		return "find: $said" if !$read;
		$wrong = check($label, bare($read), bare($then)) || check("the answer of $label", $saved, spoken_of($read, $saved));
		return $wrong if $wrong;
		my $after = keys_of($read, 'author', {});
		my @other = grep { exists $before->{$_} && $before->{$_} ne $after->{$_} } sort keys %$after;
		return "$label: other keys: @other" if @other;
	}
	return '';
}

my @wrong;
for my $seed (first_seed() .. first_seed() + rounds(60) - 1)
{
	seed_random($seed);
	my $wrong = one_round();
	push @wrong, "seed $seed: $wrong" if $wrong ne '';
}
is(scalar @wrong, 0, rounds(60) . ' graphs are what was saved') or diag(join "\n\n", @wrong[ 0 .. ($#wrong > 2 ? 2 : $#wrong) ]);
is($session->query('SELECT count(*) FROM app.profile p WHERE NOT EXISTS (SELECT FROM app.author a WHERE a.id = p.author_id)'), "0\n", 'the session lives');
$session->close;
$server->stop;
done_testing();
