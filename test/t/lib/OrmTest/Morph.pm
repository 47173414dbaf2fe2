# Generates polymorphic relations: tables that lead to rows of one of several
# others, a junction that several share, and the declarations of both.
#
# The tables are as those of Schema; what they declare stands in "declared".
package OrmTest::Morph;

use strict;
use warnings;
use utf8;
use Exporter qw(import);
use OrmTest::Values;
use OrmTest::Schema qw(:DEFAULT new_table add_column add_key add_values add_foreign_key foreign_type foreign_value fill connect_rows);

our @EXPORT = qw(morph_schema declare_morphs);

# types of the type column, with values that are all different to them
my %aliases = (
	text => [ 'post', "it's", 'é "x"', 'a.b', '' ],
	varchar => [ 'post', 'Post', 'po%t' ],
	bpchar => [ 'a', 'ab', 'é' ],
	int4 => [ 1, 2, -5 ],
	mood => [ 'sad', 'a "b"', 'Émile' ],
	uuid => [ map { sprintf '%08x-0000-4000-a000-000000000000', $_ } 1 .. 3 ],
);

# A type column and the columns of a key, which a row may lack.
sub add_typed
{
	my ($table, $kind, @keys) = @_;
	return { type => add_column($table, type_named($kind)), ids => [ map { add_column($table, foreign_type($_->{type})) } @keys ] };
}

# Rows lead to one of the targets, to none of its rows, or are of an unknown or of no type.
sub set_typed
{
	my ($table, $typed, %targets) = @_;
	my @aliases = sort keys %targets;
	for my $row (@{ $table->{rows} })
	{
		my $alias = pick(@aliases);
		my $target = pick(@{ $targets{$alias}{rows} });
		my @keys = @{ $targets{$alias}{keys} };
		$row->{ $typed->{type}{name} } = chance(8) ? undef : chance(8) && $typed->{unknown} ? $typed->{unknown} : "$alias";
		for my $i (0 .. $#keys)
		{
			my $value = $target && !chance(6) ? foreign_value($target->{ $keys[$i]{name} }, $typed->{ids}[$i]{type}) : undef;
			$row->{ $typed->{ids}[$i]{name} } = $value;
		}
	}
	return;
}

# no two rows of a junction lead to the same pair: what would come first of two is not said
sub without_repeats
{
	my ($table, @columns) = @_;
	my %seen;
	$table->{rows} = [ grep { my $row = $_; !$seen{ join "\0", map { my $value = $row->{ $_->{name} } // 'NULL'; $value =~ s/\.0+$//r } @columns }++ } @{ $table->{rows} } ];
	return;
}

# Tables of one schema: two or three targets, one that leads to them, and a junction that
# leads from them to the last one.
sub morph_schema
{
	my ($schema) = @_;
	my %taken;
	my @shape = map { type_named(pick(qw(int4 int8 text uuid date))) } 1 .. (chance(30) ? 2 : 1);
	my $kind = pick(sort keys %aliases);
	my @aliases = shuffled(@{ $aliases{$kind} });
	my $unknown = @aliases > 2 ? pop @aliases : undef;
	my %targets;
	for my $alias (@aliases[ 0 .. (@aliases > 2 ? between(1, 2) : 1) ])
	{
		my $table = $targets{$alias} = new_table($schema, \%taken);
		push @{ $table->{keys} }, add_column($table, $_, notnull => 1, nth => 1) for @shape;
		add_values($table, 4);
		add_foreign_key($table, (grep { $_ != $table } map { $targets{$_} } sort keys %targets)[0]) if keys %targets > 1 && chance(50);
	}
	my @targets = map { $targets{$_} } sort keys %targets;
	my ($owner, $tag, $junction) = map { new_table($schema, \%taken) } 1 .. 3;
	add_key($_) for $owner, $tag;
	add_values($_, 4) for $owner, $tag;
	my $typed = add_typed($owner, $kind, @{ $targets[0]{keys} });
	push @{ $owner->{indexes} }, [ $typed->{type}, @{ $typed->{ids} } ] if chance(50);
	add_foreign_key($owner, pick(@targets)) if chance(40);

	push @{ $junction->{keys} }, add_column($junction, type_named('int4'), notnull => 1, nth => 1);
	my $shared = add_typed($junction, $kind, @{ $targets[0]{keys} });
	my $fk = add_foreign_key($junction, $tag);
	add_values($junction, 2);
	$_->{unknown} = $unknown for $typed, $shared;

	my @tables = (@targets, $owner, $tag, $junction);
	fill($_, chance(7) ? 0 : between(4, 15)) for @tables;
	connect_rows(@tables);
	set_typed($owner, $typed, %targets);
	set_typed($junction, $shared, %targets);
	without_repeats($junction, $shared->{type}, @{ $shared->{ids} }, @{ $fk->{from} });
	$_->{columns} = [ shuffled(@{ $_->{columns} }) ] for @tables;
	declared($owner, $typed, $tag, $junction, $shared, $fk, %targets);
	return @tables;
}

# ---- declarations ----

sub declared
{
	my ($owner, $typed, $tag, $junction, $shared, $fk, %targets) = @_;
	my @branches;
	for my $alias (sort keys %targets)
	{
		my $target = $targets{$alias};
		my $type = { column => $typed->{type}, alias => $alias };
		push @branches, { name => 'subject', target => $target, alias => "$alias", near_type => $type, links => pairs($typed->{ids}, $target->{keys}) };
		push @{ $target->{declared} }, { name => 'mörphs', of => $owner, many => 1, target => $owner, type => $type, links => pairs($target->{keys}, $typed->{ids}) };
		push @{ $target->{declared} }, { name => 'morph', of => $owner, first => 1, target => $owner, type => $type, links => pairs($target->{keys}, $typed->{ids}) };
		push @{ $target->{declared} }, { name => 'labels', target => $tag, through => $junction, many => 1, shared => $shared, fk => $fk,
			type => { column => $shared->{type}, alias => $alias }, links => pairs($target->{keys}, $shared->{ids}), far_links => pairs($fk->{from}, $fk->{to}),
			pivots => pivots($junction, @{ $fk->{from} }, $shared->{type}, @{ $shared->{ids} }) };
		push @{ $tag->{declared} }, { name => "of $alias", target => $target, through => $junction, many => 1, shared => $shared, fk => $fk,
			type => { column => $shared->{type}, alias => $alias }, links => pairs($fk->{to}, $fk->{from}), far_links => pairs($shared->{ids}, $target->{keys}),
			pivots => pivots($junction, @{ $fk->{from} }, $shared->{type}, @{ $shared->{ids} }), reversed => 1 };
	}
	push @{ $owner->{declared} }, { name => 'subject', branches => \@branches, typed => $typed };
	return;
}

sub pivots
{
	my ($junction, @linked) = @_;
	return [ grep { my $column = $_; !grep { $_ == $column } @linked } @{ $junction->{columns} } ];
}

sub list { return literal('{' . join(',', map { my $name = $_->{name} =~ s/([\\"])/\\$1/gr; qq{"$name"} } @_) . '}') }

sub declaration
{
	my ($table, $relation) = @_;
	my $start = literal($table->{entity}) . ', ' . literal($relation->{name});
	if ($relation->{branches})
	{
		my %types = map { $_->{alias} => $_->{target}{entity} } @{ $relation->{branches} };
		return "SELECT FROM orm.morph_to($start, " . join(', ', literal($relation->{typed}{type}{name}), list(@{ $relation->{typed}{ids} }), literal(json(\%types))) . ");\n";
	}
	$start .= ', ' . literal($relation->{target}{entity});
	return 'SELECT FROM orm.' . ($relation->{many} ? 'morph_many' : 'morph_one') . "($start, 'subject');\n" if $relation->{of};
	my ($junction, $shared, $fk) = @$relation{qw(through shared fk)};
	my $through = literal(qualified($junction));
	return "SELECT FROM orm.many_to_many($start, $through, " . join(', ', list(@{ $fk->{from} }), list(@{ $shared->{ids} })) .
	  ', condition => ' . literal(json({ '$pivot' => { pivot_name($shared->{type}) => "$relation->{type}{alias}" } })) . ");\n" if $relation->{reversed};
	return "SELECT FROM orm.morph_to_many($start, $through, " . join(', ', literal($shared->{type}{name}), list(@{ $shared->{ids} }), literal($relation->{type}{alias}),
		chance(50) ? 'NULL' : list(@{ $fk->{from} })) . ");\n";
}

sub pivot_name { my ($column) = @_; return $column->{name} =~ s/^\$/\$\$/r }

# what declares the relations of the tables, once these are entities: a morph_to before what leads back
sub declare_morphs
{
	my (@tables) = @_;
	my @all = map { my $table = $_; map { [ $table, $_ ] } @{ $table->{declared} // [] } } @tables;
	return join '', map { declaration(@$_) } (grep { $_->[1]{branches} } @all), grep { !$_->[1]{branches} } @all;
}

1;
