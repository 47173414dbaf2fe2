# A psql session that stays open: what one session keeps can be compared with
# what a fresh one finds.
package Session;
use strict;
use warnings;
use IPC::Run ();
use PostgreSQL::Test::Utils;

# Arguments: a node, and what else psql is to be told.
sub new
{
	my ($class, $node, @options) = @_;
	my $self = bless { in => '', out => '', err => '', number => 0 }, $class;
	$self->{harness} = IPC::Run::start(
		[ 'psql', '-XAtq', '-d', $node->connstr('postgres'), @options ],
		'<', \$self->{in}, '>', \$self->{out}, '2>', \$self->{err},
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return $self;
}

# Sends statements and returns what they gave, errors last.
sub query
{
	my ($self, $sql) = @_;
	$self->start($sql);
	return $self->finish;
}

# The same in two steps, between which there is time for something else.
sub start
{
	my ($self, $sql) = @_;
	my $marker = '-- done ' . ++$self->{number};
	$self->{$_} = '' for qw(out err);
	$self->{in} .= "$sql\n;\n\\echo '$marker'\n\\warn '$marker'\n";
	$self->{harness}->pump_nb while length $self->{in};
	return;
}

sub finish
{
	my ($self) = @_;
	my $marker = "-- done $self->{number}";
	$self->{harness}->pump until $self->{out} =~ /^\Q$marker\E\n/m && $self->{err} =~ /^\Q$marker\E\n/m;
	my $out = $self->{out} . $self->{err};
	$out =~ s/^\Q$marker\E\n//mg;
	$self->{failed} = $self->{err} =~ /^(psql:.*)?(ERROR|FATAL)/m ? 1 : 0;
	return $out;
}

sub close
{
	my ($self) = @_;
	$self->{in} .= "\\q\n";
	$self->{harness}->finish;
	return;
}

1;
