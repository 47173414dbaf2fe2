# link, unlink and sync against a model of their own in Perl: after each of many
# random calls the answer and the whole table are what the model says, and a row
# that the answer does not name has not been written. Over a junction with simple
# and with composite keys, with a key of its own, with a condition and trashed
# targets; over a foreign key from both sides, one of its columns not null.
#
# ORM_TEST_ROUNDS and ORM_TEST_SEED ask for more rounds and for other seeds.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::RealBin/lib";
use JSON::PP ();
use Test::More;
use OrmTest::Values;
use OrmTest::Server;

my $calls = 60;
my $coder = JSON::PP->new->canonical->allow_nonref;

# ---- worlds: a relation with its tables, and what they hold ----

# A key is an array of values; "names" are its properties.
my @worlds = (
	{ name => 'plain', kind => 'junction', owner => ['id'], target => ['code'], unique => 1 },
	{ name => 'wide', kind => 'junction', owner => [qw(a b)], target => [qw(c code)], unique => 1, trash => 1 },
	{ name => 'loose', kind => 'junction', owner => ['id'], target => [qw(c code)], unique => 0, trash => 1, condition => 1 },
	{ name => 'kids', kind => 'children', owner => ['id'], target => ['code'], trash => 1 },
	{ name => 'kept', kind => 'children', owner => [qw(a b)], target => ['code'], fixed => 'a', condition => 1 },
	{ name => 'boss', kind => 'owning', owner => ['id'], target => [qw(c code)], trash => 1 },
);

sub type_of { my ($name) = @_; return $name eq 'code' ? 'text' : $name eq 'c' ? 'bigint' : 'int' }
sub columns { my ($prefix, @names) = @_; return map { "$prefix$_" } @names }
sub list { return join ', ', @_ }
sub typed { my ($prefix, @names) = @_; return list(map { "$prefix$_ " . type_of($_) } @names) }

# key values of a few rows; texts sort as bytes
sub some_keys
{
	my ($n, @names) = @_;
	my %seen;
	while (keys %seen < $n)
	{
		my @key = map { type_of($_) eq 'text' ? pick(qw(x Y z é "q" 10 9)) . between(1, 3) : between(1, $n) } @names;
		$seen{ join "\0", @key } = \@key;
	}
	return map { $seen{$_} } sort keys %seen;
}

sub sql_value { my ($name, $value) = @_; return !defined $value ? 'NULL' : type_of($name) eq 'text' ? literal($value) : $value }

sub make_world
{
	my ($world) = @_;
	my $schema = $world->{name};
	my (@o, @t) = ();
	@o = @{ $world->{owner} };
	@t = @{ $world->{target} };
	$world->{owners} = [ some_keys(3, @o) ];
	$world->{targets} = [ some_keys(8, @t) ];
	$world->{hidden} = {};
	my $sql = "SET client_min_messages = warning;\nCREATE SCHEMA $schema;\nSET search_path = $schema;\n";
	my $children = $world->{kind} eq 'children';
	my $owning = $world->{kind} eq 'owning';
	my @fk = columns('f_', $owning ? @t : @o);
	$sql .= 'CREATE TABLE target (' . typed('', @t) . ', shown bool DEFAULT true, gone bool DEFAULT false, PRIMARY KEY (' . list(@t) . "));\n" if !$children;
	$sql .= 'CREATE TABLE owner (' . typed('', @o) . ($owning ? ', ' . typed('f_', @t) . ', FOREIGN KEY (' . list(@fk) . ') REFERENCES target' : '') . ', PRIMARY KEY (' . list(@o) . "));\n";
	$sql .= 'CREATE TABLE target (' . typed('', @t) . ', ' . typed('f_', @o) . ', shown bool DEFAULT true, gone bool DEFAULT false, PRIMARY KEY (' . list(@t) . '), FOREIGN KEY (' . list(@fk) . ") REFERENCES owner);\n" if $children;
	if ($world->{kind} eq 'junction')
	{
		my ($own, $far) = (list(columns('o_', @o)), list(columns('t_', @t)));
		$sql .= 'CREATE TABLE junction (' . ($world->{unique} ? '' : 'id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ')
		  . typed('o_', @o) . ', ' . typed('t_', @t) . ", rank int DEFAULT 7, note text, FOREIGN KEY ($own) REFERENCES owner, FOREIGN KEY ($far) REFERENCES target"
		  . ($world->{unique} ? ", PRIMARY KEY ($own, $far)" : '') . ");\n";
	}
	$sql .= "SELECT FROM orm.entity('$schema owner', 'owner');\nSELECT FROM orm.entity('$schema target', 'target'" . ($world->{trash} ? ", soft_delete => 'gone'" : '') . ");\n";
	my $condition = $world->{condition} ? q(, condition => '{"shown": true}') : '';
	$sql .= "SELECT FROM orm.many_to_many('$schema owner', 'r', '$schema target', 'junction', '{" . list(columns('o_', @o)) . "}', '{" . list(columns('t_', @t)) . "}', pivot => '{rank,note}'$condition);\n" if $world->{kind} eq 'junction';
	$sql .= "SELECT FROM orm.has_many('$schema owner', 'r', '$schema target', '{" . list(@fk) . "}'$condition);\n" if $children;
	$sql .= "SELECT FROM orm.belongs_to('$schema owner', 'r', '$schema target', '{" . list(@fk) . "}'$condition);\n" if $owning;
	$sql .= "ALTER TABLE target ALTER f_$world->{fixed} SET NOT NULL;\n" if $world->{fixed};
	return $sql . fill_world($world);
}

sub insert { my ($table, $columns, @values) = @_; return "INSERT INTO $table (" . list(@$columns) . ') VALUES (' . list(@values) . ");\n" }

# rows, and the links that are there at first
sub fill_world
{
	my ($world) = @_;
	my @o = @{ $world->{owner} };
	my @t = @{ $world->{target} };
	my $sql = '';
	my $of = sub { my ($names, $key) = @_; return map { sql_value($names->[$_], $key->[$_]) } 0 .. $#$names };
	my @owners = map { insert('owner', \@o, $of->(\@o, $_)) } @{ $world->{owners} };
	for my $at (0 .. $#{ $world->{targets} })
	{
		my ($shown, $gone) = (chance(80) ? 'true' : 'false', chance(20) ? 'true' : 'false');
		$world->{hidden}{$at} = 1 if $world->{condition} && $shown eq 'false' || $world->{trash} && $gone eq 'true';
		my @columns = (@t, 'shown', 'gone');
		my @values = ($of->(\@t, $world->{targets}[$at]), $shown, $gone);
		if ($world->{kind} eq 'children')
		{
			my $key = $world->{owners}[ between(0, 2) ];
			my @fk = @$key;
			@fk = map { $world->{fixed} && $o[$_] eq $world->{fixed} ? $fk[$_] : undef } 0 .. $#fk if chance(30);
			push @columns, columns('f_', @o);
			push @values, $of->(\@o, \@fk);
			$world->{state}[$at] = \@fk;
		}
		push @owners, insert('target', \@columns, @values);
	}
	@owners = (grep({ /^INSERT INTO target/ } @owners), grep { !/^INSERT INTO target/ } @owners) if $world->{kind} eq 'owning';
	$sql .= join '', @owners;
	$world->{state} = [ (undef) x 3 ] if $world->{kind} eq 'owning';
	$world->{state} = [] if $world->{kind} eq 'junction';
	return $sql if $world->{kind} ne 'junction';
	for (1 .. 8)
	{
		my $row = { o => between(0, 2), t => between(0, 7), rank => between(1, 3), note => chance(50) ? undef : 'n' };
		next if $world->{unique} && grep { $_->{o} == $row->{o} && $_->{t} == $row->{t} } @{ $world->{state} };
		push @{ $world->{state} }, $row;
		$sql .= insert('junction', [ columns('o_', @o), columns('t_', @t), 'rank', 'note' ],
			$of->(\@o, $world->{owners}[ $row->{o} ]), $of->(\@t, $world->{targets}[ $row->{t} ]), $row->{rank}, defined $row->{note} ? literal($row->{note}) : 'NULL');
	}
	return $sql;
}

# ---- calls ----

sub key_object { my ($names, $key) = @_; return join ', ', map { json_text($names->[$_]) . ': ' . ($key->[$_] =~ /^\d+$/ && type_of($names->[$_]) ne 'text' ? (chance(80) ? $key->[$_] : "\"$key->[$_]\"") : json_text($key->[$_])) } 0 .. $#$names }

sub key_text
{
	my ($names, $key) = @_;
	return type_of($names->[0]) eq 'text' ? json_text($key->[0]) : chance(80) ? $key->[0] : "\"$key->[0]\"" if @$names == 1 && chance(60);
	return '{' . key_object($names, $key) . '}';
}

# an element of the data: which target, with which pivot values
sub random_element
{
	my ($world, $verb) = @_;
	my $element = { t => between(0, 7) };
	# somebody who is not there at all
	$element->{t} = -1 if chance(3);
	$element->{t} = pick(grep { !$world->{hidden}{$_} } 0 .. 7) if $element->{t} >= 0 && $world->{hidden}{ $element->{t} } && chance(80);
	my $key = $element->{t} < 0 ? [ map { type_of($_) eq 'text' ? 'nobody' : 99 } @{ $world->{target} } ] : $world->{targets}[ $element->{t} ];
	$element->{json} = key_text($world->{target}, $key);
	if ($world->{kind} eq 'junction' && $verb ne 'unlink' && chance(50))
	{
		$element->{pivot} = {};
		$element->{pivot}{rank} = chance(15) ? undef : between(1, 3) if chance(60);
		$element->{pivot}{note} = chance(15) ? undef : pick(qw(n m)) if chance(50);
		$element->{json} = '{' . key_object($world->{target}, $key) . ', "pivot": ' . $coder->encode($element->{pivot}) . '}';
	}
	return $element;
}

sub random_call
{
	my ($world) = @_;
	my $call = { verb => pick(qw(link unlink sync sync)), o => chance(4) ? -1 : between(0, 2) };
	my $most = $world->{kind} ne 'owning' ? 5 : $call->{verb} eq 'unlink' ? 3 : $call->{verb} eq 'sync' ? 1 : 1;
	my $least = $world->{kind} eq 'owning' && $call->{verb} eq 'link' ? 1 : 0;
	$call->{elements} = [ map { random_element($world, $call->{verb}) } 1 .. between($least, $most) ];
	my $key = $call->{o} < 0 ? [ map { 99 } @{ $world->{owner} } ] : $world->{owners}[ $call->{o} ];
	my $data = '[' . join(', ', map { $_->{json} } @{ $call->{elements} }) . ']';
	$data = $call->{elements}[0]{json} if @{ $call->{elements} } == 1 && chance(50);
	my $owner = @$key == 1 ? $key->[0] : literal('{' . key_object($world->{owner}, $key) . '}');
	$call->{sql} = "orm.$call->{verb}('$world->{name} owner', $owner, 'r', " . literal($data) . pick('', '::json', '::jsonb') . ')';
	return $call;
}

# ---- the model ----

sub distinct { my %seen; return grep { !$seen{$_}++ } @_ }

# keys as orm prints them, and sorts them
sub printed
{
	my ($world, $at) = @_;
	my ($names, $key) = ($world->{target}, $world->{targets}[$at]);
	my @values = map { type_of($names->[$_]) eq 'text' ? "$key->[$_]" : $key->[$_] + 0 } 0 .. $#$names;
	return @$names == 1 ? $values[0] : { map { ($names->[$_] => $values[$_]) } 0 .. $#$names };
}

sub sorted
{
	my ($world, @at) = @_;
	my $order = sub {
		my ($l, $r) = @{ $world->{targets} }[@_];
		for my $i (0 .. $#$l)
		{
			my ($x, $y) = ($l->[$i], $r->[$i]);
			utf8::encode($x), utf8::encode($y);
			my $c = type_of($world->{target}[$i]) eq 'text' ? $x cmp $y : $x <=> $y;
			return $c if $c;
		}
		return 0;
	};
	return sort { $order->($a, $b) } @at;
}

# what a call answers; changes the state. "touched" are keys of rows that are written.
sub expected
{
	my ($world, $call) = @_;
	return { error => 'P0002' } if $call->{o} < 0;
	my @elements = @{ $call->{elements} };
	my $seen = sub { my ($t) = @_; return $t >= 0 && !$world->{hidden}{$t} };
	@elements = grep { $seen->($_->{t}) } @elements if $call->{verb} eq 'unlink';
	return { error => 'P0002' } if grep { !$seen->($_->{t}) } @elements;
	my %says;
	for my $element (@elements)
	{
		my $said = $coder->encode($element->{pivot} // {});
		return { error => '22023' } if ($says{ $element->{t} } // $said) ne $said;
		$says{ $element->{t} } = $said;
	}
	my %result = (linked => [], updated => [], unlinked => []);
	my @named = distinct(map { $_->{t} } @elements);
	my %pivot = map { ($_->{t} => $_->{pivot} // {}) } @elements;
	my %do = (junction => \&expect_junction, children => \&expect_children, owning => \&expect_owning);
	$do{ $world->{kind} }->($world, $call, \%result, \%pivot, @named);
	$result{$_} = [ map { printed($world, $_) } @{ $result{$_} } ] for keys %result;
	return \%result;
}

sub expect_junction
{
	my ($world, $call, $result, $pivot, @named) = @_;
	my %named = map { ($_ => 1) } @named;
	my $state = $world->{state};
	my $mine = sub { my ($t) = @_; return grep { $_->{o} == $call->{o} && $_->{t} == $t } @$state };
	my @leaving = $call->{verb} eq 'unlink' ? grep { $mine->($_) } @named
	  : $call->{verb} eq 'sync' ? sorted($world, grep { !$named{$_} && !$world->{hidden}{$_} && $mine->($_) } 0 .. 7) : ();
	for my $t (@leaving)
	{
		push @{ $result->{unlinked} }, $t;
		@$state = grep { !($_->{o} == $call->{o} && $_->{t} == $t) } @$state;
	}
	return if $call->{verb} eq 'unlink';
	for my $t (@named)
	{
		my %given = %{ $pivot->{$t} };
		my @rows = $mine->($t);
		my @differing = grep { my $row = $_; grep { ($row->{$_} // "\0") ne ($given{$_} // "\0") } keys %given } @rows;
		push @{ $result->{updated} }, $t if @differing;
		@$_{ keys %given } = values %given, $_->{written} = 1 for @differing;
		next if @rows;
		push @{ $result->{linked} }, $t;
		push @$state, { o => $call->{o}, t => $t, rank => 7, note => undef, %given, written => 1 };
	}
	return;
}

sub same_key { my ($l, $r) = @_; return !grep { ($l->[$_] // "\0") ne ($r->[$_] // "\0") } 0 .. $#$l }

sub expect_children
{
	my ($world, $call, $result, $pivot, @named) = @_;
	my %named = map { ($_ => 1) } @named;
	my $state = $world->{state};
	my $owner = $world->{owners}[ $call->{o} ];
	my @mine = grep { !$world->{hidden}{$_} && same_key($state->[$_], $owner) } 0 .. 7;
	my @leaving = $call->{verb} eq 'unlink' ? grep { $named{$_} } @mine : $call->{verb} eq 'sync' ? grep { !$named{$_} } @mine : ();
	for my $t (sorted($world, @leaving))
	{
		push @{ $result->{unlinked} }, $t;
		$state->[$t] = [ map { ($world->{fixed} // '') eq $world->{owner}[$_] ? $owner->[$_] : undef } 0 .. $#$owner ];
		$world->{written}{$t} = 1;
	}
	return if $call->{verb} eq 'unlink';
	for my $t (@named)
	{
		next if same_key($state->[$t], $owner);
		push @{ $result->{linked} }, $t;
		$state->[$t] = [@$owner];
		$world->{written}{$t} = 1;
	}
	return;
}

sub expect_owning
{
	my ($world, $call, $result, $pivot, @named) = @_;
	my $state = $world->{state};
	my $old = $state->[ $call->{o} ];
	my $told = defined $old && !$world->{hidden}{$old};
	if ($call->{verb} eq 'unlink' ? $told && grep { $_ == $old } @named : !@named && defined $old)
	{
		$result->{unlinked} = [$old] if $told;
		$state->[ $call->{o} ] = undef;
		$world->{written}{ $call->{o} } = 1;
	}
	return if $call->{verb} eq 'unlink' || !@named || defined $old && $old == $named[0];
	$result->{linked} = [ $named[0] ];
	$result->{unlinked} = [$old] if $told;
	$state->[ $call->{o} ] = $named[0];
	$world->{written}{ $call->{o} } = 1;
	return;
}

# ---- the table that holds the links, from both sides ----

# each row as text, with whether it was written since the last look
sub state_sql
{
	my ($world) = @_;
	my @o = @{ $world->{owner} };
	my @t = @{ $world->{target} };
	my ($table, @columns) = $world->{kind} eq 'junction' ? ('junction', columns('o_', @o), columns('t_', @t), 'rank', 'note')
	  : $world->{kind} eq 'children' ? ('target', @t, columns('f_', @o)) : ('owner', @o, columns('f_', @t));
	my $row = 'concat_ws(\'|\', ' . list(map { "coalesce($_\:\:text, '-')" } @columns) . ')';
	return "SELECT json_build_object('rows', coalesce(json_agg($row ORDER BY $row COLLATE \"C\"), '[]'), 'written', coalesce(json_agg($row ORDER BY $row COLLATE \"C\") FILTER (WHERE NOT EXISTS (SELECT FROM before b WHERE b.x = $table.xmin AND b.c = $table.ctid)), '[]')) FROM $table;\n"
	  . "TRUNCATE before;\nINSERT INTO before SELECT xmin, ctid FROM $table;\n";
}

sub state_of
{
	my ($world) = @_;
	my (@rows, @written);
	my $text = sub { return join '|', map { $_ // '-' } @_ };
	if ($world->{kind} eq 'junction')
	{
		for my $row (@{ $world->{state} })
		{
			push @rows, $text->(@{ $world->{owners}[ $row->{o} ] }, @{ $world->{targets}[ $row->{t} ] }, $row->{rank}, $row->{note});
			push @written, $rows[-1] if delete $row->{written};
		}
	}
	elsif ($world->{kind} eq 'children')
	{
		@rows = map { $text->(@{ $world->{targets}[$_] }, @{ $world->{state}[$_] }) } 0 .. 7;
		@written = map { $rows[$_] } keys %{ $world->{written} };
	}
	else
	{
		@rows = map { my $t = $world->{state}[$_]; $text->(@{ $world->{owners}[$_] }, defined $t ? @{ $world->{targets}[$t] } : map { undef } @{ $world->{target} }) } 0 .. 2;
		@written = map { $rows[$_] } keys %{ $world->{written} };
	}
	$world->{written} = {};
	my $bytes = sub { my ($x, $y) = @_; utf8::encode($x), utf8::encode($y); return $x cmp $y };
	return { rows => [ sort { $bytes->($a, $b) } @rows ], written => [ sort { $bytes->($a, $b) } @written ] };
}

# ---- rounds ----

sub attempt_sql
{
	return <<'SQL';
CREATE FUNCTION public.attempt(call text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE answer json;
BEGIN
	EXECUTE 'SELECT ' || call INTO answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	RETURN json_build_object('error', SQLSTATE);
END $$;
SQL
}

sub run_world
{
	my ($server, $seed, %given) = @_;
	my $world = {%given};
	my $label = "seed $seed, $world->{name}";
	my $sql = make_world($world) . "CREATE TABLE before (x xid, c tid);\n" . state_sql($world);
	my @wanted = ([ 'at first', state_of($world) ]);
	$wanted[0][1]{written} = $wanted[0][1]{rows};
	for my $n (1 .. $calls)
	{
		my $call = random_call($world);
		$sql .= 'SELECT public.attempt(' . literal($call->{sql}) . ");\n" . state_sql($world);
		my $answer = expected($world, $call);
		push @wanted, [ "$n: $call->{sql}", $answer ], [ "$n: rows after $call->{sql}", state_of($world) ];
	}
	my ($rows, $err) = run_script($server, $sql);
	is($err, '', "$label: the session lives");
	my @different = grep { $coder->encode($rows->[$_] // 'nothing') ne $coder->encode($wanted[$_][1]) } 0 .. $#wanted;
	ok(@$rows == @wanted && !@different, "$label: $calls calls do what the model does") or diag(
		join "\n", scalar(@$rows) . ' of ' . @wanted . ' answers, ' . @different . ' different',
		map { ($wanted[$_][0], 'got  ' . $coder->encode($rows->[$_] // 'nothing'), 'want ' . $coder->encode($wanted[$_][1])) } grep { defined } @different[ 0 .. 1 ]);
	run_script($server, "SET client_min_messages = warning;\nDROP SCHEMA $world->{name} CASCADE;\n");
	return;
}

my $server = start_server();
my (undef, $err) = run_script($server, attempt_sql());
is($err, '', 'the function that calls is there');
for my $seed (map { 9000 + $_ } first_seed() .. first_seed() + rounds(4) - 1)
{
	seed_random($seed);
	run_world($server, $seed, %$_) for @worlds;
}
$server->stop;
done_testing();
