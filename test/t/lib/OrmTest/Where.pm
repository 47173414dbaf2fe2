# Generates conditions: each as a document and, written independently, as SQL.
package OrmTest::Where;

use strict;
use warnings;
use utf8;
use Exporter qw(import);
use OrmTest::Values;
use OrmTest::Fields;
use OrmTest::Schema;

our @EXPORT = qw(random_where);

my $aliases = 0;

# stands for the property in SQL; no value holds it
my $x = "\x{E000}";

# Each returns the operand of an operator and SQL about "$x".
my %operators = (
	'$eq' => sub { my ($v) = @_; return ($v->{json}, "$x = $v->{sql}") },
	'$ne' => sub { my ($v) = @_; return ($v->{json}, "$x <> $v->{sql}") },
	'$same' => sub { my ($v) = @_; return chance(25) ? (undef, "$x IS NOT DISTINCT FROM NULL") : ($v->{json}, "$x IS NOT DISTINCT FROM $v->{sql}") },
	'$distinct' => sub { my ($v) = @_; return chance(25) ? (undef, "$x IS DISTINCT FROM NULL") : ($v->{json}, "$x IS DISTINCT FROM $v->{sql}") },
	'$gt' => sub { my ($v) = @_; return ($v->{json}, "$v->{sql} < $x") },
	'$gte' => sub { my ($v) = @_; return ($v->{json}, "$v->{sql} <= $x") },
	'$lt' => sub { my ($v) = @_; return ($v->{json}, "$v->{sql} > $x") },
	'$lte' => sub { my ($v) = @_; return ($v->{json}, "$v->{sql} >= $x") },
	'$between' => sub { my ($v, $w) = @_; return ([ $v->{json}, $w->{json} ], "$x BETWEEN $v->{sql} AND $w->{sql}") },
	'$in' => sub { my @v = some(@_); return ([ map { $_->{json} } @v ], any(@v)) },
	'$nin' => sub { my @v = some(@_); return ([ map { $_->{json} } @v ], 'NOT ' . any(@v)) },
	'$like' => sub { my $t = pick('%', '_', 'a%', '%a_', '\\%%', 'é%', ''); return ($t, "$x LIKE " . literal($t)) },
	'$ilike' => sub { my $t = pick('A%', '%B', '_', 'zZ'); return ($t, "lower($x) LIKE lower(" . literal($t) . ')') },
	'$starts' => sub { my $t = part(@_); return ($t, "starts_with($x, " . literal($t) . ')') },
	'$ends' => sub { my $t = part(@_); return ($t, ends("$x", literal($t))) },
	'$contains' => sub { my $t = part(@_); return ($t, 'position(' . literal($t) . " IN $x) > 0") },
	'$istarts' => sub { my $t = plain(); return ($t, "starts_with(lower($x), lower(" . literal($t) . '))') },
	'$iends' => sub { my $t = plain(); return ($t, ends("lower($x)", 'lower(' . literal($t) . ')')) },
	'$icontains' => sub { my $t = plain(); return ($t, 'position(lower(' . literal($t) . ") IN lower($x)) > 0") },
	'$re' => sub { my $t = pick('^a', 'b$', '.', '[^a-z]', '\\\\', '^$'); return ($t, "regexp_match($x, " . literal($t) . ") IS NOT NULL AND $x IS NOT NULL OR $x IS NULL AND NULL") },
	'$ire' => sub { my $t = pick('A', 'ZZ$', '^B'); return ($t, "regexp_match($x, " . literal($t) . qq{, 'i') IS NOT NULL AND $x IS NOT NULL OR $x IS NULL AND NULL}) },
);
my @equality = qw($eq $ne $same $distinct $in $nin);
my @order = qw($gt $gte $lt $lte $between);
my @patterns = qw($like $ilike $starts $ends $contains $istarts $iends $icontains $re $ire);

sub some { my ($v, $w) = @_; return (($v) x between(0, 1), ($w) x between(0, 1)) }
sub any { return @_ ? '(' . join(' OR ', map { "$x = $_->{sql}" } @_) . ')' : 'false' }
sub ends { my ($text, $end) = @_; return "right($text, length($end)) = $end" }
sub plain { return pick('A', 'b', 'aB', 'x%', '_', 'ZZ', '') }

# a part of a value, or of a pattern's own characters
sub part
{
	my ($v) = @_;
	return pick('%', '_', '\\', '') if chance(30);
	return substr $v->{text}, between(0, 1), between(1, 3) if length $v->{text} > 1;
	return $v->{text};
}

# A value of a column as text, JSON and SQL: of a row of the table, or any.
sub value_of
{
	my ($table, $column) = @_;
	my $type = $column->{type};
	my @held = grep { defined } map { $_->{ $column->{name} } } @{ $table->{rows} };
	my $text = @held && chance(75) ? pick(@held) : $type->{nth} ? '' . $type->{nth}->(between(1, 20)) : random_value($type);
	my $json = $text;
	# a JSON number when it can be one
	if ($type->{json} eq 'number' && chance(60) || $type->{json} eq 'document') { my $token = $text; $json = \$token }
	elsif ($type->{json} eq 'bare') { my $token = $text =~ /^t/ ? 'true' : 'false'; $json = chance(70) ? \$token : $text }
	elsif ($type->{json} eq 'array') { my $token = lc $text =~ tr/{}/[]/r; $json = \$token }
	return { text => $text, json => $json, sql => literal($text) . "::$type->{sql}" };
}

# a value for the JSON null of which there is no other way to ask
sub usable { my ($value) = @_; return !(ref $value->{json} && ${ $value->{json} } eq 'null') }

sub about
{
	my ($sql, $column, $alias) = @_;
	my $name = $alias . '.' . identifier($column->{name});
	$sql =~ s/$x/$name/g;
	return "($sql)";
}

sub operators_for
{
	my ($type) = @_;
	return (@equality, @order, $type->{text} ? (@patterns) x 2 : ()) if $type->{json};
	return ();
}

# A field: the document under a property, and its SQL as a function of the alias.
sub random_field
{
	my ($table, $column, $depth) = @_;
	my $type = $column->{type};
	if (chance(45) && grep { $_ eq $type->{name} } part_types())
	{
		my ($field, $sql) = part_field($type);
		return ($field, $sql) if $depth == 0 || chance(75);
		return ({ '$not' => $field }, "NOT ($sql)");
	}
	if (!$type->{json} || chance(12))
	{
		my $is_null = chance(50);
		# of a row type IS NULL would ask about each field
		my $sql = $is_null ? "$x IS NOT DISTINCT FROM NULL" : "$x IS DISTINCT FROM NULL";
		my $field = $is_null && chance(50) ? undef : { '$null' => $is_null ? \'true' : \'false' };
		return ($field, $sql);
	}
	my ($v, $w) = map { value_of($table, $column) } 1 .. 2;
	return (undef, "$x IS NOT DISTINCT FROM NULL") if !usable($v) || !usable($w);
	# an object is operators, a list one value only where the type is an array
	return ($v->{json}, "$x = $v->{sql}") if $type->{json} ne 'document' && chance(20);
	if ($type->{json} !~ /document|array/ && chance(15))
	{
		my @list = some($v, $w);
		return ([ map { $_->{json} } @list ], any(@list));
	}
	if ($depth > 0 && chance(15))
	{
		my ($field, $sql) = random_field($table, $column, $depth - 1);
		return ({ '$not' => $field }, "NOT ($sql)");
	}
	my (%field, @sql);
	for my $name (map { pick(operators_for($type)) } 1 .. (chance(25) ? 2 : 1))
	{
		next if exists $field{$name};
		($field{$name}, my $sql) = $operators{$name}->($v, $w);
		push @sql, "($sql)";
	}
	return (\%field, join ' AND ', @sql);
}

sub entry_name { my ($name) = @_; return $name =~ /^\$/ ? "\$$name" : $name }

sub random_entry
{
	my ($table, $where, $depth, $outer) = @_;
	if ($depth > 0 && chance(35))
	{
		my $group = pick('$and', '$or', '$not');
		return () if exists $where->{$group};
		my @parts = map { [ random_where($table, $depth - 1, $outer) ] } $group eq '$not' ? 1 : 1 .. between(0, 3);
		$where->{$group} = $group eq '$not' ? $parts[0][0] : [ map { $_->[0] } @parts ];
		return sub {
			my @sql = map { $_->[1]->(@_) } @parts;
			return "(NOT $sql[0])" if $group eq '$not';
			return $group eq '$and' ? 'true' : 'false' if !@sql;
			return '(' . join($group eq '$and' ? ' AND ' : ' OR ', @sql) . ')';
		};
	}
	return random_filter($table, $where, $depth, $outer) if @{ $table->{relations} // [] } && chance(30);
	return random_pivot($table, $where, $depth) if $table->{pivots} && chance(40);
	my $column = pick(@{ $table->{columns} });
	my $name = entry_name($column->{name});
	return random_column($table, $where, $column, $outer) if chance(6) && $column->{type}{order} && $column->{type}{name} ne 'json';
	return () if exists $where->{$name} || $column->{type}{name} eq 'point';
	($where->{$name}, my $sql) = random_field($table, $column, 2);
	return sub { my ($alias) = @_; return about($sql, $column, $alias) };
}

# another property of the same type, here or in the entity around
sub random_column
{
	my ($table, $where, $column, $outer) = @_;
	my $up = $outer && chance(60);
	my @others = grep { $_->{type} == $column->{type} } @{ ($up ? $outer : $table)->{columns} };
	my $name = entry_name($column->{name});
	return () if !@others || exists $where->{$name};
	my $other = pick(@others);
	my $path = $other->{name} =~ s/"/""/gr;
	my ($operator, $sign) = @{ pick([ '$eq', '=' ], [ '$ne', '<>' ], [ '$lt', '<' ], [ '$gte', '>=' ], [ '$same', 'IS NOT DISTINCT FROM' ], [ '$distinct', 'IS DISTINCT FROM' ]) };
	$where->{$name} = { $operator => { '$col' => ($up ? '^.' : '') . qq{"$path"} } };
	return sub {
		my ($alias, $around) = @_;
		return '(' . $alias . '.' . identifier($column->{name}) . " $sign " . ($up ? $around->[0] : $alias) . '.' . identifier($other->{name}) . ')';
	};
}

# columns of the junction, by which the rows of the table were reached
sub random_pivot
{
	my ($table, $where, $depth) = @_;
	return () if exists $where->{'$pivot'};
	($where->{'$pivot'}, my $sql) = random_where({ columns => $table->{pivots}, rows => $table->{pivot_rows} }, $depth - 1);
	return sub { my ($alias, $around, $junction) = @_; return $sql->($junction) };
}

# ---- relations ----

# rows of a relation: a function of the near alias and a list to select, with their condition
sub related
{
	my ($relation, $near, $around, $what, $condition) = @_;
	my ($far, $junction) = map { $_ . ++$aliases } 'f', 'g';
	my $on = sub { my ($f, $n, $links) = @_; return join ' AND ', map { "$f." . identifier($_->[1]{name}) . " = $n." . identifier($_->[0]{name}) } @$links };
	my $from = qualified($relation->{target}) . " $far";
	my $links = $relation->{meets} ? $relation->{meets}->($near, $far) : $on->($relation->{through} ? $junction : $far, $near, $relation->{links});
	$links .= ' AND ' . $relation->{chosen}->($near, $far) if $relation->{chosen};
	if ($relation->{through})
	{
		$from = qualified($relation->{through}) . " $junction, $from";
		$links .= ' AND ' . $on->($far, $junction, $relation->{far_links});
	}
	my $of_type = sub { my ($alias, $type) = @_; return $type ? " AND $alias." . identifier($type->{column}{name}) . ' = ' . literal($type->{alias}) : '' };
	$links .= $of_type->($relation->{through} ? $junction : $far, $relation->{type}) . $of_type->($near, $relation->{near_type});
	$condition = $condition ? $condition->($far, [ $near, $around ], $junction) : 'true';
	$what =~ s/\bFAR\b/$far/g;
	# what holds on the target's rows without a word
	$condition .= ' AND ' . $relation->{target}{unsaid}->($far) if $relation->{target}{unsaid};
	return "(SELECT $what FROM $from WHERE $links AND $condition)";
}

# The target as conditions see it: of a many-to-many with the junction's columns. Its own
# filters nest no deeper than a test has time for.
sub target_of
{
	my ($relation, $depth) = @_;
	my %target = %{ $relation->{target} };
	delete $target{relations} if $depth <= 0;
	return \%target if !$relation->{through} || !@{ $relation->{pivots} };
	return { %target, pivots => $relation->{pivots}, pivot_rows => $relation->{through}{rows} };
}

sub random_number_field
{
	my ($what) = @_;
	my ($name, $sign) = @{ pick([ '$gt', '>' ], [ '$gte', '>=' ], [ '$lt', '<' ], [ '$lte', '<=' ], [ '$eq', '=' ], [ '$ne', '<>' ]) };
	my $n = between(0, 3);
	return ({ $name => \"$n" }, "$what $sign $n");
}

sub random_quantifier
{
	my ($relation, $table, $depth) = @_;
	my $target = target_of($relation, $depth);
	my ($where, $sql) = random_where($target, $depth - 1, $table);
	my $name = pick(qw($some $none $every $count $count $aggregate));
	my $count = sub { return related($relation, $_[0], $_[1], 'count(*)', $sql) };
	return ($name, $where, sub { return $count->(@_) . ' > 0' }) if $name eq '$some';
	return ($name, $where, sub { return $count->(@_) . ' = 0' }) if $name eq '$none';
	return ($name, $where, sub { return $count->(@_) . ' = ' . related($relation, $_[0], $_[1], 'count(*)') }) if $name eq '$every';
	my ($field, $test) = random_number_field($x);
	if (chance(50)) { $field->{'$where'} = $where }
	else { $sql = undef }
	my $what = 'count(*)';
	if ($name eq '$aggregate')
	{
		my @columns = grep { $_->{type}{name} =~ /^(?:int[248]|money2|positive)$/ } @{ $target->{columns} };
		return random_quantifier($relation, $table, $depth) if !@columns;
		my $column = pick(@columns);
		$field->{function} = pick(qw(sum avg min max));
		$field->{property} = $column->{name};
		$what = "$field->{function}(FAR." . identifier($column->{name}) . ')';
	}
	return ($name, $field, sub { my $rows = related($relation, $_[0], $_[1], $what, $sql); return $test =~ s/$x/$rows/r });
}

# of a morph_to: some of its types, or one with a condition
sub random_types
{
	my ($relation, $table, $depth) = @_;
	my @branches = shuffled(@{ $relation->{branches} });
	@branches = @branches[ 0 .. between(0, $#branches) ];
	my %filter = ('$type' => @branches > 1 || chance(30) ? [ map { $_->{alias} } @branches ] : $branches[0]{alias});
	my $sql;
	($filter{'$is'}, $sql) = random_where(target_of($branches[0], $depth - 1), $depth - 1, $table) if @branches == 1 && chance(70);
	return (\%filter, sub { my @around = @_; return '(' . join(' OR ', map { related($_, @around[ 0, 1 ], 'count(*)', $sql) . ' > 0' } @branches) . ')' });
}

sub random_filter
{
	my ($table, $where, $depth) = @_;
	my $relation = pick(@{ $table->{relations} });
	my $name = entry_name($relation->{name});
	return () if exists $where->{$name};
	if ($relation->{branches})
	{
		($where->{$name}, my $sql) = random_types($relation, $table, $depth);
		return $sql;
	}
	my $count = sub { return related($relation, $_[0], $_[1], 'count(*)') };
	if (chance(25))
	{
		my $is = chance(50);
		$where->{$name} = $is ? \'true' : $relation->{many} || chance(50) ? \'false' : undef;
		return sub { return '(' . $count->(@_) . ($is ? ' > 0)' : ' = 0)') };
	}
	if ($relation->{many} && chance(60))
	{
		my ($quantifier, $operand, $sql) = random_quantifier($relation, $table, $depth - 1);
		$where->{$name} = { $quantifier => $operand };
		return sub { return '(' . $sql->(@_) . ')' };
	}
	($where->{$name}, my $sql) = random_where(target_of($relation, $depth - 1), $depth - 1, $table);
	return sub { return '(' . related($relation, $_[0], $_[1], 'count(*)', $sql) . ' > 0)' };
}

# A document, and a function that gives its SQL for an alias, those around it and that of a
# junction. "outer" is the table around, whose columns may be named.
sub random_where
{
	my ($table, $depth, $outer) = @_;
	my %where;
	my @parts = map { random_entry($table, \%where, $depth, $outer) } 1 .. (chance(5) ? 0 : between(1, 2));
	return (\%where, sub { my @names = @_; return @parts ? '(' . join(' AND ', map { $_->(@names) } @parts) . ')' : 'true' });
}

1;
